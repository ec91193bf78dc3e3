import type { KubernetesObject } from "../../support/kubectl";
import type { Moment } from "../../support/history";

/**
 * What has to be true of the platform from outside, whatever happened to it. It knows the API server's objects and the registry's contents, and
 * nothing of how the builder comes by them.
 */

const DESTINATION = "--destination=";

/** What the API server took last for one function. */
export interface Accepted {
  namespace: string;
  name: string;
  /** The source's one file. */
  code: string;
}

export interface FunctionObject extends KubernetesObject {
  spec: { source: { inline: { code: string } } };
  status?: {
    phase?: string;
    observedGeneration?: number;
    buildStatus?: { digest?: string; imageURI?: string; templateVersion?: number };
    serviceStatus?: { latestRevision?: string };
    conditions?: { type: string; status: string; reason: string; message: string }[];
  };
}

export interface ServiceObject extends KubernetesObject {
  spec: { template: { spec: { containers: { image: string }[] } } };
}

export interface JobObject extends KubernetesObject {
  spec: { suspend?: boolean; template: { spec: { containers: { args?: string[] }[] } } };
  status?: { conditions?: { type: string; status: string }[] };
}

/** A registry as one can ask it. */
export interface Images {
  tags: (repository: string) => string[];
  digest: (repository: string, tag: string) => string | undefined;
  contents: (repository: string, reference: string) => string | undefined;
}

export interface Settled {
  accepted: readonly Accepted[];
  functions: readonly FunctionObject[];
  services: readonly ServiceObject[];
  configMaps: readonly KubernetesObject[];
  images: Images;
  /** `host/path`, which the namespace follows. */
  repository: string;
}

/** Every accepted function is Ready with what was accepted last, and served by the digest of an image that holds just that. */
export function unserved({ accepted, functions, services, images, repository }: Settled): string[] {
  const of = <T extends KubernetesObject>(
    objects: readonly T[],
    { namespace, name }: Accepted,
  ): T | undefined =>
    objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  return accepted.flatMap((wanted) => {
    const wrong = (what: string): string[] => [`${wanted.namespace}/${wanted.name}: ${what}`];
    const found = of(functions, wanted);
    if (found === undefined) return wrong("is gone");
    const { spec, status = {}, metadata } = found;
    if (spec.source.inline.code !== wanted.code) return wrong("has not the spec that was accepted last");
    if (status.phase !== "Ready" || status.observedGeneration !== metadata.generation)
      return wrong(
        `is ${status.phase ?? "without a phase"} at generation ${status.observedGeneration ?? 0} of ${metadata.generation ?? 0}: ${JSON.stringify(status.conditions)}`,
      );
    const digest = status.buildStatus?.digest ?? "";
    const path = `${repository}/${wanted.namespace}`;
    const contents = images.contents(path.slice(path.indexOf("/") + 1), digest);
    if (contents === undefined) return wrong(`the registry has no ${digest}`);
    if (contents !== wanted.code.trimEnd()) return wrong(`${digest} was built of another source`);
    const image = of(services, wanted)?.spec.template.spec.containers[0]?.image;
    return image === `${path}@${digest}`
      ? []
      : wrong(`its Service runs ${image ?? "nothing"}, not ${digest}`);
  });
}

/**
 * No image in the registry of which no record speaks: a status, a ConfigMap, or the Job that made it, which stays for a while. Tags that keep
 * an image from being expired are no images of their own; and what a build had pushed as it was cancelled, for its spec was another by then, is
 * nobody's: the registry's rules expire it.
 */
export function unrecorded(
  { accepted, functions, configMaps, images, repository }: Settled,
  moments: readonly Moment<JobObject>[],
): string[] {
  const spoken = JSON.stringify([functions.map(({ status }) => status), configMaps.map(({ data }) => data)]);
  const last = new Map(moments.map((moment) => [moment.object.metadata.name, moment]));
  const known = new Set(
    [...last.values()]
      .filter(({ type, object }) => type !== "DELETED" || !hasEnded(object))
      .map(({ object }) => imageOf(object)),
  );
  return [...new Set(accepted.map(({ namespace }) => namespace))].flatMap((namespace) => {
    const path = `${repository}/${namespace}`;
    const inRegistry = path.slice(path.indexOf("/") + 1);
    return images.tags(inRegistry).flatMap((tag) => {
      const digest = images.digest(inRegistry, tag) ?? "";
      return spoken.includes(digest) || known.has(`${path}:${tag}`)
        ? []
        : [`${inRegistry}:${tag} (${digest}) is in no record`];
    });
  });
}

/** Where a build's Job pushes to. */
export const imageOf = ({ spec }: JobObject): string =>
  (spec.template.spec.containers[0]?.args ?? [])
    .find((arg) => arg.startsWith(DESTINATION))
    ?.slice(DESTINATION.length) ?? "";

const says = ({ status }: JobObject, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;

export const hasFailed = (job: JobObject): boolean => says(job, "Failed");
export const hasSucceeded = (job: JobObject): boolean => says(job, "Complete");

/** Whether a Job has come to its end. */
export const hasEnded = (job: JobObject): boolean => hasSucceeded(job) || hasFailed(job);

/** Two Jobs that were there at once, not ended, and pushed to the same place: one of them was for nothing, or worse. */
export function doubled(moments: readonly Moment<JobObject>[]): string[] {
  const active = new Map<string, Set<string>>();
  const found = new Set<string>();
  for (const { type, object } of moments) {
    const image = imageOf(object);
    const jobs = active.get(image) ?? new Set();
    active.set(image, jobs);
    if (type === "DELETED" || hasEnded(object)) jobs.delete(object.metadata.name);
    else jobs.add(object.metadata.name);
    if (jobs.size > 1) found.add(`${[...jobs].sort().join(" and ")} at once for ${image}`);
  }
  return [...found];
}

/** What is there and was not before: `kind namespace/name` of each object, and the registry's tags that keep images. */
export const leaked = (before: readonly string[], after: readonly string[]): string[] =>
  after.filter((name) => !before.includes(name));
