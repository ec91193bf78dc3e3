import assert from "node:assert/strict";
import { rootCertificates } from "node:tls";
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
});
