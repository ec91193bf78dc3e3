/** One figure over several runs. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** @throws RangeError on no values, or one that is no number */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const median = Number.isInteger(middle) ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle));
  if (sorted.length === 0 || values.some((value) => !Number.isFinite(value)))
    throw new RangeError(`${JSON.stringify(values)} are no figures`);
  return { median: rounded(median), least: rounded(at(0)), most: rounded(at(sorted.length - 1)) };
}

/** Three decimals: more would be noise. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;
