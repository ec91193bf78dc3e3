import type { Changes } from "./compare";
import type { Report } from "./report";

/** A report as JSON. What can't be known is null. */
export const json = (report: Report, changes?: Changes): string =>
  JSON.stringify(
    { ...report, ...(changes === undefined ? {} : { changes }) },
    (_key, value: unknown) => (value === undefined ? null : value),
    2,
  );
