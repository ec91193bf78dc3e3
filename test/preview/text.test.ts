import assert from "node:assert/strict";
import fc from "fast-check";
import { cut, dollars, shown, style, wrap } from "../../preview/text";

describe("wrapped text", () => {
  it("breaks between words, with its own indent for what follows", () => {
    assert.deepEqual(wrap("one two three", "- ", "  ", 9), ["- one two", "  three"]);
  });

  it("parts a word that is longer than a line behind its punctuation", () => {
    assert.deepEqual(wrap("arn:aws:iam::1:role/builder", "", "", 16), ["arn:aws:iam::1:", "role/builder"]);
    assert.deepEqual(wrap("aaaaaaaaaa", "", "", 4), ["aaaa", "aaaa", "aa"]);
  });

  it("keeps to the width and loses nothing but spaces, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 12, max: 80 }),
        (text, indent, width) => {
          const lines = wrap(text, " ".repeat(indent), " ".repeat(indent), width);
          for (const line of lines) assert.ok(line.length <= width);
          const letters = (value: string) => value.replaceAll(" ", "");
          assert.equal(letters(lines.join("")), letters(text));
        },
      ),
    );
  });
});

describe("a value in a line", () => {
  for (const [value, text] of [
    [null, "—"],
    ["", '""'],
    ["two\n words", "two words"],
    [5, "5"],
    [["a", 1], "[a, 1]"],
    [{ cpu: "1", list: [] }, "{cpu: 1, list: []}"],
  ] as const)
    it(`is ${text}`, () => {
      assert.equal(shown(value), text);
    });

  it("is cut with a mark", () => {
    assert.equal(cut("abcdef", 4), "abc…");
    assert.equal(cut("abcd", 4), "abcd");
  });

  it("has cents where it is money", () => {
    assert.equal(dollars(3), "$3.00");
  });
});

describe("emphasis", () => {
  it("is nothing without colour", () => {
    const { strong, faint, good, warning } = style(false);
    assert.equal(strong(faint(good(warning("a")))), "a");
  });

  it("ends where it began with colour", () => {
    assert.equal(style(true).strong("a"), "\u001b[1ma\u001b[22m");
    assert.equal(style(true).strong(""), "");
  });
});
