import type { z } from "zod";
import type { functionSpec } from "./function/spec";

/** A spec as a client writes it: without what the API server fills in. */
export type FunctionSpecInput = z.input<typeof functionSpec>;

const PREFIX = "parser-";

/** SRE-002's parsers are functions named `parser-<id>`: the prefix is put before an id that hasn't got it. */
export const parserName = (id: string): string => (id.startsWith(PREFIX) ? id : `${PREFIX}${id}`);

/** Where the source of a function lies of which only the name is known: in the platform's bucket. */
export const platformSource = (
  { namespace, name }: { namespace: string; name: string },
  { bucket, region }: { bucket: string; region: string },
): FunctionSpecInput["source"] => ({
  type: "s3",
  s3: { bucket, key: `${namespace}/${name}.tar.gz`, region },
});

/** The runtime of a parser whose event names none: the version is the platform's own, as its base image's tag says. */
export const parserRuntime = (pythonImage: string): FunctionSpecInput["runtime"] => ({
  language: "python",
  version: /:v?(\d+(?:\.\d+)*)[^/]*$/.exec(pythonImage.split("@")[0] ?? "")?.[1] ?? "3",
  handler: "main.handler",
});
