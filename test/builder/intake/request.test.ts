import assert from "node:assert/strict";
import type { IncomingEvent } from "../../../builder/intake/cloudEvent";
import { Refusal } from "../../../builder/intake/refusal";
import { readRequest } from "../../../builder/intake/request";
import { COMMAND, ENVIRONMENT, inlineSpec, NAMESPACE, upsertData } from "./support/clusterOfRights";

const LEGACY = "network.notifi.lambda.";

const read = (type: string, data: unknown, more: Partial<IncomingEvent> = {}) =>
  readRequest(
    {
      id: "1",
      source: "/s",
      type,
      subject: undefined,
      traceparent: undefined,
      data,
      fingerprint: "f",
      ...more,
    },
    ENVIRONMENT,
  );

const refused = (type: string, data: unknown): string[] => {
  try {
    read(type, data);
  } catch (error) {
    assert.ok(error instanceof Refusal);
    assert.equal(error.status, 400);
    return (error.details.mistakes ?? []).map(({ field }) => field);
  }
  return assert.fail("was understood");
};

describe("readRequest", () => {
  it("upserts for service.create, service.update and function.deploy alike", () => {
    for (const type of ["service.create", "service.update", "function.deploy"]) {
      const metadata = {
        name: "fn",
        namespace: "team-b",
        labels: { team: "b" },
        annotations: { "x.y/z": "1" },
      };
      assert.deepEqual(read(`${COMMAND}${type}`, { metadata, spec: inlineSpec() }), {
        key: { namespace: "team-b", name: "fn" },
        change: { kind: "upsert", spec: inlineSpec(), labels: { team: "b" }, annotations: { "x.y/z": "1" } },
        mistakes: [],
      });
    }
  });

  it("puts a function without a namespace into the default one", () => {
    assert.equal(read(`${COMMAND}service.create`, upsertData("fn"))?.key.namespace, NAMESPACE);
    assert.equal(read(`${COMMAND}service.delete`, { name: "fn" })?.key.namespace, NAMESPACE);
  });

  it("reads the function of a command from the data, its metadata or the subject", () => {
    const key = { namespace: "team-b", name: "fn" };
    for (const command of ["build.start", "build.retry", "build.cancel", "function.rollback"])
      for (const data of [key, { metadata: key }, { ...key, reason: "because", forceRebuild: true }])
        assert.deepEqual(read(`${COMMAND}${command}`, data), {
          key,
          change: { kind: "command", command },
          mistakes: [],
        });
    assert.equal(read(`${COMMAND}build.retry`, undefined, { subject: "fn" })?.key.name, "fn");
    assert.deepEqual(read(`${COMMAND}service.delete`, key)?.change, { kind: "delete" });
  });

  it("makes a parser of the platform's bucket out of an older producer's event", () => {
    const request = read(`${LEGACY}build.start`, { third_party_id: "t", parser_id: "42" });
    assert.deepEqual(request, {
      key: { namespace: NAMESPACE, name: "parser-42" },
      change: {
        kind: "ensure",
        command: "build.start",
        spec: {
          source: {
            type: "s3",
            s3: { bucket: "sources", key: `${NAMESPACE}/parser-42.tar.gz`, region: "eu-west-1" },
          },
          runtime: { language: "python", version: "3.13", handler: "main.handler" },
        },
      },
      mistakes: [],
    });
    assert.equal(read(`${LEGACY}build.start`, { parser_id: "parser-42" })?.key.name, "parser-42");
    const start = read(`${LEGACY}parser.start`, { parser_id: "42" })?.change;
    assert.ok(start?.kind === "ensure" && start.command === undefined);
    assert.deepEqual(read(`${LEGACY}service.delete`, { parser_id: "42" }), {
      key: { namespace: NAMESPACE, name: "parser-42" },
      change: { kind: "delete" },
      mistakes: [],
    });
  });

  it("takes a parser's runtime from the event where it names one", () => {
    const runtime = { language: "nodejs", version: "22" };
    const change = read(`${LEGACY}build.start`, { parser_id: "42", runtime })?.change;
    assert.deepEqual(change?.kind === "ensure" ? change.spec.runtime : undefined, runtime);
    const wrong = read(`${LEGACY}build.start`, { parser_id: "42", runtime: { language: "ruby" } })?.mistakes;
    assert.deepEqual(
      wrong?.map(({ field }) => field),
      ["data.runtime.language", "data.runtime.version"],
    );
  });

  it("leaves other types alone", () => {
    for (const type of ["t", "io.knative.lambda.response.success", `${COMMAND}service`, "__proto__"])
      assert.equal(read(type, { metadata: 1 }), undefined);
  });

  it("refuses an event that names no function, with all that is wrong", () => {
    assert.deepEqual(refused(`${COMMAND}service.create`, {}), ["data.metadata.name", "data.spec"]);
    assert.deepEqual(refused(`${COMMAND}service.create`, { metadata: null, spec: inlineSpec() }), [
      "data.metadata.name",
    ]);
    assert.deepEqual(refused(`${COMMAND}service.create`, []), ["data"]);
    assert.deepEqual(refused(`${COMMAND}build.start`, {}), ["data.name"]);
    assert.deepEqual(refused(`${COMMAND}build.start`, { name: "a/b", namespace: ".." }), [
      "data.name",
      "data.namespace",
    ]);
    assert.deepEqual(refused(`${LEGACY}build.start`, { parser_id: "" }), ["data.parser_id"]);
    for (const name of ["A", "-a", "a-", "1a", "a".repeat(64), "a.b", "a\n", "", 7, null, {}])
      assert.ok(refused(`${COMMAND}service.create`, { metadata: { name }, spec: inlineSpec() }).length > 0);
  });

  it("lets an event set nothing but name, namespace, labels and annotations that are the author's", () => {
    const wrong = (metadata: object) =>
      read(`${COMMAND}service.create`, {
        metadata: { name: "fn", ...metadata },
        spec: inlineSpec(),
      })?.mistakes.map(({ field }) => field);
    assert.deepEqual(wrong({ finalizers: [], ownerReferences: [] }), [
      "data.metadata.finalizers",
      "data.metadata.ownerReferences",
    ]);
    for (const annotation of [
      "lambda.knative.io/events",
      "lambda.knative.io/command-build.start",
      "lambda.knative.io/acted-build.start",
      "kubectl.kubernetes.io/last-applied-configuration",
      "no name",
    ])
      assert.deepEqual(wrong({ annotations: { [annotation]: "x" } }), [
        `data.metadata.annotations.${annotation}`,
      ]);
    assert.deepEqual(wrong({ annotations: { "x.y/z": "x".repeat(250_000) } }), ["data.metadata.annotations"]);
    assert.deepEqual(wrong({ labels: { a: "no value", "b/": "x", c: 1 } })?.length, 3);
    assert.deepEqual(wrong({ labels: { "lambda.knative.io/keep-alive": "true" } }), []);
  });
});
