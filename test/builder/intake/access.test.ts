import assert from "node:assert/strict";
import { Access, callerNamed } from "../../../builder/intake/access";
import type { FakeApi } from "../support/fakeApi";
import {
  ACCESS_REVIEWS_PATH,
  clusterOfRights,
  NAMESPACE,
  TOKEN_REVIEWS_PATH,
} from "./support/clusterOfRights";

const KEY = { namespace: NAMESPACE, name: "fn" };

describe("Access", () => {
  let now = 0;
  let api: FakeApi;
  let access: Access;
  let rights: string[];
  let asked: Awaited<ReturnType<typeof clusterOfRights>>["asked"];

  beforeEach(async () => {
    ({ api, asked, rights } = await clusterOfRights([
      `ci update ${NAMESPACE}`,
      `dev delete ${NAMESPACE}/fn`,
    ]));
    now = 0;
    access = new Access(api.client(), { now: () => now, size: 8 });
  });

  afterEach(() => api.close());

  const reviews = (): number => api.askedFor("POST", TOKEN_REVIEWS_PATH).length;

  it("asks whose a token is once for all who send it, and again after a while", async () => {
    const callers = await Promise.all(Array.from({ length: 20 }, () => access.callerOf("token-ci")));
    assert.deepEqual(callers[0], { username: "ci", uid: undefined, groups: ["g"], extra: undefined });
    assert.equal(reviews(), 1);
    now = 9_999;
    await access.callerOf("token-ci");
    assert.equal(reviews(), 1);
    now = 10_000;
    await access.callerOf("token-ci");
    assert.equal(reviews(), 2);
  });

  it("believes that a token is unknown for a moment only, and keeps true ones beside any number of made-up ones", async () => {
    await access.callerOf("token-ci");
    assert.equal(await access.callerOf("x"), undefined);
    assert.equal(await access.callerOf("x"), undefined);
    assert.equal(reviews(), 2);
    now = 2_000;
    await access.callerOf("x");
    assert.equal(reviews(), 3);
    await Promise.all(Array.from({ length: 50 }, (_, index) => access.callerOf(`made-up-${index}`)));
    const before = reviews();
    await access.callerOf("token-ci");
    assert.equal(reviews(), before);
  });

  it("asks for each verb on lambdafunctions in the namespace, with all that is known of the caller", async () => {
    const caller = { username: "ci", uid: "u", groups: ["g"], extra: { scopes: ["s"] } };
    assert.equal(await access.mayAll(caller, ["update"], KEY), true);
    assert.deepEqual(asked, [
      {
        user: "ci",
        uid: "u",
        groups: ["g"],
        extra: { scopes: ["s"] },
        resourceAttributes: {
          group: "lambda.knative.io",
          resource: "lambdafunctions",
          verb: "update",
          namespace: NAMESPACE,
        },
      },
    ]);
  });

  it("permits only what is permitted for every verb", async () => {
    const ci = callerNamed("ci");
    assert.equal(await access.mayAll(ci, ["create", "update"], KEY), false);
    rights.push(`ci create ${NAMESPACE}`);
    assert.equal(await access.mayAll(ci, ["create", "update"], KEY), false, "refused for 2 s");
    now = 2_000;
    assert.equal(await access.mayAll(ci, ["create", "update"], KEY), true);
    assert.equal(await access.mayAll(ci, ["update"], { ...KEY, namespace: "team-b" }), false);
    assert.equal(await access.mayAll(callerNamed("stranger"), ["update"], KEY), false);
  });

  it("honours a right to one function by name, but none to create by name", async () => {
    const dev = callerNamed("dev");
    assert.equal(await access.mayAll(dev, ["delete"], KEY), true);
    assert.equal(await access.mayAll(dev, ["delete"], { ...KEY, name: "other" }), false);
    rights.push(`dev create ${NAMESPACE}/new`);
    assert.equal(await access.mayAll(dev, ["create"], { ...KEY, name: "new" }), false);
  });

  it("asks once for any number of functions of a namespace", async () => {
    const ci = callerNamed("ci");
    for (let index = 0; index < 50; index += 1)
      await access.mayAll(ci, ["update"], { ...KEY, name: `fn${index}` });
    assert.equal(asked.length, 1);
  });

  it("permits nothing while the API server gives no answer, and keeps no failure", async () => {
    const { intercept } = api;
    api.intercept = () => ({ code: 500, body: {} });
    await assert.rejects(access.mayAll(callerNamed("ci"), ["update"], KEY));
    await assert.rejects(access.callerOf("token-ci"));
    api.intercept = intercept;
    assert.equal(await access.mayAll(callerNamed("ci"), ["update"], KEY), true);
    assert.equal((await access.callerOf("token-ci"))?.username, "ci");
  });

  it("does not permit what is denied as well", async () => {
    const { intercept } = api;
    api.intercept = (request) =>
      request.path === ACCESS_REVIEWS_PATH
        ? { code: 201, body: { status: { allowed: true, denied: true } } }
        : intercept(request);
    assert.equal(await access.mayAll(callerNamed("ci"), ["update"], KEY), false);
  });
});

describe("callerNamed", () => {
  it("gives a service account the groups that the API server gives it", () => {
    assert.deepEqual(callerNamed("system:serviceaccount:ns:sa").groups, [
      "system:serviceaccounts",
      "system:serviceaccounts:ns",
      "system:authenticated",
    ]);
    assert.deepEqual(callerNamed("jane").groups, ["system:authenticated"]);
  });
});
