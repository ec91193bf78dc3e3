import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { storeSource } from "../support/storeSource";
import { userError } from "../support/trees";
import { unreachable } from "../support/unreachable";

describe("a source in a hostile store", () => {
  const { minio, read, server } = storeSource();
  const asked: string[] = [];
  let other: Server;
  before((done) => {
    other = createServer((request, response) => {
      asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
      response.end("print(1)");
    }).listen(0, "127.0.0.1", done);
  });
  after((done) => void other.close(done));

  const secrets = { "team-a/k": { AWS_ACCESS_KEY_ID: "AKIAX", AWS_SECRET_ACCESS_KEY: "hunter2" } };
  const secretRef = { name: "k" };
  const listing = (contents: string): string =>
    `<?xml version="1.0"?><ListBucketResult>${contents}</ListBucketResult>`;
  const answers = (body: string): void => {
    server.answer = (_request, response) => {
      response.writeHead(200, { "content-type": "application/xml" }).end(body);
    };
  };

  for (const status of [301, 302, 303, 307, 308])
    it(`is not followed where it redirects with ${status}, neither with the key nor without`, async () => {
      const to = `http://127.0.0.1:${(other.address() as AddressInfo).port}/latest/meta-data`;
      server.answer = (_request, response) => void response.writeHead(status, { location: to }).end();
      for (const source of [minio("x"), minio("x", { secretRef }), minio("p/", { secretRef })])
        await assert.rejects(
          read(source, { secrets }),
          userError(/in another region|the store redirects/, "SourceInvalid", "spec.source.minio.key"),
        );
      assert.deepEqual(asked, []);
    });

  it("is not followed to another region or endpoint that its answers name", async () => {
    server.answer = (_request, response) =>
      void response
        .writeHead(400, { "x-amz-bucket-region": "eu-west-1", "content-type": "application/xml" })
        .end(
          `<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>` +
            `<Endpoint>127.0.0.1:${(other.address() as AddressInfo).port}</Endpoint></Error>`,
        );
    await assert.rejects(
      read(minio("x", { secretRef }), { secrets }),
      userError(/in another region/, "SourceInvalid", "spec.source.minio.key"),
    );
    assert.deepEqual(asked, []);
  });

  it("never sees the secret key itself", async () => {
    answers("print(1)");
    await read(minio("x", { secretRef }), { secrets });
    assert.match(server.requests[0]?.headers.authorization ?? "", /Credential=AKIAX\//);
    assert.ok(!JSON.stringify(server.requests).includes("hunter2"));
  });

  it("doesn't grow by entities of entities", async () => {
    const entities = Array.from(
      { length: 9 },
      (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
    ).join("");
    answers(
      `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">${entities}]>` +
        `<ListBucketResult><Contents><Key>p/&l9;</Key><Size>1</Size></Contents></ListBucketResult>`,
    );
    const started = performance.now();
    await assert.rejects(read(minio("p/")), (error) => (error as Error).message.length < 500);
    assert.ok(performance.now() - started < 10_000);
  });

  it("reads no file that an entity names", async () => {
    answers(
      `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>` +
        `<ListBucketResult><Contents><Key>p/&file;</Key><Size>1</Size></Contents></ListBucketResult>`,
    );
    await assert.rejects(read(minio("p/")));
    assert.equal(server.requests.length, 1, "no key was made of it");
  });

  it("ends the process neither by depth nor by names of every object's prototype", async () => {
    answers("<a>".repeat(200_000) + "</a>".repeat(200_000));
    await assert.rejects(read(minio("p/")), unreachable(/the store answers 200/));
    answers(listing("<__proto__><polluted>1</polluted></__proto__>"));
    await assert.rejects(read(minio("p/")));
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  for (const key of [
    "other/main.py",
    "p/../../etc/passwd",
    "p//etc/passwd",
    "p/a/./x",
    "p/.wh.x",
    "p/a&#10;b",
  ])
    it(`is refused where it lists ${JSON.stringify(key)}`, async () => {
      answers(listing(`<Contents><Key>${key}</Key><Size>1</Size></Contents>`));
      await assert.rejects(read(minio("p/")), (error) => {
        const { message } = error as Error;
        return /not below|leaves the source|empty part|is absolute|\.wh\.|no file name needs/.test(message);
      });
      assert.equal(server.requests.length, 1, "it is not asked for");
    });

  it("is refused where it lists the same name twice in Unicode's normal form", async () => {
    server.answer = (request, response) => {
      if (request.url?.includes("list-type") === true)
        response
          .writeHead(200, { "content-type": "application/xml" })
          .end(
            listing(
              ["p/caf\u00e9.py", "p/cafe\u0301.py"]
                .map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`)
                .join(""),
            ),
          );
      else response.end("x");
    };
    await assert.rejects(
      read(minio("p/")),
      userError(/is there twice/, "SourceInvalid", "spec.source.minio"),
    );
  });

  it("is refused where an object is larger than the list says", async () => {
    server.answer = (request, response) => {
      if (request.url?.includes("list-type") === true)
        response
          .writeHead(200, { "content-type": "application/xml" })
          .end(listing("<Contents><Key>p/x</Key><Size>-1000000</Size></Contents>"));
      else response.end(Buffer.alloc(2_000_000));
    };
    await assert.rejects(
      read(minio("p/")),
      userError(/larger than 976.6 KiB once unpacked/, "SourceTooLarge", "spec.source.minio"),
    );
  });
});
