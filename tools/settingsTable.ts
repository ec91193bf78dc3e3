import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsMarkdown } from "../settings/table";

/** Marks in the README between which the table of settings stands. */
export const START = "<!-- settings: written by `npm run docs` -->";
export const END = "<!-- settings: end -->";

const README = join(__dirname, "..", "README.md");

/** The README with the table as the schemas have it now. */
export function readmeWithTable(readme: string): string {
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start < 0 || end < start) throw new Error(`the README has no ${START} … ${END}`);
  return `${readme.slice(0, start + START.length)}\n\n${settingsMarkdown()}\n\n${readme.slice(end)}`;
}

if (require.main === module) writeFileSync(README, readmeWithTable(readFileSync(README, "utf8")));
