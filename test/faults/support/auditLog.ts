import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { BUILDER, SYSTEM_NAMESPACE } from "../../../contract/names";
import type { Requirement } from "../../support/requirements";

/** One request, as the API server's audit log has it. */
export interface Audited {
  verb: string;
  requestURI: string;
  user: { username: string };
  objectRef?: {
    apiGroup?: string;
    resource: string;
    subresource?: string;
    namespace?: string;
    name?: string;
  };
  responseStatus?: { code: number };
}

const BUILDERS_USER = `system:serviceaccount:${SYSTEM_NAMESPACE}:${BUILDER}`;

/** The lab's own: metadata of all requests, a line each as they are answered. */
const file = (): string => join(process.env["LAB_HOME"] ?? "", "run", "audit.log");

/** An API server whose audit log can be read. */
export const auditLog = (): Requirement => ({
  missing: existsSync(file())
    ? undefined
    : "no audit log of the API server that could be read ($LAB_HOME/run/audit.log)",
});

/** Where the log ends now. */
export const endOfAuditLog = (): number => statSync(file()).size;

/**
 * What builders have asked since.
 * @throws Error where the log was begun anew meanwhile, so that what came before is not in it
 */
export function askedByBuilders(since: number): Audited[] {
  const size = endOfAuditLog();
  if (size < since) throw new Error("the audit log was begun anew meanwhile");
  const bytes = Buffer.alloc(size - since);
  const log = openSync(file(), "r");
  try {
    for (let read = 0; read < bytes.length;)
      read += readSync(log, bytes, read, bytes.length - read, since + read);
  } finally {
    closeSync(log);
  }
  return bytes
    .toString()
    .split("\n")
    .filter((line) => line.includes(BUILDERS_USER))
    .map((line) => JSON.parse(line) as Audited);
}
