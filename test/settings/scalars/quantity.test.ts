import fc from "fast-check";
import assert from "node:assert/strict";
import { amount, canonicalQuantity, least, multiply } from "../../../settings";

describe("quantities", () => {
  const table: [text: string, canonical: string | undefined][] = [
    ["1000m", "1"],
    ["500m", "500m"],
    ["0.5", "500m"],
    ["2", "2"],
    ["2000", "2k"],
    ["1500", "1500"],
    ["1.5Gi", "1536Mi"],
    ["1024Mi", "1Gi"],
    ["2Gi", "2Gi"],
    ["0.5Ki", "512"],
    ["1e3", "1e3"],
    ["1000000Ki", "1000000Ki"],
    ["0.0000000001", "1n"],
    ["0", "0"],
    ["+1", "1"],
    ["", undefined],
    ["-1", undefined],
    ["1GiB", undefined],
    ["1 Gi", undefined],
    ["2gi", undefined],
    ["NaN", undefined],
    [".", undefined],
  ];
  for (const [text, canonical] of table) {
    it(`reads ${JSON.stringify(text)} as ${canonical ?? "no quantity"}`, () => {
      assert.equal(canonicalQuantity(text), canonical);
    });
  }

  const quantities = fc
    .tuple(
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "Ti"),
    )
    .map(([number, suffix]) => `${number}${suffix}`);

  it("is its own canonical form, and worth the same", () => {
    fc.assert(
      fc.property(quantities, (text) => {
        const canonical = canonicalQuantity(text);
        assert.ok(canonical !== undefined);
        assert.equal(canonicalQuantity(canonical), canonical);
        assert.equal(amount(canonical), amount(text));
      }),
    );
  });

  it("multiplies exactly", () => {
    assert.equal(multiply("1", 100), "100");
    assert.equal(multiply("500m", 50), "25");
    assert.equal(multiply("2Gi", 100), "200Gi");
    assert.equal(multiply("1536Mi", 2), "3Gi");
    fc.assert(
      fc.property(quantities, fc.integer({ min: 0, max: 1000 }), (text, times) => {
        assert.ok(
          Math.abs(amount(multiply(text, times)) - amount(text) * times) <= amount(text) * times * 1e-12,
        );
      }),
    );
  });

  it("takes the smaller of two across units", () => {
    assert.equal(least("2Gi", "2G"), "2G");
    assert.equal(least("999m", "1"), "999m");
  });

  it("throws on text that a schema never accepted", () => {
    assert.throws(() => amount("a lot"), /"a lot" is not a Kubernetes quantity/);
  });
});
