import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
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
const folder = (): string => join(process.env["LAB_HOME"] ?? "", "run");
const CURRENT = "audit.log";

/** A place in the log. */
export interface Place {
  inode: number;
  offset: number;
}

/** An API server whose audit log can be read. */
export const auditLog = (): Requirement => ({
  missing: existsSync(join(folder(), CURRENT))
    ? undefined
    : "no audit log of the API server that could be read ($LAB_HOME/run/audit.log)",
});

/** Where the log ends now. */
export function endOfAuditLog(): Place {
  const { ino, size } = statSync(join(folder(), CURRENT));
  return { inode: ino, offset: size };
}

/**
 * What builders have asked since. A log that has grown too long is put aside under another name meanwhile, and a new one begun.
 * @throws Error where the one that was put aside is not kept any more
 */
export function askedByBuilders(since: Place): Audited[] {
  const files = readdirSync(folder())
    .filter((name) => name === CURRENT || /^audit-.*\.log$/.test(name))
    .map((name) => ({ name, inode: statSync(join(folder(), name)).ino }));
  const first = files.find(({ inode }) => inode === since.inode);
  if (first === undefined) throw new Error("the audit log of then is not kept any more");
  const text = [read(first.name, since.offset), ...(first.name === CURRENT ? [] : [read(CURRENT, 0)])].join(
    "",
  );
  return (
    text
      .split("\n")
      // What follows the last end of a line is being written.
      .slice(0, -1)
      .filter((line) => line.includes(BUILDERS_USER))
      .map((line) => JSON.parse(line) as Audited)
  );
}

function read(name: string, from: number): string {
  const path = join(folder(), name);
  const bytes = Buffer.alloc(statSync(path).size - from);
  const log = openSync(path, "r");
  try {
    for (let at = 0; at < bytes.length;) at += readSync(log, bytes, at, bytes.length - at, from + at);
  } finally {
    closeSync(log);
  }
  return bytes.toString();
}
