import assert from "node:assert/strict";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { reached, reachedInside, tooWide } from "../../policy/kit/blocks";

const METADATA = ["169.254.169.254/32"];
const DEFAULT = { widestIpv4: 8, widestIpv6: 16 };

describe("address blocks", () => {
  const REACHED: [what: string, cidr: string, except: string[], reaches: boolean][] = [
    ["a block that has the address", "128.0.0.0/1", [], true],
    ["the address itself", "169.254.169.254/32", [], true],
    ["a block beside it", "0.0.0.0/1", [], false],
    ["all, except a block that covers it", "0.0.0.0/0", ["169.254.0.0/16"], false],
    ["all, except the address", "0.0.0.0/0", ["169.254.169.254/32"], false],
    ["all, except a block beside it", "0.0.0.0/0", ["169.254.170.0/24"], true],
    ["all, except text that is no block", "0.0.0.0/0", ["metadata"], true],
    ["text that is no block", "0.0.0.0", [], true],
    ["IPv6", "::/0", [], false],
  ];
  for (const [what, cidr, except, reaches] of REACHED)
    it(`${what}: ${reaches ? "reaches" : "doesn't reach"} the metadata service`, () => {
      assert.deepEqual(reached({ cidr, except }, METADATA), reaches ? METADATA : []);
    });

  it("are reached unless all of each is left out, be it in parts", () => {
    const blocks = ["10.0.0.0/8"];
    const halves = ["10.0.0.0/9", "10.128.0.0/9"];
    assert.deepEqual(reached({ cidr: "0.0.0.0/0", except: halves }, blocks), []);
    assert.deepEqual(reached({ cidr: "0.0.0.0/0", except: halves.slice(1) }, blocks), blocks);
  });

  it("of one address are known, wherever it is; of two are not", () => {
    assert.deepEqual(reachedInside({ cidr: "10.244.77.2/32" }), []);
    assert.deepEqual(reachedInside({ cidr: "fd00::1/128" }), []);
    assert.deepEqual(reachedInside({ cidr: "10.244.77.2/31" }), ["10.0.0.0/8"]);
    assert.deepEqual(reachedInside({ cidr: "fd00::/32" }), ["fc00::/7"]);
  });

  const WIDE: [cidrs: string[], wide: string[]][] = [
    [[], []],
    [["203.0.113.0/24", "9.0.0.0/9"], []],
    [["9.0.0.0/8", "9.1.0.0/16"], []],
    [["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "9.0.0.0/8"], []],
    [["203.0.113.0/24", "9.0.0.0/8"], ["203.0.113.0/24 with 9.0.0.0/8"]],
    [["2001:db8::/32", "fc00::/16"], []],
    [["8.0.0.0/7", "203.0.113.0/24"], ["8.0.0.0/7"]],
    [
      ["0.0.0.0/1", "128.0.0.0/1"],
      ["0.0.0.0/1", "128.0.0.0/1"],
    ],
    [["8.0.0.0/8", "9.0.0.0/32"], ["8.0.0.0/8 with 9.0.0.0/32"]],
    [["::/0"], ["::/0"]],
    [["2000::/3"], ["2000::/3"]],
    [["2600::/16", "2601::/16"], ["2600::/16 with 2601::/16"]],
    [["everywhere"], ["everywhere"]],
  ];
  for (const [cidrs, wide] of WIDE)
    it(`[${cidrs.join(", ")}] are ${wide.length === 0 ? "not " : ""}too wide`, () => {
      assert.deepEqual(tooWide(cidrs, DEFAULT), wide);
    });

  it("reach one address exactly where ipaddr.js finds it in the block and in no exception", () => {
    const address = fc.nat(2 ** 32 - 1).map((value) => ipaddr.fromByteArray(bytesOf(value)).toString());
    const block = fc.tuple(address, fc.nat(32)).map(([start, prefix]) => `${start}/${prefix}`);
    const has = (cidr: string, ip: string) => ipaddr.IPv4.parse(ip).match(ipaddr.IPv4.parseCIDR(cidr));
    fc.assert(
      fc.property(block, fc.array(block, { maxLength: 4 }), address, (cidr, except, ip) => {
        const expected = has(cidr, ip) && !except.some((one) => has(one, ip));
        assert.equal(reached({ cidr, except }, [`${ip}/32`]).length > 0, expected);
      }),
      { numRuns: 500 },
    );
  });
});

const bytesOf = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
