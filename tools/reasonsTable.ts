import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AUTHOR_REASONS, PLATFORM_REASONS } from "../contract/function/reasons";
import { withMarked } from "./marked";

export const PAGE = join(__dirname, "..", "docs", "functions.md");
const TABLES = {
  author: { reasons: AUTHOR_REASONS, heading: "what to do" },
  platform: { reasons: PLATFORM_REASONS, heading: "what is the case" },
} as const;

/** The page with the tables of reasons as the contract has them. */
export const pageWithReasons = (page: string): string =>
  Object.entries(TABLES).reduce((text, [name, { reasons, heading }]) => {
    const rows = Object.entries(reasons).map(([reason, words]) => `| \`${reason}\` | ${words} |`);
    const table = [`| reason | ${heading} |`, "| --- | --- |", ...rows].join("\n");
    const start = `<!-- ${name} reasons: written by \`npm run docs\` -->`;
    return withMarked(text, start, `<!-- ${name} reasons: end -->`, table);
  }, page);

if (require.main === module) writeFileSync(PAGE, pageWithReasons(readFileSync(PAGE, "utf8")));
