import assert from "node:assert/strict";
import type { Language } from "../../contract/function/spec";

/** A function in each language that answers with the data it got, or fails where the data says so. */
export const ECHO: Readonly<Record<Language, { handler: string; files: Readonly<Record<string, string>> }>> =
  {
    python: {
      handler: "main.handler",
      files: {
        "main.py":
          'def handler(data):\n    if data.get("fail"):\n        raise RuntimeError("asked to fail")\n    return {"got": data}\n',
      },
    },
    nodejs: {
      handler: "index.handler",
      files: {
        "index.js":
          'exports.handler = async (data) => {\n  if (data.fail) throw new Error("asked to fail");\n  return { got: data };\n};\n',
      },
    },
    go: {
      handler: "main.Handler",
      files: {
        "main.go":
          'package main\n\nimport "errors"\n\nfunc Handler(data map[string]any) (any, error) {\n\tif data["fail"] == true {\n\t\treturn nil, errors.New("asked to fail")\n\t}\n\treturn map[string]any{"got": data}, nil\n}\n',
      },
    },
  };

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const EVENT = { "ce-specversion": "1.0", "ce-type": "test", "ce-source": "/test" };
const JSON_TYPE = { "content-type": "application/json" };

/**
 * Asks a running {@link ECHO} for everything that a function owes its callers.
 * @param url where it answers, as http://host:port
 * @param expected name and namespace that it was told; its first event, and no later one, is a cold start
 */
export async function assertFunctionContract(
  url: string,
  { name, namespace }: { name: string; namespace: string },
): Promise<void> {
  const post = async (headers: Record<string, string>, body?: string): Promise<Answer> => {
    const response = await fetch(url, { method: "POST", headers, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  };
  const assertAnswer = (
    answer: Answer,
    status: number,
    kind: "success" | "error",
    correlationId: string,
  ): void => {
    const { headers, body } = answer;
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.equal(headers.get("ce-type"), `io.knative.lambda.response.${kind}`);
    assert.equal(headers.get("ce-source"), `io.knative.lambda/${name}`);
    assert.equal(headers.get("ce-subject"), name);
    assert.equal(headers.get("ce-specversion"), "1.0");
    assert.ok(headers.get("ce-id"));
    assert.match(headers.get("content-type") ?? "", /^application\/json/);
    assert.equal(headers.get("x-correlation-id"), correlationId);
    assert.deepEqual(
      [body["functionName"], body["namespace"], body["correlationId"]],
      [name, namespace, correlationId],
    );
    const metrics = body["metrics"] as Record<string, unknown>;
    assert.deepEqual(Object.keys(metrics).sort(), ["coldStart", "durationMs", "memoryUsedMb"]);
    assert.equal(typeof metrics["coldStart"], "boolean");
    for (const number of [metrics["durationMs"], metrics["memoryUsedMb"]])
      assert.ok(Number.isInteger(number));
    assert.equal("result" in body, kind === "success");
    assert.equal("error" in body, kind === "error");
  };

  const health = await fetch(`${url}/health`);
  assert.deepEqual([health.status, await health.json()], [200, { status: "ok" }]);

  // Structured, the first event of the process.
  const event = { specversion: "1.0", id: "one", type: "test", source: "/test", data: { a: [1, "ü"] } };
  const structured = await post(
    { "content-type": "application/cloudevents+json", "x-correlation-id": "c-1" },
    JSON.stringify(event),
  );
  assertAnswer(structured, 200, "success", "c-1");
  assert.deepEqual(structured.body["result"], { statusCode: 200, body: { got: { a: [1, "ü"] } } });
  assert.equal(structured.body["invocationId"], "one");
  assert.equal((structured.body["metrics"] as { coldStart: boolean }).coldStart, true);

  // Binary; without a correlation id the event's own takes its place.
  const binary = await post({ ...EVENT, ...JSON_TYPE, "ce-id": "two" }, '{"b": null}');
  assertAnswer(binary, 200, "success", "two");
  assert.deepEqual(binary.body["result"], { statusCode: 200, body: { got: { b: null } } });
  assert.equal((binary.body["metrics"] as { coldStart: boolean }).coldStart, false);

  // No data is an empty object.
  const empty = await post({ ...EVENT, "ce-id": "three" });
  assertAnswer(empty, 200, "success", "three");
  assert.deepEqual(empty.body["result"], { statusCode: 200, body: { got: {} } });

  // What the handler throws.
  const failed = await post({ ...EVENT, ...JSON_TYPE, "ce-id": "four" }, '{"fail": true}');
  assertAnswer(failed, 500, "error", "four");
  const error = failed.body["error"] as Record<string, unknown>;
  assert.deepEqual([error["message"], error["retryable"]], ["asked to fail", true]);
  assert.ok(typeof error["code"] === "string" && error["code"] !== "");
  assert.equal("stack" in error, false);

  // What is no event, or no data, is never the handler's, and no broker has to try it again.
  const none = await post({ "content-type": "text/plain" }, "no event");
  assert.equal(none.status, 400);
  assert.equal((none.body["error"] as Record<string, unknown>)["retryable"], false);
  assert.equal((await post({ ...EVENT, ...JSON_TYPE, "ce-id": "five" }, "{broken")).status, 400);
  const get = await fetch(url);
  assert.deepEqual([get.status, get.headers.get("allow")], [405, "POST"]);

  // It lives on after all of this.
  assert.equal((await post({ ...EVENT, ...JSON_TYPE, "ce-id": "six" }, "{}")).status, 200);
}
