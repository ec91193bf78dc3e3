import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface DockerCommand {
  arguments: string[];
  environment: Record<string, string>;
}

const DOCKERFILE = join(__dirname, "..", "..", "builder", "Dockerfile");

/** How the image starts the builder, so that what is measured is what is shipped: with the same flags and variables. */
export function dockerCommand(text = readFileSync(DOCKERFILE, "utf8")): DockerCommand {
  const last =
    text
      .replaceAll(/\\\n/g, " ")
      .split(/^FROM .*$/m)
      .at(-1) ?? "";
  const entry = /^ENTRYPOINT (\[.*\])$/m.exec(last)?.[1];
  if (entry === undefined) throw new Error("builder/Dockerfile has no ENTRYPOINT as a list");
  const environment = [...last.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs = ""]) => [
    ...pairs.matchAll(/(\w+)=(\S+)/g),
  ]);
  return {
    arguments: JSON.parse(entry) as string[],
    environment: Object.fromEntries(environment.map(([, name = "", value = ""]) => [name, value])),
  };
}
