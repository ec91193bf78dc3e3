import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { tarOf } from "../support/archives";
import { platformBucket } from "../../../../builder/source/store/platformBucket";
import { requestFor } from "../support/fetchers";
import { refuse } from "../support/servers";
import { storeSource } from "../support/storeSource";
import { userError } from "../support/trees";
import { unreachable } from "../support/unreachable";

describe("a source in the platform's bucket", () => {
  const { newFetcher, objects, read, server } = storeSource();
  const { signal } = new AbortController();

  const s3 = (key: string, bucket = "platform") => ({ type: "s3", s3: { bucket, key } });

  it("is read with the builder's rights below the namespace's name", async () => {
    objects.set("platform/team-a/parser-1.tar.gz", gzipSync(await tarOf({ name: "main.py", contents: "x" })));
    assert.deepEqual(await read(s3("team-a/parser-1.tar.gz")), { "main.py": "x" });
    assert.match(server.requests[0]?.headers.authorization ?? "", /Credential=ours\//);
    objects.set("platform/team-a/main.py", Buffer.from("y"));
    assert.deepEqual(Object.keys(await read(s3("team-a/"))), ["main.py", "parser-1.tar.gz"]);
  });

  for (const key of [
    "team-b/main.py",
    "team-ab/main.py",
    "team-a",
    "/team-a/main.py",
    "main.py",
    "contexts/0.tar.gz",
    "contexts/",
    "team-a/../team-b/main.py",
    "team-a/./main.py",
    "team-a//main.py",
    "team-a/..",
    "team-a/../",
  ])
    it(`is not read at ${key}`, async () => {
      await assert.rejects(
        read(s3(key)),
        userError(/not below team-a\/|"\." or/, "SourceForbidden", "spec.source.s3.key"),
      );
      assert.deepEqual(server.requests, []);
    });

  it("keeps a namespace that is named as the contexts' folder out of them", async () => {
    const fetcher = newFetcher();
    const request = requestFor(s3("contexts/"), { key: { namespace: "contexts", name: "x" } });
    await assert.rejects(
      fetcher.fetch(request, signal),
      userError(/build contexts lie there/, "SourceForbidden", "spec.source.s3.key"),
    );
    assert.deepEqual(server.requests, []);
  });

  it("is the only one that is read without a Secret", async () => {
    await assert.rejects(
      read(s3("team-a/x", "other")),
      userError(/only the platform's bucket platform/, "SourceForbidden", "spec.source.s3.bucket"),
    );
    assert.deepEqual(server.requests, []);
  });

  it("is tried again where it refuses, as that is no user's doing", async () => {
    server.answer = (_request, response) => {
      refuse(response, 403, "AccessDenied");
    };
    await assert.rejects(
      read(s3("team-a/x")),
      unreachable(/the platform's bucket answers 403 "AccessDenied"/),
    );
    server.answer = (_request, response) => {
      refuse(response, 404, "NoSuchBucket");
    };
    await assert.rejects(read(s3("team-a/x")), unreachable(/the platform's bucket doesn't exist/));
  });

  it("says that a missing object is missing", async () => {
    await assert.rejects(
      read(s3("team-a/x")),
      userError(/"s3:\/\/platform\/team-a\/x" doesn't exist/, "SourceNotFound", "spec.source.s3.key"),
    );
  });

  it("is reached as the environment says, with the store's own key where there is one", async () => {
    objects.set("sources/team-a/main.py", Buffer.from("x"));
    const bucket = platformBucket({
      BUCKET: "sources",
      BUCKET_ENDPOINT: server.url,
      BUCKET_PATH_STYLE: true,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "minio",
      AWS_SECRET_ACCESS_KEY: "s",
    });
    await read(s3("team-a/main.py", "sources"), { platformBucket: bucket, internalHosts: [] });
    assert.match(server.requests[0]?.headers.authorization ?? "", /Credential=minio\/\d+\/eu-west-1\/s3\//);
  });
});
