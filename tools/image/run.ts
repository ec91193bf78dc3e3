import { execFileSync, spawn } from "node:child_process";
import { BUILDERS, type Command, type ImageBuilder } from "./plan";

/**
 * The first of docker, podman and buildah that works here: a docker without its daemon doesn't.
 * @throws Error
 */
export function findBuilder(works: (builder: ImageBuilder) => boolean = answers): ImageBuilder {
  const found = BUILDERS.find(works);
  if (found === undefined)
    throw new Error(`an image is built by ${BUILDERS.join(", ")}, and none of them works here; install one`);
  return found;
}

const answers = (builder: ImageBuilder): boolean => {
  try {
    execFileSync(builder, ["info"], { stdio: "ignore", timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
};

/**
 * Runs a program with this one's output.
 * @param input for its standard input
 * @throws Error where it ends with another code than 0
 */
export function run([program = "", ...args]: Command, directory: string, input?: string): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      cwd: directory,
      stdio: [input === undefined ? "ignore" : "pipe", "inherit", "inherit"],
    });
    child.once("error", failed);
    child.once("close", (code, signal) => {
      if (code === 0) done();
      else failed(new Error(`${program} ${args[0] ?? ""} ended with ${signal ?? `code ${code ?? 1}`}`));
    });
    child.stdin?.end(input);
  });
}
