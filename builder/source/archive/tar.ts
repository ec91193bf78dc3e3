import { extract, type Extract, type Header } from "tar-stream";
import { InfrastructureError, UserError } from "../../types";
import { shown } from "../sourcePath";
import { type Bytes } from "../streams";
import { type TreeWriter } from "../treeWriter";
import { boundedHeaders } from "./tarHeaders";

const EXECUTABLE = 0o111;
const SETUID_SETGID = 0o6000;

/** Attributes that would change what a file may do or what its contents are. Others (a Mac's, a user's) are left behind. */
const REFUSED_ATTRIBUTES = [
  { prefix: "SCHILY.xattr.security.capability", what: "carries file capabilities" },
  { prefix: "GNU.sparse.", what: "is stored as a sparse file" },
] as const;

/** A header as it is read: the kind may be one that has no name, and the target of a link may be missing. */
type Read = Omit<Header, "type" | "linkname"> & { type: Header["type"] | null; linkname: string | null };

/** What is wrong with an entry, or undefined. */
function wrongWith({ type, mode, pax }: Read): string | undefined {
  switch (type) {
    case "file":
    case "contiguous-file":
      // A folder's bits are of no use to anyone: only a file's are refused.
      if ((mode & SETUID_SETGID) !== 0) return "is setuid or setgid";
      break;
    case "directory":
    case "symlink":
      break;
    case "link":
      return "is a hard link; make the archive with tar --hard-dereference";
    case "character-device":
    case "block-device":
    case "fifo":
      return `is a ${type.replace("-", " ")}, not a file`;
    default:
      return "is of a kind that tar's standard doesn't know";
  }
  const attributes = Object.keys(pax ?? {});
  return REFUSED_ATTRIBUTES.find(({ prefix }) => attributes.some((name) => name.startsWith(prefix)))?.what;
}

/** Unpacks a tar archive into a tree. */
export async function readTar(stream: Bytes, tree: TreeWriter): Promise<void> {
  const reader = extract();
  let upstream: unknown;
  const bounded = boundedHeaders(stream, (message) => tree.error(message));
  const feeding = feed(bounded, reader).catch((error: unknown) => {
    upstream = error;
    reader.destroy(error as Error);
  });
  try {
    for await (const entry of reader) {
      const header: Read = entry.header;
      const wrong = wrongWith(header);
      if (wrong !== undefined) throw tree.error(`${shown(header.name)} ${wrong}`);
      if (header.type === "directory") tree.folder(header.name);
      else if (header.type === "symlink") tree.link(header.name, header.linkname ?? "");
      else
        await tree.file(
          header.name,
          { executable: (header.mode & EXECUTABLE) !== 0, size: header.size },
          entry as Bytes,
        );
      entry.resume();
    }
  } catch (error) {
    if (error === upstream || error instanceof UserError || error instanceof InfrastructureError) throw error;
    throw tree.error(`the tar archive is damaged: ${(error as Error).message}`);
  } finally {
    reader.destroy();
    await feeding;
  }
}

async function feed(stream: Bytes, reader: Extract): Promise<void> {
  const gone = new Promise<void>((resolve) => reader.once("close", resolve));
  for await (const chunk of stream) {
    if (reader.destroyed) return;
    if (!reader.write(chunk))
      await Promise.race([gone, new Promise<void>((resolve) => reader.once("drain", resolve))]);
  }
  reader.end(null);
}
