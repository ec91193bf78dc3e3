import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { type Bytes, held, limited, peek } from "../../../builder/source/streams";
import { UserError } from "../../../builder/types";
import { newTree, pieces, userError, workFolder } from "./support/trees";

describe("a stream of a source", () => {
  it("keeps an error that comes before its reader, and doesn't end the process", async () => {
    const stream = held(new PassThrough());
    stream.destroy(new Error("reset"));
    await setImmediate();
    await assert.rejects(async () => {
      for await (const chunk of stream as Bytes) assert.fail(String(chunk));
    }, /reset/);
  });

  it("keeps an error too that is only said, as a zip archive's is that can't be inflated", async () => {
    const stream = held(new PassThrough());
    stream.emit("error", new Error("invalid stored block lengths"));
    await setImmediate();
    await assert.rejects(async () => {
      for await (const chunk of stream as Bytes) assert.fail(String(chunk));
    }, /invalid stored block lengths/);
  });

  it("is passed on up to its limit, and ends with an error past it", async () => {
    const read = async (bytes: number) => {
      let length = 0;
      const error = () => new UserError("SourceTooLarge", "too large");
      for await (const chunk of limited(pieces("x".repeat(1000), 100), bytes, error))
        length += chunk.byteLength;
      return length;
    };
    assert.equal(await read(1000), 1000);
    await assert.rejects(read(999), /too large/);
  });

  it("is looked into and still whole", async () => {
    for (const [length, count] of [
      [1000, 512],
      [10, 512],
      [0, 512],
    ] as const) {
      const { head, whole } = await peek(pieces("x".repeat(length), 100), count);
      assert.ok(head.byteLength >= Math.min(length, count));
      let read = 0;
      for await (const chunk of whole) read += chunk.byteLength;
      assert.equal(read, length);
    }
  });
});

describe("a file of a source", () => {
  const folder = workFolder();

  it("is refused by the size that its source announces, before it is read", async () => {
    const tree = await newTree(folder(), { unpackedBytes: 1000 });
    let asked = false;
    const contents = (async function* () {
      asked = true;
      yield await Promise.resolve(Buffer.from("x"));
    })();
    await assert.rejects(
      tree.file("a", { executable: false, size: 1001 }, contents),
      userError(/once unpacked/, "SourceTooLarge"),
    );
    assert.equal(asked, false);
  });
});
