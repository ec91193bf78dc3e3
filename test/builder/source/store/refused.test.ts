import assert from "node:assert/strict";
import { refuse } from "../support/servers";
import { storeSource } from "../support/storeSource";
import { userError } from "../support/trees";
import { unreachable } from "../support/unreachable";

describe("a source in a store that can't be read", () => {
  const { minio, read, server } = storeSource();

  for (const [status, code, reason, message] of [
    [404, "NoSuchKey", "SourceNotFound", /doesn't exist/],
    [404, "NoSuchBucket", "SourceNotFound", /doesn't exist/],
    [403, "AccessDenied", "SourceForbidden", /may not be read: "AccessDenied"; name a Secret that may/],
    [403, "InvalidAccessKeyId", "SourceForbidden", /InvalidAccessKeyId/],
    [301, "PermanentRedirect", "SourceInvalid", /in another region/],
    [400, "InvalidRequest", "SourceInvalid", /answers 400 "InvalidRequest"/],
  ] as const)
    it(`is the user's to mend at ${status} ${code}`, async () => {
      server.answer = (_request, response) => {
        refuse(response, status, code);
      };
      for (const key of ["x", "p/"])
        await assert.rejects(read(minio(key)), userError(message, reason, "spec.source.minio.key"));
    });

  it("is tried again at 403 RequestTimeTooSkewed: a clock is wrong, not the user", async () => {
    server.answer = (_request, response) => {
      refuse(response, 403, "RequestTimeTooSkewed");
    };
    await assert.rejects(read(minio("x")), unreachable(/RequestTimeTooSkewed/));
  });

  it("is tried again where the store breaks off", async () => {
    server.answer = (_request, response) => {
      response.writeHead(200, { "content-length": 1000 });
      response.write("half", () => response.destroy());
    };
    await assert.rejects(read(minio("x")), unreachable(/"s3:\/\/code\/x": Error: aborted/));
  });

  it("is refused where a bucket's name, a region or an endpoint says where to send the key", async () => {
    const secrets = { "team-a/k": { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y" } };
    const secretRef = { name: "k" };
    const s3 = { bucket: "code", key: "x", secretRef };
    const forms: [Record<string, unknown>, RegExp, string][] = [
      [{ type: "s3", s3: { ...s3, region: "x.example.com/#" } }, /is not a region/, "s3.region"],
      [{ type: "s3", s3: { ...s3, region: "us-east-1.evil" } }, /is not a region/, "s3.region"],
      [
        { type: "s3", s3: { ...s3, bucket: "arn:aws:s3:eu-west-1:1:accesspoint/x" } },
        /not a bucket/,
        "s3.bucket",
      ],
      [{ type: "s3", s3: { ...s3, bucket: "a/b" } }, /not a bucket/, "s3.bucket"],
      [{ type: "s3", s3: { ...s3, bucket: "evil@x" } }, /not a bucket/, "s3.bucket"],
      [{ type: "s3", s3: { ...s3, bucket: "10.0.0.1" } }, /not a bucket/, "s3.bucket"],
      [minio("x", { endpoint: "ftp://127.0.0.1" }), /neither http nor https/, "minio.endpoint"],
      [minio("x", { endpoint: "http://a:b@127.0.0.1" }), /holds credentials/, "minio.endpoint"],
      [minio("x", { endpoint: "127.0.0.1/path" }), /has a path/, "minio.endpoint"],
      [minio("x", { endpoint: "not an endpoint" }), /is not an endpoint/, "minio.endpoint"],
    ];
    for (const [source, message, field] of forms)
      await assert.rejects(
        read(source, { secrets }),
        userError(message, "SourceInvalid", `spec.source.${field}`),
      );
    assert.deepEqual(server.requests, []);
  });

  for (const endpoint of [
    "minio.minio.svc.cluster.local:9000",
    "127.0.0.1:9",
    "[::1]:9",
    "https://169.254.169.254",
  ])
    it(`is refused at ${endpoint} where the settings don't list it`, async () => {
      const resolve = () => Promise.resolve([{ address: "10.0.0.9", family: 4 }]);
      for (const key of ["x", "p/"])
        await assert.rejects(
          read(minio(key, { endpoint }), { internalHosts: [], resolve }),
          userError(/internalHosts|no source may come from/, "SourceAddressRefused", "spec.source.minio"),
        );
    });
});
