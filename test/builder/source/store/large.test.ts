import assert from "node:assert/strict";
import { InfrastructureError } from "../../../../builder/types";
import { storeSource } from "../support/storeSource";
import { userError } from "../support/trees";
import { unreachable } from "../support/unreachable";

describe("a source in a store that is too large", () => {
  const { minio, objects, read, server } = storeSource();

  const tooLarge = (message: RegExp) => userError(message, "SourceTooLarge", "spec.source.minio");

  it("is refused by the size that the store announces", async () => {
    objects.set("code/x", Buffer.alloc(5000));
    await assert.rejects(read(minio("x"), { limits: { archiveBytes: 4096 } }), tooLarge(/larger than 4 KiB/));
  });

  it("is refused by what comes where the store announces nothing, and the rest not waited for", async () => {
    server.answer = (_request, response) => {
      response.writeHead(200);
      const send = () => {
        while (!response.destroyed && response.write(Buffer.alloc(4096, "x")));
      };
      response.on("drain", send);
      send();
    };
    await assert.rejects(read(minio("x")), tooLarge(/larger than 976.6 KiB/));
  });

  it("is refused by number or sum of a prefix's objects, before one is read", async () => {
    for (let at = 0; at < 6; at++) objects.set(`code/p/${at}`, Buffer.alloc(1000));
    await assert.rejects(read(minio("p/"), { limits: { files: 5 } }), tooLarge(/more than 5 objects/));
    await assert.rejects(
      read(minio("p/"), { limits: { unpackedBytes: 5000 } }),
      tooLarge(/larger than 4.9 KiB/),
    );
    assert.ok(server.requests.every(({ url }) => url.includes("list-type=2")));
  });

  it("doesn't fill the memory with an endless error or list", async () => {
    let sent = 0;
    for (const [status, key] of [
      [500, "x"],
      [200, "p/"],
    ] as const) {
      server.answer = (_request, response) => {
        response.writeHead(status, { "content-type": "application/xml" });
        const send = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, "<"))) sent += 65_536;
        };
        response.on("drain", send);
        send();
      };
      await assert.rejects(read(minio(key)), unreachable(/larger than 8388608 bytes|answers 500/));
    }
    assert.ok(sent < 200 * 1024 * 1024, String(sent));
  });

  it("is given up after the time that a source may take", async () => {
    server.answer = (_request, response) => {
      response.writeHead(200);
      response.write("x");
    };
    await assert.rejects(
      read(minio("x"), { limits: { seconds: 0.2 } }),
      (error) => error instanceof InfrastructureError && error.reason === "SourceTimedOut",
    );
  });
});
