import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../../tools/trigger/connect";

describe("the way to the builder", () => {
  const folder = mkdtempSync(join(tmpdir(), "connect-"));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** A program that prints, and then stays until it is ended. */
  function forwarder(prints: string, stays = true): string {
    const file = join(folder, "kubectl");
    writeFileSync(
      file,
      `#!${process.execPath}\n${prints}\n${stays ? "setInterval(() => undefined, 1000);" : ""}\n`,
    );
    chmodSync(file, 0o700);
    return file;
  }
  const never = () => Promise.reject(new Error("kubectl was run"));
  const token = (...args: string[]) => {
    assert.deepEqual(args, [
      "create",
      "token",
      "knative-lambda-trigger",
      "--namespace",
      "knative-lambda-system",
      "--duration=10m",
    ]);
    return Promise.resolve("a-token\n");
  };

  it("is what the environment says, without kubectl", async () => {
    const environment = { BUILDER_URL: "https://builder.example.com", BUILDER_TOKEN: "mine" };
    const { url, token: own } = await connect(environment, never, "/nowhere");
    assert.deepEqual([url, own], ["https://builder.example.com", "mine"]);
  });

  it("has a token of kubectl's where only the address is given", async () => {
    assert.equal(
      (await connect({ BUILDER_URL: "http://127.0.0.1:8080" }, token, "/nowhere")).token,
      "a-token",
    );
    await assert.rejects(
      connect({ BUILDER_URL: "builder" }, token),
      /^UsageError: BUILDER_URL=builder is no URL/,
    );
  });

  it("is a port-forward otherwise, which ends when it is closed", async () => {
    const program = forwarder(
      'process.on("SIGTERM", () => { require("fs").writeFileSync(__filename + ".ended", ""); process.exit(); }); console.log(process.argv.slice(2).join(" ")); console.log("Forwarding from 127.0.0.1:40001 -> 8080");',
    );
    const connection = await connect({}, token, program);
    assert.equal(connection.url, "http://127.0.0.1:40001");
    connection.close();
    const { setTimeout: delay } = await import("node:timers/promises");
    const { existsSync } = await import("node:fs");
    for (let tries = 0; tries < 1_000 && !existsSync(`${program}.ended`); tries += 1) await delay(20);
    assert.ok(existsSync(`${program}.ended`));
  });

  it("fails in kubectl's words", async () => {
    const program = forwarder('console.error("error: services not found"); process.exitCode = 1;', false);
    await assert.rejects(
      connect({}, token, program),
      /^Error: kubectl port-forward: error: services not found$/,
    );
    await assert.rejects(connect({}, token, join(folder, "gone")), /kubectl port-forward: .*ENOENT/);
  });
});
