import assert from "node:assert/strict";
import { FETCH_SECONDS, readableBytes, sourceLimits } from "../../../builder/source/limits";

describe("the limits of a source", () => {
  it("are those of the environment, and a time of their own", () => {
    const environment = { SOURCES_MAX_ARCHIVE: 1, SOURCES_MAX_UNPACKED: 2, SOURCES_MAX_FILES: 3 };
    assert.deepEqual(sourceLimits(environment), {
      archiveBytes: 1,
      unpackedBytes: 2,
      files: 3,
      seconds: FETCH_SECONDS,
    });
  });

  for (const [bytes, text] of [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [100 * 1024 ** 2, "100 MiB"],
    [3000 * 1024 ** 4, "3072000 GiB"],
  ] as const)
    it(`are told as ${text}`, () => {
      assert.equal(readableBytes(bytes), text);
    });
});
