import assert from "node:assert/strict";
import { until } from "../support/loopback";
import { all, COMMAND, ENVIRONMENT, listeningIntake, upsertData } from "./support/clusterOfRights";

const CREATE = `${COMMAND}service.create`;

describe("the intake under pressure", () => {
  it("answers 429 with Retry-After past its bound, then takes events again", async () => {
    const intake = await listeningIntake(all("ci"), { pressure: { requests: 2, bytes: 1e9 } });
    const { intercept } = intake.api;
    const creates = () => intake.api.askedFor("POST", "/lambdafunctions").length;
    intake.api.intercept = (asked) => (asked.path.includes("/lambdafunctions") ? "hang" : intercept(asked));
    const held = [intake.send(CREATE, upsertData("one")), intake.send(CREATE, upsertData("two"))].map(
      (response) => response.catch(() => undefined),
    );
    await until("both are held", () => intake.api.askedFor("GET").length === 2);
    const refused = await intake.send(CREATE, upsertData("three"));
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get("retry-after")) >= 1);
    assert.equal(creates(), 0);
    intake.api.intercept = intercept;
    await intake.api.close();
    await Promise.all(held);
    await intake.servers.http.close();
    await intake.servers.broker?.close();
  });

  it("counts the bytes of bodies", async () => {
    const intake = await listeningIntake(all("ci"), { pressure: { requests: 10, bytes: 400 } });
    assert.equal((await intake.send(CREATE, upsertData("one", "x".repeat(500)))).status, 429);
    assert.equal((await intake.send(CREATE, upsertData("one", "x"))).status, 202);
    await intake.close();
  });

  it("answers what it has taken when it stops, and takes no more", async () => {
    const intake = await listeningIntake(all("ci"));
    const { intercept } = intake.api;
    let slow = true;
    intake.api.intercept = (asked) =>
      slow && asked.path.includes("/lambdafunctions")
        ? { code: 429, body: {}, headers: { "retry-after": "0" } }
        : intercept(asked);
    const taken = intake.send(CREATE, upsertData("one"));
    await until("it is held", () => intake.api.askedFor("GET").length > 0);
    const closed = intake.servers.http.close();
    slow = false;
    assert.equal((await taken).status, 202);
    await closed;
    await assert.rejects(intake.send(CREATE, upsertData("two")));
    await intake.close();
  });

  it("keeps the broker's port shut where no user is named for it", async () => {
    const intake = await listeningIntake([], { environment: { ...ENVIRONMENT, BROKER_USER: undefined } });
    assert.equal(intake.servers.broker, undefined);
    await intake.close();
  });
});
