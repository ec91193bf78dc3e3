/** To two places, for figures in a sentence. */
export const round = (value: number): number => Math.round(value * 100) / 100;

/** US dollars with cents, and with more places where a price has them. */
export const dollars = (usd: number): string => {
  const text = String(Number(usd.toFixed(6)));
  return `$${/\.\d{3,}$/.test(text) && usd < 1 ? text : usd.toFixed(2)}`;
};

/** How many of something there are on average that comes so many times a day and lasts so many seconds. */
export const onAverage = (timesPerDay: number, seconds: number): number => (timesPerDay * seconds) / 86_400;

/** `1 pod`, `2 pods`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
