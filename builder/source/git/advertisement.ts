import { type Bytes } from "../streams";
import { lineOf, packets, PacketError } from "./pktLine";

/** What a repository offers. */
export interface Advertisement {
  /** Names of objects by refs: branches, tags, and whatever else the server shows. */
  refs: ReadonlyMap<string, string>;
  capabilities: ReadonlySet<string>;
}

const SERVICE = "# service=git-upload-pack";

/**
 * Reads the answer to `info/refs` in version 0 of git's protocol: the only one that every server speaks
 * (git-scm.com: http-protocol, "Smart Clients").
 */
export async function readAdvertisement(stream: Bytes): Promise<Advertisement> {
  const refs = new Map<string, string>();
  let capabilities: ReadonlySet<string> | undefined;
  let announced = false;
  for await (const payload of packets(stream)) {
    if (payload === "flush") continue;
    const line = lineOf(payload);
    if (line.startsWith("ERR ")) throw new PacketError(`the server says: ${line.slice(4, 200)}`);
    if (!announced) {
      if (line !== SERVICE) throw new PacketError("the server's answer is not of git's smart HTTP protocol");
      announced = true;
      continue;
    }
    const [ref = "", offered = ""] = line.split("\0");
    capabilities ??= new Set(offered.split(" ").filter((name) => name !== ""));
    const [, oid, name] = /^([0-9a-f]{40}) (.+)$/.exec(ref) ?? [];
    // An empty repository has one line, of a ref that is none, to carry the capabilities.
    if (oid !== undefined && name !== undefined && name !== "capabilities^{}") refs.set(name, oid);
  }
  if (capabilities === undefined) throw new PacketError("the server's answer names no repository");
  const format = [...capabilities].find((name) => name.startsWith("object-format="));
  if (format !== undefined && format !== "object-format=sha1")
    throw new PacketError(
      `the repository names its objects by ${format.slice(14, 40)}; only sha1 is supported`,
    );
  return { refs, capabilities };
}
