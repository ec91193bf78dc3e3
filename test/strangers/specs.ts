/** Specs to be hostile with: each is the harmless one, but for what it is asked for. */

export interface HostileSpec {
  /** As a test's name goes on: "refuses a spec …". */
  what: string;
  spec: unknown;
  /** Path of the field that the refusal names, below the spec; "" for the spec itself. */
  field: string;
  /** What the API server says, where it isn't the field's path below `spec`. */
  api?: RegExp;
}

export const RUNTIME = { language: "python", version: "3.13", handler: "main.handler" };
export const INLINE = { type: "inline", inline: { code: "def handler(data): return data" } };
export const GIT = { url: "https://git.example.com/team/functions.git" };
export const GOOD = { source: INLINE, runtime: RUNTIME };

/** A spec that all of them take: what is hostile about the others is the one thing that differs. */
export const HARMLESS_SPEC: Readonly<Record<string, unknown>> = GOOD;

export const source = (type: unknown, more: Record<string, unknown>) => ({
  ...GOOD,
  source: { type, ...more },
});
export const git = (more: Record<string, unknown>) => source("git", { git: { ...GIT, ...more } });
export const s3 = (more: Record<string, unknown>) =>
  source("s3", { s3: { bucket: "code", key: "k", ...more } });
export const minio = (more: Record<string, unknown>) =>
  source("minio", { minio: { bucket: "code", key: "k", ...more } });
export const image = (more: Record<string, unknown>) =>
  source("image", { image: { repository: "registry.example.com/a", ...more } });
export const runtime = (more: Record<string, unknown>) => ({ ...GOOD, runtime: { ...RUNTIME, ...more } });
export const scaling = (more: Record<string, unknown>) => ({ ...GOOD, scaling: more });
export const build = (more: Record<string, unknown>) => ({ ...GOOD, build: more });
export const resources = (more: Record<string, unknown>) => ({ ...GOOD, resources: more });
export const env = (...variables: unknown[]) => ({ ...GOOD, env: variables });
export const own = (text: string): unknown => JSON.parse(text) as unknown;
