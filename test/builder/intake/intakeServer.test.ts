import assert from "node:assert/strict";
import { connect } from "node:net";
import type { IntakeAnswer } from "../../../builder/intake/intakeServer";
import {
  all,
  COMMAND,
  FUNCTIONS_PATH,
  listeningIntake,
  NAMESPACE,
  TOKEN_REVIEWS_PATH,
  upsertData,
} from "./support/clusterOfRights";

const CREATE = `${COMMAND}service.create`;
const BROKER = "system:serviceaccount:knative-lambda-system:knative-lambda-broker";

type Listening = Awaited<ReturnType<typeof listeningIntake>>;

describe("the intake", () => {
  let intake: Listening;
  const answers: IntakeAnswer[] = [];

  beforeEach(async () => {
    answers.length = 0;
    intake = await listeningIntake([...all("ci"), `reader get ${NAMESPACE}`], {
      onAnswer: (answer) => answers.push(answer),
    });
  });

  afterEach(() => intake.close());

  const functions = (): string[] =>
    [...intake.api.objects.keys()].filter((path) => path.startsWith(FUNCTIONS_PATH));
  const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

  it("answers 202 once the function is stored, at / and at /events, in both modes", async () => {
    assert.equal((await intake.send(CREATE, upsertData("one"))).status, 202);
    assert.equal((await intake.send(CREATE, upsertData("two"), { to: `${intake.http}/events` })).status, 202);
    const binary = await fetch(intake.http, {
      method: "POST",
      headers: {
        authorization: "Bearer token-ci",
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": "x",
        "ce-source": "/s",
        "ce-type": CREATE,
      },
      body: JSON.stringify(upsertData("three")),
    });
    assert.equal(binary.status, 202);
    const body = await json(binary);
    assert.deepEqual(
      { ...body, correlationId: undefined },
      {
        status: "accepted",
        eventId: "x",
        correlationId: undefined,
        outcome: "created",
        function: `${NAMESPACE}/three`,
      },
    );
    assert.deepEqual(
      functions().map((path) => path.split("/").at(-1)),
      ["one", "two", "three"],
    );
    assert.deepEqual(answers.map(({ port, status, outcome }) => [port, status, outcome])[0], [
      "http",
      202,
      "created",
    ]);
  });

  it("takes 50 identical events at once for one", async () => {
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => intake.send(CREATE, upsertData("one"), { id: "same" })),
    );
    assert.ok(responses.every(({ status }) => status === 202));
    assert.equal(intake.api.askedFor("POST", "/lambdafunctions").length, 1);
    assert.equal(intake.api.askedFor("PATCH").length, 0);
  });

  it("ignores other types with 202", async () => {
    const response = await intake.send("com.example.other", { anything: 1 });
    assert.equal(response.status, 202);
    assert.equal((await json(response))["outcome"], "ignored");
    assert.equal(functions().length, 0);
  });

  it("echoes the correlation id, or makes one", async () => {
    const headers = { "x-correlation-id": "abc-1" };
    const echoed = await intake.send(CREATE, upsertData("one"), { headers });
    assert.equal(echoed.headers.get("x-correlation-id"), "abc-1");
    for (const id of [undefined, "x".repeat(129), "a b"]) {
      const response = await intake.send(
        CREATE,
        {},
        id === undefined ? {} : { headers: { "x-correlation-id": id } },
      );
      assert.match(response.headers.get("x-correlation-id") ?? "", /^[0-9a-f-]{36}$/);
    }
  });

  it("answers 401 to whoever is not known, before it reads what they send", async () => {
    for (const token of [null, "wrong", ""]) {
      const response = await intake.send(CREATE, upsertData("one"), { token });
      assert.equal(response.status, 401);
      assert.equal(response.headers.get("www-authenticate"), "Bearer");
    }
    const { port } = new URL(intake.http);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n{");
    const [first] = (await new Promise<Buffer[]>((resolve) =>
      socket.once("data", (data) => {
        resolve([data]);
      }),
    )) as [Buffer];
    assert.match(first.toString(), /^HTTP\/1.1 401 [^]*connection: close/i);
    socket.destroy();
    assert.equal(functions().length, 0);
  });

  it("answers 403 to a stranger, by verb and namespace, and tells them nothing of their mistakes", async () => {
    const status = async (type: string, data: unknown, token: string) =>
      (await intake.send(type, data, { token })).status;
    for (const [type, data] of [
      [CREATE, upsertData("one")],
      [CREATE, { ...upsertData("one"), spec: {} }],
      [`${COMMAND}service.delete`, { name: "one" }],
      [`${COMMAND}build.start`, { name: "one" }],
      ["network.notifi.lambda.build.start", { parser_id: "1" }],
    ] as const) {
      assert.equal(await status(type, data, "token-stranger"), 403);
      assert.equal(await status(type, data, "token-reader"), 403);
    }
    const elsewhere = { ...upsertData("one"), metadata: { name: "one", namespace: "team-b" } };
    assert.equal(await status(CREATE, elsewhere, "token-ci"), 403);
    assert.equal(functions().length, 0);
  });

  it("authorises the broker's port as the broker's user, whatever token is sent there", async () => {
    const send = (token: string | null) =>
      intake.send(CREATE, upsertData("one"), { token, to: intake.broker });
    assert.equal((await send(null)).status, 403);
    assert.equal((await send("token-ci")).status, 403);
    assert.deepEqual(intake.asked[0]?.user, BROKER);
    assert.ok(intake.asked[0].groups.includes("system:serviceaccounts:knative-lambda-system"));
    assert.equal(intake.api.askedFor("POST", TOKEN_REVIEWS_PATH).length, 0);
  });

  it("answers 400 with every mistake by its field", async () => {
    const data = {
      metadata: { name: "one", labels: { a: "no value" } },
      spec: { source: { type: "git" }, extra: 1 },
    };
    const response = await intake.send(CREATE, data);
    assert.equal(response.status, 400);
    const { mistakes, error } = (await response.json()) as { mistakes: { field: string }[]; error: string };
    assert.equal(error, "Invalid");
    assert.deepEqual(mistakes.map(({ field }) => field).sort(), [
      "data.metadata.labels.a",
      "data.spec.extra",
      "data.spec.runtime",
      "data.spec.source.git",
    ]);
    assert.equal(functions().length, 0);
  });

  it("answers 405, 404 and 413 to what is no event", async () => {
    for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
      const response = await fetch(`${intake.http}/events?x=1`, { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), "POST");
    }
    assert.equal((await fetch(`${intake.http}/other`, { method: "POST", body: "{}" })).status, 404);
    assert.equal((await intake.send(CREATE, { code: "x".repeat(1_600_000) })).status, 413);
    const endless = new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.alloc(65_536, 97));
      },
    });
    const headers = { authorization: "Bearer token-ci" };
    const chunked = await fetch(intake.http, {
      method: "POST",
      headers,
      body: endless,
      duplex: "half",
    })
      .then(({ status }) => status)
      .catch(() => 413);
    assert.equal(chunked, 413);
  });

  it("passes on what the API server says of a function, and none of its own troubles", async () => {
    const { intercept } = intake.api;
    const answer = async (code: number, message: string) => {
      intake.api.intercept = (asked) =>
        asked.method === "POST" && asked.path.includes("/lambdafunctions")
          ? {
              code,
              body: { kind: "Status", code, message },
              headers: code === 429 ? { "retry-after": "9" } : {},
            }
          : intercept(asked);
      const response = await intake.send(CREATE, upsertData("one"));
      return {
        status: response.status,
        retryAfter: response.headers.get("retry-after"),
        body: await json(response),
      };
    };
    assert.equal((await answer(422, "spec.x is wrong")).status, 400);
    assert.equal((await answer(404, "namespaces not found")).body["error"], "NoSuchNamespace");
    assert.equal((await answer(403, "exceeded quota")).status, 403);
    const rights = await answer(403, 'lambdafunctions is forbidden: User "builder" cannot create');
    assert.equal(rights.status, 500);
    assert.doesNotMatch(JSON.stringify(rights.body), /builder/);
    const busy = await answer(429, "slow down");
    assert.deepEqual([busy.status, busy.retryAfter], [429, "9"]);
    const down = await answer(500, "etcd is at 10.0.0.1");
    assert.deepEqual([down.status, down.retryAfter], [500, "5"]);
    assert.doesNotMatch(JSON.stringify(down.body), /etcd/);
  });
});
