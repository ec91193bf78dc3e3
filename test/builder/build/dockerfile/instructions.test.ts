import assert from "node:assert/strict";
import fc from "fast-check";
import { cacheableInstructions } from "../../../../builder/build/dockerfile/instructions";

const texts = (dockerfile: string): string[] =>
  cacheableInstructions(dockerfile).map(({ stage, text }) => `${stage} ${text}`);

describe("the cacheable instructions of a Dockerfile", () => {
  it("are RUN, COPY, ADD and WORKDIR, of every stage that the last one needs", () => {
    assert.deepEqual(
      texts(
        [
          "ARG BASE=x",
          "FROM $BASE AS build",
          "WORKDIR /src",
          "copy . .",
          "RUN make",
          "FROM x AS unused",
          "RUN never",
          "FROM x",
          "ENV A=1",
          "ADD a.tar /a",
          "COPY --from=build /src/a /a",
          "USER 1",
          'CMD ["a"]',
        ].join("\n"),
      ),
      ["0 WORKDIR /src", "0 COPY . .", "0 RUN make", "2 ADD a.tar /a", "2 COPY --from=build /src/a /a"],
    );
  });

  it("are found in stages named by number, by another's name, and as a base", () => {
    assert.deepEqual(texts("FROM a\nRUN 0\nFROM a\nRUN 1\nFROM a\nCOPY --from=1 /x /x\n"), [
      "1 RUN 1",
      "2 COPY --from=1 /x /x",
    ]);
    assert.deepEqual(texts("FROM a AS One\nRUN 0\nFROM one\nRUN 1\n"), ["0 RUN 0", "1 RUN 1"]);
    assert.deepEqual(texts("FROM a AS one\nRUN 0\nFROM a\nRUN --mount=type=bind,from=one,target=/x make\n"), [
      "0 RUN 0",
      "1 RUN --mount=type=bind,from=one,target=/x make",
    ]);
    assert.deepEqual(texts("FROM a\nRUN 0\nFROM b\nCOPY --from=registry.example.com/image:1 /x /x\n"), [
      "1 COPY --from=registry.example.com/image:1 /x /x",
    ]);
  });

  it("are one where they run over several lines, comments between them", () => {
    assert.deepEqual(texts("FROM a\nRUN one && \\\n# a word\n    two && \\\n\n    three\n"), [
      "0 RUN one && two && three",
    ]);
    assert.deepEqual(texts("# escape=`\nFROM a\nRUN one `\n  two\nRUN c:\\\nCOPY a b\n"), [
      "0 RUN one two",
      "0 RUN c:\\",
      "0 COPY a b",
    ]);
  });

  it("are not looked for in here-documents", () => {
    assert.deepEqual(
      texts('FROM a\nRUN <<EOF\nRUN not\nEOF\nCOPY <<-"A" <<B /x/\n\tCOPY not\n\tA\nRUN not\nB\nRUN yes\n'),
      ["0 RUN <<EOF", '0 COPY <<-"A" <<B /x/', "0 RUN yes"],
    );
  });

  it("leave out what makes no layer", () => {
    assert.deepEqual(texts("FROM a\nWORKDIR /\nENV A=1\nLABEL x=RUN\nONBUILD RUN x\nENTRYPOINT RUN\n"), []);
    assert.deepEqual(texts(""), []);
    assert.deepEqual(texts("RUN before any stage\n"), []);
  });

  it("are counted without a crash, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.constantFrom(
              "FROM a AS a",
              "FROM a",
              "COPY --from=a x y",
              "RUN <<A",
              "A",
              "RUN x \\",
              "# escape=`",
            ),
          ),
        ),
        (lines) => {
          cacheableInstructions(lines.join("\n"));
        },
      ),
    );
  });
});
