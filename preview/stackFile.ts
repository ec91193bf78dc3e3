import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { closest } from "fastest-levenshtein";
import { parseDocument } from "yaml";
import { PROJECT } from "../settings";
import { schema } from "../settings/schema";
import { setValue } from "./setValue";
import { UsageError } from "./usageError";

/** Names of settings, which have no meaning outside `config`. */
const SETTINGS = new Set(Object.keys(schema.shape));
/** Namespaces of configuration that something reads: the project's, and those of the providers. */
const NAMESPACES = [PROJECT, "aws", "kubernetes", "pulumi"];

/** What stands for a secret: the preview has no key to decrypt it with. */
export const SECRET = "[secret]";

/** Configuration by full key, as `knative-lambda:builderService`, with structured values. */
export type Config = Record<string, unknown>;

/** A stack's configuration, with where each part of it comes from. */
export interface StackFile {
  stack: string;
  /** Every value as it counts: the project's, over it the stack file's, over that each `--set`. */
  config: Config;
  /** Keys whose value is a secret or holds one. */
  secretKeys: string[];
  /** Keys that the stack file itself has. */
  inStackFile: Config;
  /** The settings named by `--set`, as `knative-lambda:builderService.kanikoJobLimit`. */
  set: string[];
}

/**
 * Reads Pulumi.yaml and Pulumi.<stack>.yaml as the engine does: a declared default counts where the stack file says nothing,
 * and a key without a namespace is the project's.
 * @param sets `key=value` of each `--set`, in order
 * @throws UsageError
 */
export function readStackFile(directory: string, stack: string, sets: readonly string[] = []): StackFile {
  const project = readYaml(
    join(directory, "Pulumi.yaml"),
    "there is no Pulumi.yaml here; run it in the project's folder",
  );
  const path = join(directory, `Pulumi.${stack}.yaml`);
  const own = secretsOf(
    namespaced(
      readYaml(
        path,
        `there is no Pulumi.${stack}.yaml; the stacks here are ${stacksIn(directory).join(", ")}`,
      ),
    ),
  );
  const config: Config = { ...declared(project), ...own.config };
  for (const [key, value] of Object.entries(config)) {
    const [namespace = ""] = key.split(":");
    if (!NAMESPACES.includes(namespace))
      throw new UsageError(
        `Pulumi.${stack}.yaml: nothing reads ${key}; did you mean ${closest(namespace, NAMESPACES)}:${key.slice(namespace.length + 1)}?`,
      );
    if (value === undefined)
      throw new UsageError(`${key} is missing in Pulumi.${stack}.yaml, and Pulumi.yaml declares no default`);
  }
  const file: StackFile = { stack, config, secretKeys: own.secretKeys, inStackFile: own.config, set: [] };
  return sets.reduce((before, set) => setValue(before, set), file);
}

/** The stacks that have a file in a folder. */
export const stacksIn = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? [] : (/^Pulumi\.(.+)\.yaml$/.exec(entry.name)?.[1] ?? [])))
    .sort();

/** A key with its namespace; `:config:` in the middle is how it was once written. */
export const fullKey = (key: string): string =>
  key.includes(":") ? key.replace(":config:", ":") : `${PROJECT}:${key}`;

/** The `config` of a YAML file. */
function readYaml(path: string, missing: string): Config {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw new UsageError(missing);
  const document = parseDocument(readFileSync(path, "utf8"));
  const refuse = (messages: readonly string[]): void => {
    if (messages.length > 0)
      throw new UsageError(messages.map((message) => `${basename(path)}: ${message}`).join("\n"));
  };
  // The first alone: what follows it is often no mistake of its own.
  refuse(document.errors.slice(0, 1).map(({ message }) => (message.split("\n")[0] ?? "").replace(/:$/, "")));
  const content: unknown = document.toJS();
  if (content !== null && content !== undefined && !isMapping(content))
    throw new UsageError(`${basename(path)}: is not a mapping; settings stand below config:`);
  refuse(
    Object.keys(content ?? {})
      .filter((key) => key.includes(":") || SETTINGS.has(key))
      .map((key) => `${key} stands beside config:, where nothing reads it; move it below`),
  );
  const config = content?.["config"] ?? {};
  if (!isMapping(config)) throw new UsageError(`${basename(path)}: config is not a mapping`);
  return config;
}

const namespaced = (config: Config): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [fullKey(key), value]));

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What Pulumi.yaml gives every stack; undefined for a key that it declares without a value. */
function declared(project: Config): Config {
  return Object.fromEntries(
    Object.entries(project).map(([key, declaration]) => [
      fullKey(key),
      isMapping(declaration) ? (declaration["value"] ?? declaration["default"]) : declaration,
    ]),
  );
}

/** `{secure: …}`, at any depth, made {@link SECRET}. */
function secretsOf(config: Config): { config: Config; secretKeys: string[] } {
  const secretKeys = new Set<string>();
  const open = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((item) => open(key, item));
    if (!isMapping(value)) return value;
    if (Object.keys(value).length === 1 && typeof value["secure"] === "string") {
      secretKeys.add(key);
      return SECRET;
    }
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, open(key, item)]));
  };
  const opened = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, open(key, value)]));
  return { config: opened, secretKeys: [...secretKeys] };
}
