import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BUILDER, SYSTEM_NAMESPACE } from "../../contract/names";
import { kubectl } from "./kubectl";
import { eventually } from "./kubectl";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  await new Promise<void>((closed) => {
    server.close(() => {
      closed();
    });
  });
  return port;
}

/** How a builder reaches the API server. */
export interface Way {
  /** Address of what stands before it, as plain HTTP. */
  server?: string;
  /** Life of its token; ten minutes at the least. @default 2h */
  tokenLife?: string;
}

/** A kubeconfig for the builder's own service account, so that a suite shows that its rights are enough. Returns the file's path. */
async function kubeconfigOf(folder: string, { server, tokenLife = "2h" }: Way): Promise<string> {
  const [token, raw] = await Promise.all([
    kubectl(["create", "token", BUILDER, "--namespace", SYSTEM_NAMESPACE, `--duration=${tokenLife}`]),
    kubectl(["config", "view", "--raw", "--minify", "--output", "json"]),
  ]);
  const config = JSON.parse(raw) as {
    users: { user: Record<string, string> }[];
    clusters: { cluster: Record<string, unknown> }[];
  };
  // Without that word the client sends nothing in the clear.
  if (server !== undefined)
    for (const entry of config.clusters) entry.cluster = { server, "insecure-skip-tls-verify": true };
  for (const entry of config.users) entry.user = { token: token.trim() };
  const file = join(folder, "kubeconfig");
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** The builder as a process beside the cluster, with the rights of its own service account. */
export class BuilderProcess {
  private child: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), "builder-"));
  private readonly written: string[] = [];

  private constructor(
    readonly name: string,
    readonly ports: { http: number; broker: number; context: number; metrics: number },
  ) {}

  /**
   * Starts one and waits until it is ready.
   * @param environment of the local stack, with what the suite changes
   * @param contextHost address under which build pods reach this machine
   * @param way to the API server, where it is not the kubeconfig's own
   */
  static async start(
    name: string,
    environment: Readonly<Record<string, string>>,
    contextHost = "127.0.0.1",
    way: Way = {},
  ): Promise<BuilderProcess> {
    const [http, broker, context, metrics] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    const builder = new BuilderProcess(name, { http, broker, context, metrics });
    const child = spawn(process.execPath, ["--import", "tsx", "builder/main.ts"], {
      cwd: PROJECT_FOLDER,
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        ...environment,
        KUBECONFIG: await kubeconfigOf(builder.folder, way),
        POD_NAME: name,
        HTTP_PORT: String(http),
        BROKER_PORT: String(broker),
        CONTEXT_PORT: String(context),
        METRICS_PORT: String(metrics),
        CONTEXT_URL: `http://${contextHost}:${context}`,
        AWS_ACCESS_KEY_ID: "lab",
        AWS_SECRET_ACCESS_KEY: "lab",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    builder.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => builder.written.push(chunk.toString()));
    await eventually(
      `${name} ready`,
      async () => {
        if (child.exitCode !== null)
          throw new Error(`${name} ended with ${child.exitCode}:\n${builder.log()}`);
        return (await fetch(`http://127.0.0.1:${metrics}/readyz`).catch(() => undefined))?.status;
      },
      (status) => status === 200,
      60,
    ).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${builder.log(10)}`);
    });
    return builder;
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  /** The last of what it wrote, for a failure's message. */
  log(lines = 60): string {
    return this.written.join("").split("\n").slice(-lines).join("\n");
  }

  /** Sum of a metric's samples whose labels hold what is asked for. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.ports.metrics}/metrics`)).text();
    return text
      .split("\n")
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  }

  /** Asks it to end and waits until it has. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const { child } = this;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((done) =>
        child.once("exit", () => {
          done();
        }),
      );
      child.kill(signal);
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
    return child.exitCode;
  }
}
