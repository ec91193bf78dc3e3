import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Something that a suite can't do without, with the reason to skip where it is missing. */
export interface Requirement {
  /** Undefined where it is there. */
  missing: string | undefined;
  /** Whether it may be missing also where REQUIRED=true. */
  optional?: boolean;
}

/** What no lab brings, and a machine may be without. */
export const optional = (requirement: Requirement): Requirement => ({ ...requirement, optional: true });

/** Where the first of some programs lies that is on the PATH; undefined where none is. */
export const pathOf = (...names: string[]): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

const onPath = (program: string): boolean => pathOf(program) !== undefined;

/** Programs on the PATH. */
export const programs = (...names: string[]): Requirement => {
  const missing = names.filter((name) => !onPath(name));
  return { missing: missing.length === 0 ? undefined : `no ${missing.join(", no ")} on the PATH` };
};

/** A cluster that answers at KUBECONFIG. */
export const cluster = (): Requirement => {
  if (process.env["KUBECONFIG"] === undefined) return { missing: "no KUBECONFIG" };
  if (!onPath("kubectl")) return { missing: "no kubectl on the PATH" };
  try {
    execFileSync("kubectl", ["get", "--raw", "/readyz", "--request-timeout=5s"], { stdio: "pipe" });
    return { missing: undefined };
  } catch {
    return { missing: "no answer from the cluster of KUBECONFIG" };
  }
};

/** An address that answers HTTP. Asked by a process of its own, as mocha must know its suites at once. */
export const address = (url: string): Requirement => {
  const ask = `fetch(${JSON.stringify(url)}, { signal: AbortSignal.timeout(3000) }).catch(() => process.exit(1))`;
  try {
    execFileSync(process.execPath, ["--eval", ask], { stdio: "pipe" });
    return { missing: undefined };
  } catch {
    return { missing: `no answer from ${url}` };
  }
};

/** An image that a registry without TLS has. */
export const image = (registry: string, repository: string, tag: string): Requirement => {
  const url = `http://${registry}/v2/${repository}/manifests/${tag}`;
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const ask = `fetch(${JSON.stringify(url)}, { headers: { accept: ${JSON.stringify(accept)} }, signal: AbortSignal.timeout(3000) })
    .then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
  try {
    execFileSync(process.execPath, ["--eval", ask], { stdio: "pipe" });
    return { missing: undefined };
  } catch {
    return { missing: `no ${repository}:${tag} in ${registry}` };
  }
};

/**
 * A suite that is skipped, with the reason in its title, where something that it requires is missing. Where the environment says
 * REQUIRED=true it fails instead: what is meant to be there must not be left out unseen.
 */
export function describeWith(requirements: readonly Requirement[], title: string, suite: () => void): void {
  const lacking = requirements.filter(({ missing }) => missing !== undefined);
  const missing = lacking.map(({ missing: reason }) => reason);
  if (missing.length === 0) describe(title, suite);
  else if (process.env["REQUIRED"] === "true" && !lacking.every((one) => one.optional === true))
    describe(title, () => {
      it("has what it requires", () => {
        throw new Error(missing.join("; "));
      });
    });
  else describe.skip(`${title} (skipped: ${missing.join("; ")})`, suite);
}
