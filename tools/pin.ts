import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseDocument } from "yaml";
import { type ImageReference, pathText, PROJECT, readImageReference } from "../settings";
import { IMAGE_SETTINGS } from "../settings/images";
import { type Path, schema } from "../settings/schema";
import { dockerLogin, resolveDigest } from "./registry";

const USAGE = `npm run pin -- --stack NAME | --file Pulumi.NAME.yaml

  Asks the registries for the digest of each image that the stack file names,
  or takes by default, and writes it there beside the tag.`;

/** What became of one image of a stack file. */
export interface Pinned {
  setting: string;
  before: string;
  /** The image with its tag's digest; undefined where it could not be had. */
  after: string | undefined;
  /** Why not. */
  reason: string | undefined;
}

/**
 * Resolves every image that a stack file names, or takes by default, at its registry.
 * @param resolve answers the digest of a tag
 * @returns the file's new text, comments and order kept, and what became of each image
 */
export async function pin(
  text: string,
  resolve: (image: ImageReference, insecure: boolean) => Promise<string>,
): Promise<{ text: string; images: Pinned[] }> {
  const file = parseDocument(text);
  const at = (path: Path): (string | number)[] => ["config", `${PROJECT}:${path[0] ?? ""}`, ...path.slice(1)];
  const defaults = schema.parse({});
  const valueOf = (path: Path): unknown =>
    file.getIn(at(path)) ??
    path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], defaults);
  const own = valueOf(["imageRepositories", "registry"]);
  const insecure = valueOf(["imageRepositories", "insecure"]) === true;

  const images: Pinned[] = [];
  for (const path of IMAGE_SETTINGS) {
    const before = valueOf(path);
    if (typeof before !== "string") continue;
    const reference = readImageReference(before);
    if (typeof reference === "string") {
      images.push({ setting: pathText(path), before, after: undefined, reason: reference });
      continue;
    }
    const { registry, repository, tag } = reference;
    // A digest without a tag says exactly what it means; there is nothing to look up.
    if (tag === undefined) continue;
    try {
      const digest = await resolve(reference, insecure && registry === own);
      const after = `${registry}/${repository}:${tag}@${digest}`;
      file.setIn(at(path), after);
      images.push({ setting: pathText(path), before, after, reason: undefined });
    } catch (error) {
      images.push({ setting: pathText(path), before, after: undefined, reason: (error as Error).message });
    }
  }
  return { text: String(file), images };
}

/** @returns the exit code: 0, 1 where a digest could not be had, 2 where the arguments are wrong */
async function main(): Promise<number> {
  const values = options();
  if (typeof values === "string") {
    console.error(`${values}\n\n${USAGE}`);
    return 2;
  }
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const path = values.file ?? (values.stack === undefined ? undefined : `Pulumi.${values.stack}.yaml`);
  if (path === undefined) {
    console.error(USAGE);
    return 2;
  }
  if (!existsSync(path)) {
    console.error(`there is no ${path}\n\n${USAGE}`);
    return 2;
  }
  const before = readFileSync(path, "utf8");
  const { text, images } = await pin(before, (image, insecure) =>
    resolveDigest(image, { insecure, login: dockerLogin(image.registry) }),
  );
  if (text !== before) writeFileSync(path, text);
  for (const { setting, before: was, after, reason } of images) {
    if (after === undefined) console.error(`${path}: ${setting} stays ${was}: ${reason ?? ""}`);
    else console.log(`${path}: ${setting} ${after === was ? "is" : "becomes"} ${after}`);
  }
  return images.some(({ after }) => after === undefined) ? 1 : 0;
}

function options() {
  try {
    return parseArgs({
      options: { stack: { type: "string" }, file: { type: "string" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
}

if (require.main === module) {
  main().then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      console.error((error as Error).message);
      process.exitCode = 1;
    },
  );
}
