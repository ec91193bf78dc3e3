import assert from "node:assert/strict";
import fc from "fast-check";
import { readCloudEvent } from "../../../builder/intake/cloudEvent";
import { Refusal } from "../../../builder/intake/refusal";

const STRUCTURED = { "content-type": "application/cloudevents+json" };
const event = (more: object = {}) =>
  JSON.stringify({ specversion: "1.0", id: "1", source: "/s", type: "t", ...more });
const binary = (more: Record<string, string> = {}) => ({
  "ce-specversion": "1.0",
  "ce-id": "1",
  "ce-source": "/s",
  "ce-type": "t",
  ...more,
});

const refusal = (read: () => unknown): Refusal => {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  return assert.fail("was read");
};

describe("readCloudEvent", () => {
  it("reads the same event in both modes", () => {
    const data = { name: "fn" };
    const structured = readCloudEvent(STRUCTURED, event({ data, subject: "fn" }));
    const headers = binary({ "ce-subject": "fn", "content-type": "application/json" });
    assert.deepEqual(readCloudEvent(headers, JSON.stringify(data)), structured);
    assert.deepEqual(
      { ...structured, fingerprint: undefined },
      {
        id: "1",
        source: "/s",
        type: "t",
        subject: "fn",
        traceparent: undefined,
        data,
        fingerprint: undefined,
      },
    );
  });

  it("reads data whatever its content type is called, and in base64", () => {
    for (const type of ["application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded"])
      assert.deepEqual(readCloudEvent(binary({ "content-type": type }), '{"a":1}').data, { a: 1 });
    const data_base64 = Buffer.from('{"a":"ü"}').toString("base64");
    assert.deepEqual(readCloudEvent(STRUCTURED, event({ data_base64 })).data, { a: "ü" });
    const media = { "content-type": "Application/CloudEvents+JSON; charset=UTF-8" };
    assert.equal(readCloudEvent(media, event()).id, "1");
  });

  it("knows an event by source and id together", () => {
    const fingerprint = (more: object) => readCloudEvent(STRUCTURED, event(more)).fingerprint;
    assert.equal(fingerprint({ type: "other", data: {} }), fingerprint({}));
    assert.notEqual(fingerprint({ id: "2" }), fingerprint({}));
    assert.notEqual(fingerprint({ source: "/other" }), fingerprint({}));
    assert.notEqual(fingerprint({ source: "/s1", id: "2" }), fingerprint({ source: "/s", id: "12" }));
  });

  it("names every attribute that is missing", () => {
    const fields = (read: () => unknown) => refusal(read).details.mistakes?.map(({ field }) => field);
    assert.deepEqual(
      fields(() => readCloudEvent(STRUCTURED, "{}")),
      ["specversion", "id", "source", "type"],
    );
    assert.deepEqual(
      fields(() => readCloudEvent({ "ce-type": "t" }, "{}")),
      ["specversion", "id", "source"],
    );
    assert.deepEqual(
      fields(() => readCloudEvent(STRUCTURED, event({ id: 7 }))),
      ["id"],
    );
    assert.deepEqual(
      fields(() => readCloudEvent(STRUCTURED, event({ id: "x".repeat(1025) }))),
      ["id"],
    );
    assert.deepEqual(
      fields(() => readCloudEvent(STRUCTURED, event({ specversion: "2.0" }))),
      ["specversion"],
    );
  });

  it("refuses what is no event", () => {
    const reason = (headers: Record<string, string>, body: string) =>
      refusal(() => readCloudEvent(headers, body)).reason;
    assert.equal(reason(STRUCTURED, "{"), "EventUnreadable");
    assert.equal(reason(STRUCTURED, "[]"), "EventUnreadable");
    assert.equal(reason(STRUCTURED, event({ dataschema: "::" })), "EventUnreadable");
    assert.equal(reason(binary(), "{"), "EventUnreadable");
    assert.equal(reason({ "content-type": "application/cloudevents+xml" }, event()), "FormatUnsupported");
    assert.equal(reason({ "content-type": "application/cloudevents-batch+json" }, "[]"), "BatchUnsupported");
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    assert.equal(reason(binary(), deep(100_000)), "EventUnreadable");
    assert.ok(readCloudEvent(binary(), deep(60)).data);
  });

  it("passes on a valid trace context only", () => {
    const traceparent = `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01`;
    assert.equal(readCloudEvent(STRUCTURED, event({ traceparent })).traceparent, traceparent);
    assert.equal(readCloudEvent({ ...STRUCTURED, traceparent }, event()).traceparent, traceparent);
    assert.equal(readCloudEvent({ ...STRUCTURED, traceparent: "x\ny" }, event()).traceparent, undefined);
  });

  it("answers any body with an event or a refusal", () => {
    const attributes = fc.dictionary(
      fc.constantFrom(
        "specversion",
        "id",
        "source",
        "type",
        "time",
        "data",
        "data_base64",
        "datacontenttype",
      ),
      fc.oneof(fc.jsonValue(), fc.constant("1.0"), fc.constant("application/json")),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          attributes.map((value) => JSON.stringify(value)),
          fc.string(),
          fc.json(),
        ),
        (body) => {
          for (const headers of [STRUCTURED, binary()])
            try {
              readCloudEvent(headers, body);
            } catch (error) {
              assert.ok(error instanceof Refusal, String(error));
            }
        },
      ),
    );
  });
});
