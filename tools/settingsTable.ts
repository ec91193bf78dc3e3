import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsMarkdown } from "../settings/table";
import { withMarked } from "./marked";

/** Marks in the README between which the table of settings stands. */
export const START = "<!-- settings: written by `npm run docs` -->";
export const END = "<!-- settings: end -->";

const README = join(__dirname, "..", "README.md");

/** The README with the table as the schemas have it now. */
export const readmeWithTable = (readme: string): string => withMarked(readme, START, END, settingsMarkdown());

if (require.main === module) writeFileSync(README, readmeWithTable(readFileSync(README, "utf8")));
