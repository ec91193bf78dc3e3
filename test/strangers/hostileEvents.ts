import { COMMAND } from "../builder/intake/support/clusterOfRights";
import { HARMLESS_SPEC } from "./specs";

/** An event that nobody who means well sends, over HTTP that is fine in itself. */
export interface HostileEvent {
  /** As a test's name goes on: "refuses an event …". */
  what: string;
  headers?: Record<string, string>;
  body: string | Buffer;
  /** @default 400 */
  status?: number;
  /** What the answer names: a field's path, or a header, or the body as a whole. */
  names: string | RegExp;
}

export const STRUCTURED = { "content-type": "application/cloudevents+json" };
const CREATE = `${COMMAND}service.create`;
const LEGACY = "network.notifi.lambda.build.start";

const attributes = (type = CREATE) => ({ specversion: "1.0", id: "hostile", source: "/strangers", type });
const event = (more: object, type?: string) => JSON.stringify({ ...attributes(type), ...more });
const without = (name: string) =>
  JSON.stringify(Object.fromEntries(Object.entries(attributes()).filter(([given]) => given !== name)));
const metadata = (more: object) =>
  event({ data: { metadata: { name: "hostile", ...more }, spec: HARMLESS_SPEC } });
const data = (more: object) =>
  event({ data: { metadata: { name: "hostile" }, spec: HARMLESS_SPEC, ...more } });
