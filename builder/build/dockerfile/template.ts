import type { Bases } from "../baseImage";
import type { Handler } from "../handler";
import type { PackageIndexes } from "../packageIndexes";
import type { IgnoreInput } from "./ignore";

/** What every language's template knows of the build. */
export interface TemplateInput {
  handler: Handler;
  /** By digest. */
  bases: Bases;
  indexes: PackageIndexes;
}

export interface Template {
  dockerfile: string;
  /** What the image doesn't need, and what the Dockerfile copies by name. */
  ignore: Omit<IgnoreInput, "own">;
  /** Files beside the source, by path below {@link PLATFORM_FOLDER}. */
  platformFiles: Readonly<Record<string, string>>;
}

/** Nobody in particular, as distroless images number it: by number, so that Kubernetes can tell that it isn't root. */
export const NOBODY = "65532:65532";

/** One instruction a line; those that are `undefined` are not there. */
export const instructions = (lines: readonly (string | undefined)[]): string =>
  lines.flatMap((line) => (line === undefined ? [] : [`${line}\n`])).join("");

/** A RUN of several commands, of which the first that fails fails it. */
export const run = (commands: readonly (string | undefined)[]): string =>
  `RUN ${commands.filter((command) => command !== undefined).join(" && \\\n    ")}`;

/** Variables of the image. Values are the platform's, or checked: letters, digits and `._/-`. */
export function environment(values: Readonly<Record<string, string>>): string {
  for (const [name, value] of Object.entries(values))
    if (!/^[\w./:$-]+$/.test(value))
      throw new Error(`${name} has a value that a Dockerfile would read otherwise`);
  return `ENV ${Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ")}`;
}
