import { InfrastructureError, UserError } from "../../types";
import { shown } from "../sourcePath";
import { type Bytes } from "../streams";
import { FLUSH, lineOf, packet, packets, PacketError } from "./pktLine";

/** What is asked for where the server offers it. Azure's answers nothing to those who don't ask for the first. */
const WANTED = ["multi_ack_detailed", "side-band-64k", "ofs-delta", "no-progress", "object-format=sha1"];

/** The request for one object without history. */
export function packRequest(oid: string, capabilities: ReadonlySet<string>): string {
  const asked = [...WANTED.filter((name) => capabilities.has(name)), "agent=knative-lambda"].join(" ");
  const shallow = capabilities.has("shallow") ? packet("deepen 1\n") : "";
  return `${packet(`want ${oid} ${asked}\n`)}${shallow}${FLUSH}${packet("done\n")}`;
}

const DATA = 1;
const PROGRESS = 2;
const ERROR = 3;

/** The pack in the answer to that request. */
export async function* readPack(stream: Bytes, capabilities: ReadonlySet<string>): AsyncGenerator<Buffer> {
  if (!capabilities.has("side-band-64k")) throw new PacketError("the server's git is too old");
  let part: "shallow" | "acknowledgement" | "pack" = capabilities.has("shallow")
    ? "shallow"
    : "acknowledgement";
  for await (const payload of packets(stream)) {
    if (payload === "flush") {
      if (part === "pack") return;
      part = "acknowledgement";
      continue;
    }
    const band = payload[0];
    if (part === "pack") {
      if (band === DATA) yield payload.subarray(1);
      else if (band === ERROR) throw refusal(lineOf(payload.subarray(1)));
      else if (band !== PROGRESS) throw new PacketError("the server's answer is not of git's protocol");
      continue;
    }
    const line = lineOf(payload);
    if (line.startsWith("ERR ")) throw refusal(line.slice(4));
    if (part === "acknowledgement" && (line === "NAK" || line.startsWith("ACK "))) part = "pack";
  }
  if (part !== "pack") throw new PacketError("the server sends no pack");
}

/** A server's own words on why it sends nothing. */
function refusal(message: string): Error {
  // Said of an object that no ref leads to any more, or never did.
  if (message.includes("not our ref"))
    return new UserError("SourceNotFound", "the repository has no such commit", "spec.source.git.ref");
  return new InfrastructureError("SourceUnreachable", `the git server says ${shown(message)}`);
}
