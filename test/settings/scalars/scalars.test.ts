import fc from "fast-check";
import assert from "node:assert/strict";
import {
  durationSeconds,
  principalOf,
  readArn,
  readCidr,
  readImageReference,
  subnet,
} from "../../../settings";

describe("durations", () => {
  const table: [text: string, seconds: number | undefined][] = [
    ["72h", 259_200],
    ["1h30m", 5400],
    ["45s", 45],
    ["1.5h", 5400],
    ["250ms", 0.25],
    ["0", 0],
    ["3d", undefined],
    ["72", undefined],
    ["h", undefined],
    ["1h 30m", undefined],
    ["-1h", undefined],
    ["", undefined],
  ];
  for (const [text, expected] of table) {
    it(`reads ${JSON.stringify(text)} as ${expected ?? "no duration"}`, () => {
      assert.equal(durationSeconds(text), expected);
    });
  }
});

describe("CIDR blocks", () => {
  it("refuses host bits and says which block is meant", () => {
    assert.equal(readCidr("10.0.1.0/16"), "has bits set below its prefix; write 10.0.0.0/16");
  });

  it("refuses what is no IPv4 block", () => {
    for (const text of ["10.0.0.0", "10.0.0.0/33", "300.0.0.0/8", "2001:db8::/32", ""])
      assert.equal(typeof readCidr(text), "string", text);
  });

  it("carves subnets that follow one another and never overlap", () => {
    assert.deepEqual(
      [0, 1, 15].map((index) => subnet("10.0.0.0/16", 20, index)),
      ["10.0.0.0/20", "10.0.16.0/20", "10.0.240.0/20"],
    );
    assert.throws(() => subnet("10.0.0.0/16", 20, 16), /has no \/20 number 16/);
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 28 }), fc.nat(), (prefix, seed) => {
        const index = seed % 2 ** (prefix - 16);
        const block = readCidr(subnet("10.64.0.0/16", prefix, index));
        assert.ok(typeof block !== "string");
        const [a, b, c, d] = block.address.octets as [number, number, number, number];
        assert.equal(
          ((a * 256 + b) * 256 + c) * 256 + d,
          (10 * 256 + 64) * 65_536 + index * 2 ** (32 - prefix),
        );
      }),
    );
  });
});

describe("ARNs", () => {
  it("are taken apart", () => {
    assert.deepEqual(readArn("arn:aws:iam::123456789012:role/team/deployer"), {
      partition: "aws",
      service: "iam",
      region: "",
      account: "123456789012",
      resource: "role/team/deployer",
    });
  });

  it("refuse what only looks like one", () => {
    for (const text of [
      "arn:aws:iam::123:role/x",
      "arn:aws:iam",
      "iam::123456789012:role/x",
      "arn:other:iam::123456789012:role/x",
    ]) {
      assert.equal(readArn(text), undefined, text);
    }
  });

  it("know the role behind a session", () => {
    const role = principalOf("arn:aws:iam::123456789012:role/team/deployer");
    assert.deepEqual(principalOf("arn:aws:sts::123456789012:assumed-role/deployer/ci-17"), role);
    assert.notDeepEqual(principalOf("arn:aws:sts::999999999999:assumed-role/deployer/ci-17"), role);
  });
});

describe("image references", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  it("are taken apart, with ports, tags and digests", () => {
    assert.deepEqual(readImageReference(`10.244.77.2:5000/a/b:v1@${digest}`), {
      registry: "10.244.77.2:5000",
      repository: "a/b",
      tag: "v1",
      digest,
    });
    assert.deepEqual(readImageReference(`ghcr.io/a@${digest}`), {
      registry: "ghcr.io",
      repository: "a",
      digest,
    });
  });

  const refused: [text: string, wrong: RegExp][] = [
    ["python:3.13", /names no registry/],
    ["library/python:3.13", /names no registry/],
    ["ghcr.io/a/b", /neither tag nor digest/],
    ["ghcr.io/a/b:latest", /moving tag "latest"/],
    ["ghcr.io/A/b:1", /repository that no registry takes/],
    ["ghcr.io/a/b:1@sha256:12", /not sha256: and 64/],
    ["ghcr.io/a/b:.1", /tag that no registry takes/],
  ];
  for (const [text, wrong] of refused) {
    it(`refuses ${text}`, () => {
      const answer = readImageReference(text);
      assert.ok(typeof answer === "string");
      assert.match(answer, wrong);
    });
  }
});
