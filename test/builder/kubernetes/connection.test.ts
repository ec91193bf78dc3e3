import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { KubeConfigConnection } from "../../../builder/kubernetes/connection";

describe("a connection by kubeconfig", () => {
  let folder: string;
  let now: number;
  let connection: KubeConfigConnection;
  const write = (file: string, text: string): void => {
    writeFileSync(join(folder, file), text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "connection-"));
    write("token", "first");
    write("ca.crt", "authority one");
    now = 0;
    const config = new KubeConfig();
    // As a pod's own service account is read.
    config.loadFromOptions({
      clusters: [{ name: "c", server: "https://10.0.0.1:443/", caFile: join(folder, "ca.crt") }],
      users: [
        { name: "u", authProvider: { name: "tokenFile", config: { tokenFile: join(folder, "token") } } },
      ],
      contexts: [{ name: "x", cluster: "c", user: "u" }],
      currentContext: "x",
    });
    connection = new KubeConfigConnection(config, () => now);
  });
  afterEach(async () => {
    await connection.close();
    rmSync(folder, { recursive: true });
  });

  it("has the service account's token, and one dispatcher for all requests", async () => {
    const [one, two] = await Promise.all([connection.credentials(), connection.credentials()]);
    assert.equal(connection.server, "https://10.0.0.1:443");
    assert.deepEqual(one.headers, { Authorization: "Bearer first" });
    assert.equal(two, one);
    now = 31_000;
    assert.equal((await connection.credentials()).dispatcher, one.dispatcher);
  });

  it("makes another dispatcher only where the certificate authority is another", async () => {
    const before = await connection.credentials();
    write("ca.crt", "authority two");
    now = 29_000;
    assert.equal((await connection.credentials()).dispatcher, before.dispatcher);
    now = 31_000;
    assert.notEqual((await connection.credentials()).dispatcher, before.dispatcher);
  });

  it("reads all anew at once where the server has refused it", async () => {
    const before = await connection.credentials();
    write("ca.crt", "authority two");
    connection.renew();
    const after = await connection.credentials();
    assert.notEqual(after.dispatcher, before.dispatcher);
    assert.equal(await connection.credentials(), after);
  });
});
