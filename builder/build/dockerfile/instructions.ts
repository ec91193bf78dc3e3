import { CACHEABLE_INSTRUCTIONS } from "../../../contract/metrics";

export type CacheableName = (typeof CACHEABLE_INSTRUCTIONS)[number];

/** An instruction whose layer Kaniko can cache. */
export interface CacheableInstruction {
  name: CacheableName;
  /** The instruction on one line, spaces drawn together: how it is recognised in Kaniko's log. */
  text: string;
  /** Number of the stage, from 0, in the Dockerfile. */
  stage: number;
}

interface Stage {
  /** Name after AS, in lower case. */
  name: string | undefined;
  /** What FROM names. */
  base: string;
  instructions: { name: string; text: string }[];
}

/** The cacheable instructions of the stages that the last one needs: Kaniko builds no others. */
export function cacheableInstructions(dockerfile: string): CacheableInstruction[] {
  const stages = stagesOf(dockerfile);
  const used = usedStages(stages);
  return stages.flatMap(({ instructions }, stage) =>
    !used.has(stage)
      ? []
      : instructions.flatMap(({ name, text }) =>
          isCacheable(name) && !/^WORKDIR\s+["']?\/["']?$/.test(text) ? [{ name, text, stage }] : [],
        ),
  );
}

/** An instruction as it is compared. */
export const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

const isCacheable = (name: string): name is CacheableName =>
  (CACHEABLE_INSTRUCTIONS as readonly string[]).includes(name);

function usedStages(stages: readonly Stage[]): Set<number> {
  const used = new Set<number>();
  const indexOf = (reference: string, before: number): number => {
    const named = stages.findIndex(({ name }, index) => index < before && name === reference.toLowerCase());
    return named >= 0
      ? named
      : /^\d+$/.test(reference) && Number(reference) < before
        ? Number(reference)
        : -1;
  };
  const visit = (index: number): void => {
    const stage = stages[index];
    if (!stage || used.has(index)) return;
    used.add(index);
    visit(indexOf(stage.base, index));
    for (const { text } of stage.instructions)
      for (const [, from = ""] of text.matchAll(
        /(?:^(?:COPY|ADD)\b.*?\s--from=|--mount=\S*\bfrom=)([^\s,]+)/g,
      ))
        visit(indexOf(from, index));
  };
  visit(stages.length - 1);
  return used;
}

function stagesOf(dockerfile: string): Stage[] {
  const stages: Stage[] = [];
  for (const text of logicalLines(dockerfile)) {
    const [, word = "", rest = ""] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
    const name = word.toUpperCase();
    if (name === "FROM") {
      const [, base = "", as] = /^(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?/i.exec(rest) ?? [];
      stages.push({ name: as?.toLowerCase(), base, instructions: [] });
    } else stages.at(-1)?.instructions.push({ name, text: `${name} ${rest}` });
  }
  return stages;
}

/** Instructions on one line each: continuations joined, comments, directives and the bodies of here-documents left out. */
function logicalLines(dockerfile: string): string[] {
  const source = dockerfile.replace(/^\uFEFF/, "").split(/\r?\n/);
  const continued = /^#\s*escape\s*=\s*`\s*$/im.test(leadingComments(source)) ? /`[ \t]*$/ : /\\[ \t]*$/;
  const result: string[] = [];
  let pending = "";
  for (let index = 0; index < source.length; index += 1) {
    const line = source[index] ?? "";
    if (/^\s*(#|$)/.test(line)) continue;
    if (continued.test(line)) {
      pending += `${line.replace(continued, "")} `;
      continue;
    }
    const text = oneLine(pending + line);
    pending = "";
    if (text === "") continue;
    result.push(text);
    for (const { end, strip } of hereDocuments(text))
      for (index += 1; index < source.length; index += 1) {
        const body = source[index] ?? "";
        if ((strip ? body.replace(/^\t+/, "") : body) === end) break;
      }
  }
  if (oneLine(pending) !== "") result.push(oneLine(pending));
  return result;
}

const leadingComments = (source: readonly string[]): string => {
  const end = source.findIndex((line) => !/^\s*#/.test(line));
  return source.slice(0, end < 0 ? source.length : end).join("\n");
};

/** Here-documents that an instruction opens, in order. */
const hereDocuments = (text: string): { end: string; strip: boolean }[] =>
  /^(RUN|COPY|ADD)\b/i.test(text)
    ? [...text.matchAll(/(?<!<)<<(-?)(["']?)([A-Za-z_][A-Za-z0-9_.]*)\2/g)].map(([, dash, , end = ""]) => ({
        end,
        strip: dash === "-",
      }))
    : [];
