import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { KubeConfig } from "@kubernetes/client-node";
import { request } from "undici";
import { KubeConfigConnection } from "../../../builder/kubernetes/connection";
import { certificateExpiry, tokenExpiry } from "../../../builder/kubernetes/credentialExpiry";

const token = (claims: unknown): string =>
  `Bearer h.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.s`;

describe("when a credential ends", () => {
  it("is what a service account's token says", () => {
    assert.equal(tokenExpiry(token({ exp: 1_800_000_000 })), 1_800_000_000);
  });

  it("is not known of a token without an end, of one that can't be read, or of none", () => {
    for (const authorization of [
      token({}),
      token({ exp: "soon" }),
      "Bearer h.%%%.s",
      "Bearer opaque",
      undefined,
    ])
      assert.equal(tokenExpiry(authorization), undefined, authorization);
  });

  it("is what a certificate says, and unknown of anything else", () => {
    const [authority = ""] = rootCertificates;
    const ends = certificateExpiry(authority);
    assert.ok(ends !== undefined && ends > Date.UTC(2020, 0) / 1000 && Number.isInteger(ends));
    assert.equal(certificateExpiry("no certificate"), undefined);
  });

  it("is known of a connection's token, and of the certificate that the API server shows", async function () {
    if (spawnSync("openssl", ["version"]).status !== 0) this.skip();
    const folder = mkdtempSync(join(tmpdir(), "certificate-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync(
      "openssl",
      [
        ..."req -x509 -newkey ed25519 -nodes -days 3 -subj /CN=api -addext subjectAltName=IP:127.0.0.1".split(
          " ",
        ),
        ...["-keyout", key, "-out", cert],
      ],
      { stdio: "pipe" },
    );
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
      response.end(),
    );
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [
        {
          name: "c",
          server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
          caData: readFileSync(cert).toString("base64"),
        },
      ],
      users: [{ name: "u", token: token({ exp: 1_900_000_000 }).slice("Bearer ".length) }],
      contexts: [{ name: "x", cluster: "c", user: "u" }],
      currentContext: "x",
    });
    const connection = new KubeConfigConnection(config);
    try {
      const { dispatcher, headers } = await connection.credentials();
      assert.deepEqual([...connection.expiries()], [["api_server_token", 1_900_000_000]]);
      const { body } = await request(connection.server, { dispatcher, headers });
      await body.dump();
      const ends = connection.expiries().get("api_server_certificate") ?? NaN;
      assert.ok(Math.abs(ends - (Date.now() / 1000 + 3 * 86_400)) < 60, String(ends));
    } finally {
      await connection.close();
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});
