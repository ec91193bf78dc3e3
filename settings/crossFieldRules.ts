import type { Problem } from "./problems";
import { rules } from "./rules";
import type { Path, Settings } from "./schema";

const split = (key: string): Path => key.split(".");
const overlaps = (a: Path, b: Path): boolean =>
  a.slice(0, b.length).join(".") === b.slice(0, a.length).join(".");

/**
 * The mistakes between settings. `broken` are the paths that are wrong by themselves: their values are stand-ins,
 * so a rule that reads one of them is not asked.
 */
export function crossFieldProblems(
  settings: Settings,
  broken: readonly Path[],
  valueOf: (path: Path) => unknown,
): Problem[] {
  return rules
    .filter(({ reads }) => !reads.some((key) => broken.some((path) => overlaps(split(key), path))))
    .flatMap(({ reads, wrong }) => {
      const message = wrong(settings);
      const path = split(reads[0] ?? "");
      return message === undefined ? [] : [{ path, value: valueOf(path), message }];
    });
}
