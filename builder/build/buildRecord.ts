import { z } from "zod";
import { LABELS } from "../../contract/labels";
import { CACHEABLE_INSTRUCTIONS } from "../../contract/metrics";
import { API_GROUP } from "../../contract/names";

/** The annotation of a build's Job that says what it builds. */
export const BUILD_ANNOTATION = `${API_GROUP}/build-record`;

const whole = z.int().min(0);

/** What a build's Job is for, written once with it: all that another replica needs to carry on. */
const buildRecord = z.object({
  namespace: z.string(),
  name: z.string(),
  /** UID of the function's object: one of the same name that was made anew is another. */
  uid: z.string(),
  /** Generation of the spec from which it was decided. */
  generation: whole,
  attempt: whole.min(1),
  buildHash: z.string(),
  contextHash: z.string(),
  /** Repository and tag that the build pushes to. */
  image: z.string(),
  templateVersion: whole,
  ownDockerfile: z.boolean(),
  /** Whether the layer cache is on: only then are there requests to it. */
  cache: z.boolean(),
  kanikoImage: z.string(),
  /** For the share of cache hits, once the log is there. */
  cacheable: z.array(z.object({ name: z.enum(CACHEABLE_INSTRUCTIONS), text: z.string(), stage: whole })),
  correlationId: z.string().optional(),
});

export type BuildRecord = z.output<typeof buildRecord>;

interface Annotated {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
}

export const writeRecord = (record: BuildRecord): Record<string, string> => ({
  [BUILD_ANNOTATION]: JSON.stringify(record),
});

/** The record of a build's Job; undefined for one that is none of ours, or whose annotation somebody has changed. */
export function readRecord({ metadata }: Annotated): BuildRecord | undefined {
  const text = metadata?.annotations?.[BUILD_ANNOTATION];
  if (text === undefined || metadata?.labels?.[LABELS.build] !== "true") return undefined;
  try {
    const parsed = buildRecord.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Labels of a build's Job and pod. */
export const buildLabels = ({
  namespace,
  name,
}: {
  namespace: string;
  name: string;
}): Record<string, string> => ({
  [LABELS.build]: "true",
  [LABELS.function]: name,
  [LABELS.functionNamespace]: namespace,
});

/** Selects what is labelled so: the Jobs and pods of one function's builds. */
export const buildSelector = (of: { namespace: string; name: string }): string =>
  Object.entries(buildLabels(of))
    .map(([label, value]) => `${label}=${value}`)
    .join(",");
