import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { InfrastructureError, type SourceTree, UserError } from "../../../builder/types";
import { archiveReader } from "./support/archiveReader";
import { tarOf, zipOf } from "./support/archives";
import { deltaAfter, deltaOf, packOf, signed, stored } from "./support/gitObjects";
import { gitSource, repository } from "./support/gitSource";
import { answerGit } from "./support/servers";
import { everythingIn } from "./support/trees";

interface Damage {
  /** Where, as a part of the whole, and the byte that is put there. */
  bytes: [number, number][];
  /** What is left of it, as a part of the whole. */
  length: number;
}

const damages = fc.record<Damage>({
  bytes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { maxLength: 8 }),
  length: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
});

function damaged(whole: Buffer, { bytes, length }: Damage): Buffer {
  const copy = Buffer.from(whole.subarray(0, Math.ceil(whole.length * length)));
  for (const [at, byte] of bytes) if (copy.length > 0) copy[Math.floor(at * (copy.length - 1))] = byte;
  return copy;
}

/** It is a source, or it is refused: whatever else is thrown is a hole in the reader. */
async function readsOrRefuses(read: Promise<SourceTree>): Promise<void> {
  try {
    await (await read).dispose();
  } catch (error) {
    assert.ok(error instanceof UserError || error instanceof InfrastructureError, String(error));
    assert.ok(!(error instanceof InfrastructureError && error.reason === "SourceFetchFailed"), String(error));
  }
}

describe("a source that is damaged anywhere", () => {
  const { folder, read } = archiveReader();
  const git = gitSource();
  const files = [
    { name: "main.py", contents: "print(1)\n".repeat(100) },
    { name: "lib/a.py", contents: "x" },
  ];

  for (const [what, make] of Object.entries({
    "a tar archive": () =>
      tarOf(
        ...files,
        { name: "l", type: "symlink", linkname: "main.py" },
        { name: "p", pax: { comment: "x" } },
      ),
    "a compressed tar archive": async () => gzipSync(await tarOf(...files)),
    "a zip archive": () =>
      Promise.resolve(zipOf(...files, { name: "l", contents: "main.py", mode: 0o120777 })),
  }))
    it(`is read or refused as ${what}, and leaves nothing behind`, async () => {
      const whole = await make();
      await fc.assert(
        fc.asyncProperty(damages, async (damage) => {
          await readsOrRefuses(read(damaged(whole, damage)));
        }),
        { numRuns: 80 },
      );
      assert.deepEqual(await everythingIn(folder()), []);
    });

  it("is read or refused as a pack of git, and leaves nothing behind", async () => {
    const repo = repository({ "main.py": "x".repeat(3_000), "a.py": "print(1)\n" });
    const base = Buffer.from("print(1)\n");
    const objects = [...repo.objects.objects.values()].map(({ type, contents }) =>
      stored({ commit: 1, tree: 2, blob: 3, tag: 4 }[type], contents),
    );
    objects.push(deltaAfter(base, deltaOf(9, 3, "abc")));
    const whole = packOf(objects).subarray(0, -20);
    await fc.assert(
      fc.asyncProperty(damages, async (damage) => {
        git.server.answer = answerGit({ ...repo, pack: signed(damaged(whole, damage)) });
        await readsOrRefuses(git.fetch());
      }),
      { numRuns: 60 },
    );
  });

  it("is read or refused as whatever a git server says", async () => {
    const repo = repository({ "main.py": "x" });
    await fc.assert(
      fc.asyncProperty(damages, fc.constantFrom("GET", "POST"), async (damage, method) => {
        const answer = answerGit(repo);
        git.server.answer = (request, response, body) => {
          if (request.method === method) {
            const chunks: Buffer[] = [];
            response.write = (chunk: string | Buffer) => chunks.push(Buffer.from(chunk as string)) > 0;
            const end = response.end.bind(response);
            response.end = (chunk?: unknown) => {
              if (chunk !== undefined) chunks.push(Buffer.from(chunk as string));
              return end(damaged(Buffer.concat(chunks), damage));
            };
          }
          answer(request, response, body);
        };
        await readsOrRefuses(git.fetch());
      }),
      { numRuns: 60 },
    );
  });
});
