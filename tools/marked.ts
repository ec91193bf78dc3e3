/**
 * A page with another text between two of its marks.
 * @throws Error where the page has not both, in this order
 */
export function withMarked(page: string, start: string, end: string, text: string): string {
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${start} … ${end}`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}
