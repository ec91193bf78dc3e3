import type { IncomingMessage } from "node:http";
import { invalid, type Mistake, Refusal } from "./refusal";

/** Headers that mean something here: two of one kind would mean this to the service, and that to whatever stands before it. */
const ONCE = ["authorization", "content-type", "content-encoding", "x-correlation-id", "traceparent"];
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)/i;

/**
 * Checks what a request says of itself, before its body is read.
 * @throws Refusal where a header is there twice, or the body is not to be plain UTF-8, as JSON is everywhere (RFC 8259)
 */
export function checkHeaders({ headers, headersDistinct }: IncomingMessage): void {
  const mistakes: Mistake[] = Object.entries(headersDistinct)
    .filter(([name, values]) => (ONCE.includes(name) || name.startsWith("ce-")) && (values?.length ?? 0) > 1)
    .map(([name]) => ({ field: name, message: "is there twice; send it once" }));
  if (mistakes.length > 0) throw invalid(mistakes);
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (encoding !== "" && encoding !== "identity")
    throw new Refusal(400, "EncodingUnsupported", `content-encoding: ${encoding}; send the body as it is`);
  const charset = CHARSET.exec(headers["content-type"] ?? "")?.[1]?.toLowerCase() ?? "utf-8";
  if (!["utf-8", "utf8", "us-ascii"].includes(charset))
    throw new Refusal(400, "CharsetUnsupported", `content-type: charset ${charset}; send UTF-8`);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * Bytes as text. What is no UTF-8 is refused: a function's code would be stored with other characters than it was sent with.
 * @param what Name of the bytes, for the message
 */
export function decoded(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Refusal(400, "EventUnreadable", `${what} is not UTF-8`);
  }
}
