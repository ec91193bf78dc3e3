import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Repositories over smart HTTP, by git's own `http-backend`. */
export class GitHost {
  private readonly folder = mkdtempSync(join(tmpdir(), "git-host-"));

  private constructor(
    private readonly server: Server,
    private readonly host: string,
  ) {}

  static async start(host: string): Promise<GitHost> {
    const server = createServer();
    const git = new GitHost(server, host);
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      git.answer(request, response);
    });
    await new Promise<void>((listening) => server.listen(0, "0.0.0.0", listening));
    return git;
  }

  /** Makes a repository with one commit on `main` of what a folder holds, and answers its URL. */
  repository(name: string, content: string): string {
    const work = join(this.folder, `${name}-work`);
    cpSync(content, work, { recursive: true });
    const run = (...args: string[]): unknown =>
      execFileSync(
        "git",
        ["-C", work, "-c", "user.name=Test", "-c", "user.email=test@example.com", ...args],
        { stdio: "pipe" },
      );
    run("init", "--quiet", "--initial-branch=main");
    run("add", "--all");
    run("commit", "--quiet", "--message=The function");
    execFileSync("git", ["clone", "--quiet", "--bare", work, join(this.folder, `${name}.git`)], {
      stdio: "pipe",
    });
    return `http://${this.host}:${(this.server.address() as AddressInfo).port}/${name}.git`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** CGI: headers and body come from the program, one after the other. */
  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? "/", "http://git");
    const backend = spawn("git", ["http-backend"], {
      env: {
        PATH: process.env["PATH"],
        GIT_PROJECT_ROOT: this.folder,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers["content-type"],
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
        GIT_PROTOCOL: request.headers["git-protocol"]?.toString(),
      },
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    backend.on("close", () => {
      const whole = Buffer.concat(chunks);
      const end = whole.indexOf("\r\n\r\n");
      for (const line of whole.subarray(0, end).toString().split("\r\n")) {
        const [key = "", value = ""] = line.split(/: (.*)/s);
        if (key.toLowerCase() === "status") response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(key, value);
      }
      response.end(whole.subarray(end + 4));
    });
  }
}