const binary = (more: Record<string, string> = {}) => ({
  "content-type": "application/json",
  "ce-specversion": "1.0",
  "ce-id": "hostile",
  "ce-source": "/strangers",
  "ce-type": CREATE,
  ...more,
});
const GOOD = JSON.stringify({ metadata: { name: "hostile" }, spec: HARMLESS_SPEC });
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const many = (count: number, name: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${name}${at}`, "x"]));
const annotated = (name: string) => metadata({ annotations: { [name]: "x" } });

const NAMES: Record<string, unknown> = {
  "with a slash": "a/b",
  "that climbs": "../kube-system/secrets",
  "in capitals": "Hostile",
  "with a line break": "a\nb",
  "with a dot": "a.b",
  "with a zero byte": "a\u0000b",
  "of letters that look like others": "\u0430dmin",
  "of 64 characters": "a".repeat(64),
  "that begins with a digit": "1a",
  "that ends with a dash": "a-",
  "that is empty": "",
  "that is a number": 7,
  "that is an object": { name: "a" },
};

export const HOSTILE_EVENTS: readonly HostileEvent[] = [
  { what: "without a body", headers: STRUCTURED, body: "", names: /no JSON/ },
  { what: "that is cut", headers: STRUCTURED, body: data({}).slice(0, 100), names: /no JSON/ },
  { what: "that is no JSON", headers: STRUCTURED, body: "<event/>", names: /no JSON/ },
  { what: "that is a list", headers: STRUCTURED, body: `[${data({})}]`, names: /no JSON object/ },
  { what: "that is a text", headers: STRUCTURED, body: '"x"', names: /no JSON object/ },
  { what: "that is null", headers: STRUCTURED, body: "null", names: /no JSON object/ },
  { what: "that is two", headers: STRUCTURED, body: data({}) + data({}), names: /no JSON/ },
  {
    what: "in a batch",
    headers: { "content-type": "application/cloudevents-batch+json" },
    body: `[${data({})}]`,
    names: /batch/,
  },
  {
    what: "in a format that nobody reads",
    headers: { "content-type": "application/cloudevents+avro" },
    body: "x",
    names: /application\/cloudevents\+avro/,
  },
  ...["specversion", "id", "source", "type"].map((name) => ({
    what: `without ${name}`,
    headers: STRUCTURED,
    body: without(name),
    names: name,
  })),
  ...["specversion", "id", "source", "type"].map((name) => ({
    what: `whose ${name} is a list`,
    headers: STRUCTURED,
    body: event({ [name]: ["x"] }),
    names: name,
  })),
  {
    what: "of another version",
    headers: STRUCTURED,
    body: event({ specversion: "9.9" }),
    names: "specversion",
  },
  {
    what: "with an id of 2,000 characters",
    headers: STRUCTURED,
    body: event({ id: "x".repeat(2000) }),
    names: "id",
  },
  {
    what: "with a schema that is no address",
    headers: STRUCTURED,
    body: event({ dataschema: "::" }),
    names: /dataschema/,
  },
  {
    what: "with an attribute in capitals",
    headers: STRUCTURED,
    body: event({ "X-Evil": "x" }),
    names: /X-Evil|extension|name/,
  },
  {
    what: "nested 66 levels deep",
    headers: STRUCTURED,
    body: event({ data: JSON.parse(deep(66)) as object }),
    names: /64 levels/,
  },
  {
    what: "nested 100,000 levels deep",
    headers: STRUCTURED,
    body: event({}).replace("}", `,"data":${deep(100_000)}}`),
    names: /64 levels/,
  },
  { what: "whose data is a text", headers: STRUCTURED, body: event({ data: '"x"' }), names: "data" },
  { what: "whose data is a list", headers: STRUCTURED, body: event({ data: [1] }), names: "data" },
  { what: "whose data is a number", headers: STRUCTURED, body: event({ data: 7 }), names: "data" },
  { what: "without data", headers: STRUCTURED, body: event({}), names: "data.metadata.name" },
  {
    what: "whose data is null",
    headers: STRUCTURED,
    body: event({ data: null }),
    names: "data.metadata.name",
  },
  {
    what: "whose data in base64 is none",
    headers: STRUCTURED,
    body: event({ data_base64: "%%%%" }),
    names: /data_base64/,
  },
  {
    what: "with data twice",
    headers: STRUCTURED,
    body: event({ data: {}, data_base64: "e30=" }),
    names: "data_base64",
  },
  {
    what: "whose data in base64 is a list",
    headers: STRUCTURED,
    body: event({ data_base64: ["e30="] }),
    names: /data_base64/,
  },
  {
    what: "whose data in base64 is not UTF-8",
    headers: STRUCTURED,
    body: event({ data_base64: Buffer.from('{"a":"caf\xe9"}', "latin1").toString("base64") }),
    names: /data_base64 is not UTF-8/,
  },
  {
    what: "about another kind of object",
    headers: STRUCTURED,
    body: data({ kind: "Secret" }),
    names: "data.kind",
  },
  {
    what: "about another API",
    headers: STRUCTURED,
    body: data({ apiVersion: "v1" }),
    names: "data.apiVersion",
  },
  {
    what: "with a status",
    headers: STRUCTURED,
    body: data({ status: { phase: "Ready" } }),
    names: "data.status",
  },
  {
    what: "with 100,000 fields",
    headers: STRUCTURED,
    body: data(many(100_000, "f")),
    names: "data.f0",
  },
  {
    what: "with mistakes everywhere",
    headers: STRUCTURED,
    body: event({
      data: {
        metadata: { name: "hostile", annotations: many(60, "a b") },
        spec: { ...HARMLESS_SPEC, ...many(60, "f") },
        ...many(60, "g"),
      },
    }),
    names: "data.metadata.annotations.a b0",
  },
  {
    what: "with a field of every object's prototype",
    headers: STRUCTURED,
    body: data({}).replace('"data":{', '"data":{"__proto__":{"admin":1},'),
    names: "data.__proto__",
  },
  ...Object.entries(NAMES).map(([what, name]) => ({
    what: `about a function with a name ${what}`,
    headers: STRUCTURED,
    body: metadata({ name }),
    names: "data.metadata.name",
  })),
  {
    what: "about a function in a namespace that climbs",
    headers: STRUCTURED,
    body: metadata({ namespace: "../kube-system" }),
    names: "data.metadata.namespace",
  },
  {
    what: "about a function in a namespace that is a list",
    headers: STRUCTURED,
    body: metadata({ namespace: ["team-a"] }),
    names: "data.metadata.namespace",
  },
  {
    what: "about a function in somebody else's namespace",
    headers: STRUCTURED,
    body: metadata({ namespace: "kube-system" }),
    status: 403,
    names: /kube-system/,
  },
  {
    what: "with metadata that is a list",
    headers: STRUCTURED,
    body: data({ metadata: ["hostile"] }),
    names: "data.metadata",
  },
  ...[
    "ownerReferences",
    "finalizers",
    "managedFields",
    "generateName",
    "uid",
    "resourceVersion",
    "deletionTimestamp",
  ].map((name) => ({
    what: `that sets ${name}`,
    headers: STRUCTURED,
    body: metadata({ [name]: [] }),
    names: `data.metadata.${name}`,
  })),
  ...[
    "lambda.knative.io/events",
    "lambda.knative.io/command-build.start",
    "lambda.knative.io/acted-build.start",
    "lambda.knative.io/correlation-id",
    "kubectl.kubernetes.io/last-applied-configuration",
  ].map((name) => ({
    what: `that writes the annotation ${name}`,
    headers: STRUCTURED,
    body: annotated(name),
    names: `data.metadata.annotations.${name}`,
  })),
  {
    what: "with an annotation whose name is none",
    headers: STRUCTURED,
    body: annotated("a b"),
    names: "data.metadata.annotations.a b",
  },
  {
    what: "with 250 kB of annotations",
    headers: STRUCTURED,
    body: metadata({ annotations: { a: "x".repeat(250_000) } }),
    names: "data.metadata.annotations",
  },
  {
    what: "with a label that is none",
    headers: STRUCTURED,
    body: metadata({ labels: { a: "not a value!" } }),
    names: "data.metadata.labels.a",
  },
  {
    what: "with labels that are a list",
    headers: STRUCTURED,
    body: metadata({ labels: ["a"] }),
    names: "data.metadata.labels",
  },
  {
    what: "of a command without a function",
    headers: STRUCTURED,
    body: event({ data: {} }, `${COMMAND}build.start`),
    names: "data.name",
  },
  {
    what: "of a command to a function that climbs",
    headers: STRUCTURED,
    body: event({ data: { name: "../x" } }, `${COMMAND}build.retry`),
    names: "data.name",
  },
  {
    what: "of a command to a function that isn't there",
    headers: STRUCTURED,
    body: event({ data: { name: "none" } }, `${COMMAND}build.cancel`),
    names: /no function team-a\/none/,
  },
  {
    what: "of a deletion in somebody else's namespace",
    headers: STRUCTURED,
    body: event({ data: { name: "x", namespace: "kube-system" } }, `${COMMAND}service.delete`),
    status: 403,
    names: /kube-system/,
  },
  ...["../x", "UPPER", "a\nb", "x".repeat(100), "", "a b"].map((parser_id) => ({
    what: `of a parser named ${JSON.stringify(parser_id.slice(0, 10))}`,
    headers: STRUCTURED,
    body: event({ data: { parser_id } }, LEGACY),
    names: "data.parser_id",
  })),
  {
    what: "of a parser whose id is an object",
    headers: STRUCTURED,
    body: event({ data: { parser_id: {} } }, LEGACY),
    names: "data.parser_id",
  },
  {
    what: "of a parser in an unknown language",
    headers: STRUCTURED,
    body: event({ data: { parser_id: "1", runtime: { language: "sh" } } }, LEGACY),
    names: "data.runtime.language",
  },
  {
    what: "in Latin-1, as it says itself",
    headers: { "content-type": "application/cloudevents+json; charset=iso-8859-1" },
    body: data({}),
    names: /charset iso-8859-1; send UTF-8/,
  },
  {
    what: "in UTF-16, as it says itself",
    headers: { "content-type": 'application/json; charset="UTF-16"' },
    body: Buffer.from(GOOD, "utf16le"),
    names: /charset utf-16; send UTF-8/,
  },
  {
    what: "in Latin-1, which it keeps to itself",
    headers: STRUCTURED,
    body: Buffer.from(data({}).replace("return data", "return '\u00e9'"), "latin1"),
    names: /the body is not UTF-8/,
  },
  {
    what: "in UTF-16, which it keeps to itself",
    headers: STRUCTURED,
    body: Buffer.from(`\ufeff${data({})}`, "utf16le"),
    names: /the body is not UTF-8/,
  },
  {
    what: "that is compressed",
    headers: { ...STRUCTURED, "content-encoding": "gzip" },
    body: "x",
    names: /content-encoding: gzip/,
  },
  { what: "in binary mode without an id", headers: binary({ "ce-id": "" }), body: GOOD, names: "id" },
  { what: "in binary mode with data that is no JSON", headers: binary(), body: "{", names: /no JSON/ },
  { what: "in binary mode without data", headers: binary(), body: "", names: "data.metadata.name" },
  {
    what: "in binary mode of another version",
    headers: binary({ "ce-specversion": "0.1" }),
    body: GOOD,
    names: "specversion",
  },
  {
    what: "without a content type or an attribute",
    headers: { "content-type": "text/plain" },
    body: GOOD,
    names: "specversion",
  },
];
