import assert from "node:assert/strict";
import fc from "fast-check";
import { HOSTILE_EVENTS, STRUCTURED } from "../../strangers/hostileEvents";
import { HARMLESS_SPEC } from "../../strangers/specs";
import { all, COMMAND, FUNCTIONS_PATH, listeningIntake } from "./support/clusterOfRights";

const CREATE = `${COMMAND}service.create`;

interface Refused {
  status: string;
  error: string;
  message: string;
  mistakes?: { field: string; message: string }[];
  correlationId: string;
}

describe("the intake, of hostile events", () => {
  let intake: Awaited<ReturnType<typeof listeningIntake>>;
  before(async () => (intake = await listeningIntake(all("ci"))));
  after(() => intake.close());

  const functions = () => [...intake.api.objects.keys()].filter((path) => path.startsWith(FUNCTIONS_PATH));
  const post = (headers: Record<string, string>, body: string | Buffer, to = intake.http) =>
    fetch(to, { method: "POST", headers: { authorization: "Bearer token-ci", ...headers }, body });

  for (const { what, headers = {}, body, status = 400, names } of HOSTILE_EVENTS)
    it(`refuses an event ${what}`, async () => {
      const response = await post(headers, body);
      const { message, mistakes = [], correlationId, ...rest } = (await response.json()) as Refused;
      assert.equal(response.status, status, message);
      assert.equal(rest.status, "error");
      assert.match(rest.error, /^[A-Z][A-Za-z]+$/);
      assert.match(correlationId, /^[0-9a-f-]{36}$/);
      assert.ok(message.length < 25_000 && mistakes.length <= 50, "an answer that can be read");
      if (typeof names === "string")
        assert.ok(
          mistakes.some(({ field }) => field === names),
          `${names} is not named in: ${message.slice(0, 500)}`,
        );
      else assert.match(message, names);
      assert.deepEqual(functions(), []);
    });

  it("answers any data of an event with what is wrong with it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (data) => {
        const response = await intake.send(CREATE, data);
        const { message, mistakes = [] } = (await response.json()) as Refused;
        assert.equal(response.status, 400);
        assert.ok(mistakes.every(({ field }) => field.startsWith("data")));
        assert.ok(mistakes.length > 0 || message.startsWith("data is no JSON"), message);
      }),
      { numRuns: 150 },
    );
    assert.deepEqual(functions(), []);
  });

  it("names the field that was changed, or takes what it was changed to", async () => {
    const paths = ["source", "source.type", "source.inline", "source.inline.code", "runtime"].concat(
      ["language", "version", "handler"].map((name) => `runtime.${name}`),
      ["scaling", "env", "build", "resources", "triggers", "eventing"],
    );
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), async (path, value) => {
        const spec = structuredClone(HARMLESS_SPEC) as Record<string, unknown>;
        const parts = path.split(".");
        const last = parts.pop() ?? "";
        const at = parts.reduce((node, part) => node[part] as Record<string, unknown>, spec);
        at[last] = value;
        const response = await intake.send(CREATE, { metadata: { name: `changed-${++sent}` }, spec });
        if (response.status === 202) return;
        assert.equal(response.status, 400);
        const { mistakes = [] } = (await response.json()) as Refused;
        assert.ok(mistakes.length > 0);
        const top = `data.spec.${path.split(".")[0] ?? ""}`;
        for (const { field } of mistakes) assert.ok(field.startsWith(top), `${field} is not in ${path}`);
      }),
      { numRuns: 200 },
    );
  });

  it("takes an event with a byte order mark, and one of ASCII, as anyone sends them", async () => {
    const event = (id: string) =>
      JSON.stringify({
        specversion: "1.0",
        id,
        source: "/s",
        type: CREATE,
        data: {
          metadata: { name: id },
          spec: HARMLESS_SPEC,
          apiVersion: "lambda.knative.io/v1alpha1",
          kind: "LambdaFunction",
        },
      });
    assert.equal((await post(STRUCTURED, `\ufeff${event("marked")}`)).status, 202);
    const ascii = { "content-type": "application/cloudevents+json; charset=us-ascii" };
    assert.equal((await post(ascii, event("ascii"))).status, 202);
  });
});
