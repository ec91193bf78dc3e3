import fc from "fast-check";
import ipaddr from "ipaddr.js";
import assert from "node:assert/strict";
import { subnetBlock } from "../../components/addressPlan";

const KINDS = ["public", "private"] as const;
const ZONES = [0, 1, 2];

/** First and last address of a block. */
function range(block: string): [number, number] {
  const [address, prefix] = ipaddr.IPv4.parseCIDR(block);
  const first = address.octets.reduce((value, octet) => value * 256 + octet, 0);
  return [first, first + 2 ** (32 - prefix) - 1];
}

describe("subnetBlock", () => {
  it("gives private subnets a quarter of the VPC each and public ones a sixteenth", () => {
    const blocks = KINDS.map((kind) => ZONES.map((zone) => subnetBlock("10.0.0.0/16", kind, zone)));
    assert.deepEqual(blocks, [
      ["10.0.192.0/20", "10.0.208.0/20", "10.0.224.0/20"],
      ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18"],
    ]);
  });

  it("keeps every subnet inside the VPC and apart from the others, whatever the VPC", () => {
    const vpcs = fc
      .record({ prefix: fc.integer({ min: 16, max: 20 }), bits: fc.integer({ min: 0, max: 0xffff }) })
      .map(({ prefix, bits }) => {
        const first = 10 * 2 ** 24 + Math.floor((bits * 256) / 2 ** (32 - prefix)) * 2 ** (32 - prefix);
        return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${prefix}`;
      });
    fc.assert(
      fc.property(vpcs, (vpc) => {
        const [start, end] = range(vpc);
        const ranges = KINDS.flatMap((kind) => ZONES.map((zone) => range(subnetBlock(vpc, kind, zone))));
        for (const [index, [first, last]] of ranges.entries()) {
          assert.ok(start <= first && last <= end);
          for (const [otherFirst, otherLast] of ranges.slice(index + 1))
            assert.ok(last < otherFirst || otherLast < first);
        }
      }),
    );
  });

  it("refuses a fourth zone rather than hand out a block twice", () => {
    assert.throws(() => subnetBlock("10.0.0.0/16", "public", 3), /no zone 3/);
    assert.throws(() => subnetBlock("10.0.0.1/16", "public", 0), /bits set below its prefix/);
  });
});
