import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BUILDER, SYSTEM_NAMESPACE } from "../../contract/names";
import { eventually, kubectl } from "./kubectl";

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

/** How a builder is run, where it is not as usual. */
export interface Way {
  /** Address of what stands before the API server, as plain HTTP. */
  server?: string;
  /** Life of its token; ten minutes at the least. @default 2h */
  tokenLife?: string;
  /** Address of what stands before the context ports of several, as a Service does. @default its own port */
  contextUrl?: string;
  /** What Node.js runs. @default the sources */
  program?: readonly string[];
}

/** How a builder is started again, where that is not as before. */
export interface Start {
  preload?: { module: string; variables: Readonly<Record<string, string>> };
  program?: readonly string[];
}

const SOURCES = ["--import", "tsx", "builder/main.ts"];

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
  for (const entry of config.users) entry.user = { token: token.trim() };
  // Without that word the client sends nothing in the clear.
  if (server !== undefined)
    for (const entry of config.clusters) entry.cluster = { server, "insecure-skip-tls-verify": true };
  const file = join(folder, "kubeconfig");
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** The builder as a process beside the cluster, with the rights of its own service account. */
export class BuilderProcess {
  private child: ChildProcess | undefined;
  private readonly written: string[] = [];

  private constructor(
    readonly name: string,
    readonly ports: { http: number; broker: number; context: number; metrics: number },
    private readonly folder: string,
    private readonly program: readonly string[],
    private readonly variables: NodeJS.ProcessEnv,
  ) {}

  /**
   * Starts one and waits until it is ready.
   * @param environment of the local stack, with what the suite changes
   * @param contextHost address under which build pods reach this machine
   * @param way of running it, where that is not as usual
   */
  static async start(
    name: string,
    environment: Readonly<Record<string, string>>,
    contextHost = "127.0.0.1",
    way: Way = {},
  ): Promise<BuilderProcess> {
    const folder = mkdtempSync(join(tmpdir(), "builder-"));
    const [http, broker, context, metrics] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    const builder = new BuilderProcess(
      name,
      { http, broker, context, metrics },
      folder,
      way.program ?? SOURCES,
      {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        ...environment,
        KUBECONFIG: await kubeconfigOf(folder, way),
        POD_NAME: name,
        HTTP_PORT: String(http),
        BROKER_PORT: String(broker),
        CONTEXT_PORT: String(context),
        METRICS_PORT: String(metrics),
        CONTEXT_URL: way.contextUrl ?? `http://${contextHost}:${context}`,
        AWS_ACCESS_KEY_ID: "lab",
        AWS_SECRET_ACCESS_KEY: "lab",
      },
    );
    builder.launch();
    try {
      await builder.ready();
    } catch (error) {
      await builder.stop("SIGKILL");
      throw error;
    }
    return builder;
  }

  /**
   * Starts it again after it has ended, as the kubelet does: under the same name, at the same ports.
   * @param preload a module that Node.js loads before it, with what that reads from the environment
   * @param program what Node.js runs, where that is not the same as before
   */
  launch({ preload, program = this.program }: Start = {}): void {
    const before = preload === undefined ? [] : ["--require", preload.module];
    const child = spawn(process.execPath, [...before, ...program], {
      cwd: PROJECT_FOLDER,
      env: { ...this.variables, ...preload?.variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => this.written.push(chunk.toString()));
  }

  /** Waits until it is ready to take work. */
  async ready(seconds = 180): Promise<void> {
    await eventually(
      `${this.name} ready`,
      async () => {
        if (!this.isRunning) throw new Error(`${this.name} has ended`);
        const answer = await fetch(`http://127.0.0.1:${this.ports.metrics}/readyz`).catch(() => undefined);
        return { status: answer?.status, words: await answer?.text() };
      },
      ({ status }) => status === 200,
      seconds,
    ).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${this.log()}`);
    });
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Sends a signal and waits for nothing. */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
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

  /** Ends it at once, in the middle of whatever it does, and waits until it has ended. */
  kill(): Promise<void> {
    return this.end("SIGKILL");
  }

  /** Asks it to end and waits until it has. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    await this.end(signal);
    rmSync(this.folder, { recursive: true, force: true });
    return this.child?.exitCode ?? null;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === undefined || !this.isRunning) return;
    const ended = new Promise<void>((done) =>
      child.once("exit", () => {
        done();
      }),
    );
    child.kill(signal);
    await ended;
  }
}
