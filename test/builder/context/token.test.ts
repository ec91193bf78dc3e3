import assert from "node:assert/strict";
import crypto from "node:crypto";
import fc from "fast-check";
import { claimsOf, readToken, signToken } from "../../../builder/context/token";
import { TokenKey } from "../../../builder/context/tokenKey";
import { FakeApi } from "../support/fakeApi";

const key = Buffer.alloc(32, 1);
const claims = { job: "build-f-0123456789", namespace: "team-a", context: "c".repeat(64) };

describe("a one-build token", () => {
  it("says what it is good for, to whoever has the key and to its holder", () => {
    const token = signToken(key, claims);
    assert.deepEqual(readToken(key, token), claims);
    assert.deepEqual(claimsOf(token), claims);
    assert.equal(signToken(key, claims), token, "two replicas make the same");
    assert.match(token, /^[\w-]+\.[\w-]{43}$/);
  });

  it("is none of another key", () => {
    assert.equal(readToken(Buffer.alloc(32, 2), signToken(key, claims)), undefined);
  });

  it("is another for every other claim, however the texts run into each other", () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.string(), fc.string(), fc.string()),
        fc.tuple(fc.string(), fc.string(), fc.string()),
        (a, b) => {
          const of = ([job, namespace, context]: string[]) =>
            signToken(key, { job: job ?? "", namespace: namespace ?? "", context: context ?? "" });
          assert.equal(of(a) === of(b), JSON.stringify(a) === JSON.stringify(b));
        },
      ),
    );
    const split = signToken(key, { ...claims, job: "a", namespace: "bc" });
    assert.notEqual(split, signToken(key, { ...claims, job: "ab", namespace: "c" }));
  });

  it("is none once a character of it is another", () => {
    const token = signToken(key, claims);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === "A" ? "B" : "A";
      const changed = token.slice(0, index) + other + token.slice(index + 1);
      assert.equal(readToken(key, changed), undefined, `at ${index}`);
    }
  });

  it("is no other text", () => {
    const token = signToken(key, claims);
    const [payload = "", signature = ""] = token.split(".");
    for (const text of [
      "",
      ".",
      "..",
      payload,
      `${payload}.`,
      `.${signature}`,
      `${token}.`,
      `${token}=`,
      ` ${token}`,
      "e30.e30",
    ])
      assert.equal(readToken(key, text), undefined, JSON.stringify(text));
    fc.assert(fc.property(fc.string(), (text) => readToken(key, text) === undefined));
  });

  it("is compared in a time that tells nothing of how much of it is right", () => {
    const compare = crypto.timingSafeEqual;
    const compared: number[][] = [];
    crypto.timingSafeEqual = (a, b) => {
      compared.push([a.byteLength, b.byteLength]);
      return compare(a, b);
    };
    try {
      const [payload = ""] = signToken(key, claims).split(".");
      assert.equal(readToken(key, `${payload}.${Buffer.alloc(32).toString("base64url")}`), undefined);
    } finally {
      crypto.timingSafeEqual = compare;
    }
    assert.deepEqual(compared, [[32, 32]]);
  });

  it("has no claims where it was made of something else", () => {
    for (const payload of ["{}", "[]", '["a","b"]', '["a","b",3]', "null"])
      assert.equal(claimsOf(`${Buffer.from(payload).toString("base64url")}.x`), undefined, payload);
  });
});

describe("the key of the tokens", () => {
  const SECRETS = "/api/v1/namespaces/system/secrets";
  const name = "knative-lambda-build-token";
  let api: FakeApi;
  beforeEach(async () => {
    api = await FakeApi.start();
  });
  afterEach(() => api.close());
  const empty = (): unknown => api.put(SECRETS, { metadata: { namespace: "system", name } });
  const replica = (now?: () => number) => new TokenKey(api.client({ retries: 0 }), "system", now);

  it("is filled in by whoever finds its Secret empty, and is the same for all", async () => {
    empty();
    const keys = await Promise.all([replica().get(), replica().get(), replica().get()]);
    assert.equal(keys[0].length, 32);
    assert.ok(keys.every((other) => other.equals(keys[0])));
    assert.ok((await replica().get()).equals(keys[0]));
  });

  it("never goes over one that is there", async () => {
    empty();
    const theirs = Buffer.alloc(32, 7).toString("base64");
    api.intercept = ({ method }) => {
      if (method === "PATCH")
        api.put(SECRETS, { metadata: { namespace: "system", name }, data: { key: theirs } } as never);
      return undefined;
    };
    assert.equal((await replica().get()).toString("base64"), theirs);
  });

  it("is read once a minute, so that a new one reaches every replica, and kept while the API server is gone", async () => {
    empty();
    let now = 0;
    const one = replica(() => now);
    const first = await one.get();
    await Promise.all([one.get(), one.get()]);
    const asked = api.asked.length;
    const second = Buffer.alloc(32, 9);
    api.put(SECRETS, {
      metadata: { namespace: "system", name },
      data: { key: second.toString("base64") },
    } as never);
    now = 59_000;
    assert.deepEqual(await one.get(), first);
    assert.equal(api.asked.length, asked);
    now = 61_000;
    assert.deepEqual(await one.get(), second);
    now = 200_000;
    api.intercept = () => ({ code: 500 });
    assert.deepEqual(await one.get(), second);
    await assert.rejects(replica().get(), /500/);
  });

  it("is asked for in so many words where its Secret is missing or too short", async () => {
    await assert.rejects(replica().get(), /Secret system\/knative-lambda-build-token is missing/);
    api.put(SECRETS, { metadata: { namespace: "system", name }, data: { key: "c2hvcnQ=" } } as never);
    await assert.rejects(replica().get(), /holds a key of 5 bytes/);
  });
});
