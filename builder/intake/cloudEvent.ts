import { createHash } from "node:crypto";
import { type CloudEvent, type CloudEventV1, HTTP } from "cloudevents";
import { invalid, type Mistake, Refusal } from "./refusal";
import { decoded } from "./requestHeaders";

/** A CloudEvent, as it was sent. */
export interface IncomingEvent {
  id: string;
  source: string;
  type: string;
  subject: string | undefined;
  /** W3C trace context that came with it. */
  traceparent: string | undefined;
  /** JSON's value of its data. */
  data: unknown;
  /** Names it among the events of a function: a producer gives no id twice. */
  fingerprint: string;
}

const STRUCTURED = "application/cloudevents+json";
const ATTRIBUTES = ["specversion", "id", "source", "type"] as const;
const VERSIONS = ["1.0", "0.3"];
const MOST_CHARACTERS = 1024;
/** Nothing that is sent here needs more; what is deeper would exhaust the stack of whoever walks it. */
const MOST_LEVELS = 64;
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Reads an event in binary or structured mode.
 * @throws Refusal where it is none
 */
export function readCloudEvent(headers: Headers, body: string): IncomingEvent {
  const given = Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
  const media = (given["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (media.startsWith("application/cloudevents-batch"))
    throw new Refusal(400, "BatchUnsupported", "a batch of events; send each in a request of its own");
  const structured = media.startsWith("application/cloudevents");
  if (structured && media !== STRUCTURED)
    throw new Refusal(400, "FormatUnsupported", `${media}; send ${STRUCTURED}, or binary mode`);

  const envelope = structured ? withText(readObject(body)) : undefined;
  checkAttributes((name) => (envelope ? envelope[name] : given[`ce-${name}`]));
  let event: CloudEventV1<unknown>;
  try {
    const message = {
      // The SDK knows content types by their exact text; the data of the binary mode is read below, whatever it is called.
      headers: { ...given, "content-type": structured ? STRUCTURED : "text/plain" },
      body: envelope ?? body,
    };
    const read = HTTP.toEvent(message) as CloudEvent<unknown>;
    read.validate();
    event = read;
  } catch (error) {
    throw new Refusal(400, "EventUnreadable", `no CloudEvent: ${(error as Error).message.trim()}`);
  }
  const traceparent = [event["traceparent"], given["traceparent"]].find(
    (text): text is string => typeof text === "string" && TRACEPARENT.test(text),
  );
  const { id, source, type, subject } = event;
  return {
    id,
    source,
    type,
    subject,
    traceparent,
    data: dataOf(event),
    fingerprint: fingerprint(source, id),
  };
}

/** The specification has source and id together name an event. */
const fingerprint = (source: string, id: string): string =>
  createHash("sha256")
    .update(JSON.stringify([source, id]))
    .digest("base64url")
    .slice(0, 22);

function checkAttributes(value: (name: string) => unknown): void {
  const mistakes: Mistake[] = [];
  for (const name of ATTRIBUTES) {
    const given = value(name);
    if (given === undefined || given === "")
      mistakes.push({ field: name, message: "missing; a CloudEvent needs it" });
    else if (typeof given !== "string") mistakes.push({ field: name, message: "is no text" });
    else if (given.length > MOST_CHARACTERS)
      mistakes.push({ field: name, message: `longer than ${MOST_CHARACTERS} characters` });
    else if (name === "specversion" && !VERSIONS.includes(given))
      mistakes.push({ field: name, message: `unknown version; send ${VERSIONS.join(" or ")}` });
  }
  if (mistakes.length > 0) throw invalid(mistakes);
}

function dataOf({ data }: CloudEventV1<unknown>): unknown {
  if (typeof data === "string") return data.trim() === "" ? undefined : readJson(data, "data");
  checkDepth(data);
  return data;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** An envelope whose data are text, where they came in base64. Decoded here: the SDK takes whatever it gets for base64. */
function withText({ data_base64: base64, ...envelope }: Record<string, unknown>): Record<string, unknown> {
  if (base64 === undefined || base64 === null) return envelope;
  const wrong = (message: string) => invalid([{ field: "data_base64", message }]);
  if (envelope["data"] !== undefined) throw wrong("is there beside data; send one of them");
  if (typeof base64 !== "string" || base64.length % 4 !== 0 || !BASE64.test(base64))
    throw wrong("is no base64");
  return { ...envelope, data: decoded(Buffer.from(base64, "base64"), "data_base64") };
}

function readObject(text: string): Record<string, unknown> {
  const value = readJson(text, "the body");
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Refusal(400, "EventUnreadable", "the body is no JSON object");
  return value as Record<string, unknown>;
}

function readJson(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, "EventUnreadable", `${what} is no JSON: ${(error as Error).message}`);
  }
  checkDepth(value);
  return value;
}

function checkDepth(value: unknown): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_LEVELS)
      throw new Refusal(400, "EventUnreadable", `nested more than ${MOST_LEVELS} levels deep`);
    level = level.flatMap((inner) =>
      typeof inner === "object" && inner !== null ? (Object.values(inner) as unknown[]) : [],
    );
  }
}
