import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { packet } from "../../../../builder/source/git/pktLine";
import { type GitObjects } from "./gitObjects";

export interface Loopback {
  readonly port: number;
  readonly url: string;
  /** Requests so far, with their bodies. */
  readonly requests: { method: string; url: string; headers: IncomingMessage["headers"]; body: Buffer }[];
  answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
}

/** A server on the loopback, for the suite that calls it. Each test starts with no requests seen. */
export function loopback(): Loopback {
  let server: Server;
  const loop: Loopback = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    get url() {
      return `http://127.0.0.1:${loop.port}`;
    },
    requests: [],
    answer: (_request, response) => {
      response.writeHead(404).end();
    },
  };
  const listener: RequestListener = (request, response) => {
    void buffer(request).then((body) => {
      const { method = "", url = "", headers } = request;
      loop.requests.push({ method, url, headers, body });
      loop.answer(request, response, body);
    });
  };
  before((done) => {
    server = createServer(listener);
    server.listen(0, "127.0.0.1", done);
  });
  beforeEach(() => {
    loop.requests.length = 0;
  });
  after((done) => {
    server.close(done);
    server.closeAllConnections();
  });
  return loop;
}

export interface GitServer {
  objects: GitObjects;
  refs: Record<string, string>;
  capabilities?: string[];
  /** In place of the pack of all objects. */
  pack?: Buffer;
}

const CAPABILITIES = [
  "multi_ack_detailed",
  "side-band-64k",
  "ofs-delta",
  "shallow",
  "no-progress",
  "object-format=sha1",
];

/** Answers as a git server does, in version 0 of the protocol. */
export function answerGit({
  objects,
  refs,
  capabilities = CAPABILITIES,
  pack,
}: GitServer): Loopback["answer"] {
  return (request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname.endsWith("/info/refs")) {
      const lines = Object.entries(refs).map(([name, oid], at) =>
        packet(`${oid} ${name}${at === 0 ? `\0${capabilities.join(" ")}` : ""}\n`),
      );
      if (lines.length === 0)
        lines.push(packet(`${"0".repeat(40)} capabilities^{}\0${capabilities.join(" ")}\n`));
      response.setHeader("content-type", "application/x-git-upload-pack-advertisement");
      response.end(`${packet("# service=git-upload-pack\n")}0000${lines.join("")}0000`);
      return;
    }
    response.setHeader("content-type", "application/x-git-upload-pack-result");
    if (capabilities.includes("shallow")) response.write(`${packet(`shallow ${"0".repeat(40)}\n`)}0000`);
    response.write(packet("NAK\n"));
    response.write(band(2, Buffer.from("Counting objects\n")));
    const bytes = pack ?? objects.pack();
    for (let at = 0; at < bytes.length; at += 1000) response.write(band(1, bytes.subarray(at, at + 1000)));
    response.end("0000");
  };
}

export const band = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from((bytes.length + 5).toString(16).padStart(4, "0")),
    Buffer.from([number]),
    bytes,
  ]);

/** Answers as an S3-compatible store does, by path: objects by `bucket/key`. */
export function answerStore(objects: Map<string, Buffer>): Loopback["answer"] {
  return (request, response, body) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const name = decodeURIComponent(url.pathname.slice(1));
    if (url.searchParams.get("list-type") === "2") {
      const bucket = name.replace(/\/$/, "");
      const prefix = `${bucket}/${url.searchParams.get("prefix") ?? ""}`;
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      const start = Number(url.searchParams.get("continuation-token") ?? 0);
      const page = keys.slice(start, start + 2);
      const more = start + 2 < keys.length;
      const contents = page.map((key) => {
        const size = objects.get(key)?.length ?? 0;
        return `<Contents><Key>${key.slice(bucket.length + 1)}</Key><Size>${size}</Size></Contents>`;
      });
      response.setHeader("content-type", "application/xml");
      response.end(
        `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>` +
          `${more ? `<NextContinuationToken>${start + 2}</NextContinuationToken>` : ""}${contents.join("")}</ListBucketResult>`,
      );
      return;
    }
    if (request.method === "PUT") {
      objects.set(name, body);
      response.end();
      return;
    }
    const found = objects.get(name);
    if (found === undefined) {
      refuse(response, 404, "NoSuchKey");
      return;
    }
    response.setHeader("etag", '"0123abcd"');
    response.setHeader("last-modified", new Date(1_700_000_000_000).toUTCString());
    response.setHeader("content-length", found.length);
    response.end(request.method === "HEAD" ? undefined : found);
  };
}

export function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`);
}
