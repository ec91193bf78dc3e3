import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { tarOf } from "../support/archives";
import { requestFor } from "../support/fetchers";
import { storeSource } from "../support/storeSource";
import { userError } from "../support/trees";

describe("a source in a store that speaks S3", () => {
  const { minio, newFetcher, objects, read, server } = storeSource();
  const { signal } = new AbortController();

  it("is an archive", async () => {
    objects.set(
      "code/a.tar.gz",
      gzipSync(await tarOf({ name: "main.py", contents: "x" }, { name: "lib/a.py" })),
    );
    assert.deepEqual(await read(minio("a.tar.gz")), { "main.py": "x", "lib/a.py": "" });
  });

  it("is a single file, under the language's usual name or the one that the handler names", async () => {
    objects.set("code/parsers/0307ea43.py", Buffer.from("x"));
    objects.set("code/parsers/main.py", Buffer.from("y"));
    assert.deepEqual(await read(minio("parsers/0307ea43.py")), { "main.py": "x" });
    assert.deepEqual(await read(minio("parsers/main.py")), { "main.py": "y" });
  });

  it("is every object below a prefix, page by page, without what shows folders", async () => {
    for (const key of ["p/", "p/main.py", "p/lib/", "p/lib/a.py", "p/lib/b.py", "p/z", "pp/x", "q"])
      objects.set(`code/${key}`, Buffer.from(key));
    assert.deepEqual(await read(minio("p/")), {
      "lib/a.py": "p/lib/a.py",
      "lib/b.py": "p/lib/b.py",
      "main.py": "p/main.py",
      z: "p/z",
    });
    assert.equal(server.requests.filter(({ url }) => url.includes("list-type=2")).length, 3);
  });

  it("has the object's ETag for its revision, and a prefix the hash of what it holds", async () => {
    objects.set("code/main.py", Buffer.from("x"));
    const fetcher = newFetcher();
    const one = await fetcher.fetch(requestFor(minio("main.py")), signal);
    assert.equal(one.revision, "0123abcd");
    objects.set("code/p/main.py", Buffer.from("x"));
    const prefix = await fetcher.fetch(requestFor(minio("p/")), signal);
    assert.equal(prefix.revision, prefix.hash);
    assert.equal(prefix.hash, one.hash);
    await Promise.all([one.dispose(), prefix.dispose()]);
  });

  it("is asked for without a signature where no Secret is named", async () => {
    objects.set("code/main.py", Buffer.from("x"));
    await read(minio("main.py"));
    await read({ type: "gcs", gcs: { bucket: "code", key: "main.py" } });
    assert.deepEqual(
      server.requests.map(({ headers, url }) => [headers.authorization, url.split("?")[0]]),
      [
        [undefined, "/code/main.py"],
        [undefined, "/code/main.py"],
      ],
    );
  });

  for (const data of [
    { AWS_ACCESS_KEY_ID: "theirs", AWS_SECRET_ACCESS_KEY: "s" },
    { accesskey: "theirs\n", secretkey: "s\n" },
    { "access-key": "theirs", "secret-key": "s" },
  ])
    it(`is asked for with the key of the Secret, named ${Object.keys(data)[0] ?? ""}`, async () => {
      objects.set("code/main.py", Buffer.from("x"));
      const secrets = { "team-a/keys": data };
      await read(minio("main.py", { secretRef: { name: "keys" } }), { secrets });
      await read(
        { type: "gcs", gcs: { bucket: "code", key: "main.py", secretRef: { name: "keys" } } },
        { secrets },
      );
      for (const { headers } of server.requests)
        assert.match(headers.authorization ?? "", /^AWS4-HMAC-SHA256 Credential=theirs\//);
    });

  it("says which key a Secret lacks, and what to do about a service account's file", async () => {
    const secretRef = { name: "keys" };
    for (const [data, message] of [
      [{ AWS_ACCESS_KEY_ID: "x" }, /lacks AWS_SECRET_ACCESS_KEY$/],
      [{ "key.json": "{}" }, /lacks AWS_ACCESS_KEY_ID; .* make an HMAC key/],
    ] as const)
      await assert.rejects(
        read(
          { type: "gcs", gcs: { bucket: "code", key: "x", secretRef } },
          { secrets: { "team-a/keys": data } },
        ),
        userError(message, "SecretIncomplete", "spec.source.gcs.secretRef.name"),
      );
    assert.deepEqual(server.requests, []);
  });

  it("is refused where a prefix's keys leave their folder", async () => {
    for (const key of ["p/../x", "p//x", "p/a\u2028"]) {
      objects.clear();
      objects.set(`code/${key}`, Buffer.from("x"));
      await assert.rejects(
        read(minio("p/")),
        userError(/the path/, "SourceInvalid", "spec.source.minio.key"),
      );
      assert.ok(server.requests.every(({ url }) => url.includes("list-type=2")));
    }
  });

  it("is refused where a prefix holds nothing", async () => {
    await assert.rejects(
      read(minio("p/")),
      userError(/holds no object/, "SourceNotFound", "spec.source.minio"),
    );
  });

  it("fails with what called it off", async () => {
    const off = new AbortController();
    const reason = new Error("deleted");
    server.answer = () => {
      off.abort(reason);
    };
    await assert.rejects(newFetcher().fetch(requestFor(minio("x")), off.signal), reason);
  });
});
