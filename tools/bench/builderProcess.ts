import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SYSTEM_NAMESPACE } from "../../contract/names";
import { dockerCommand } from "./dockerCommand";
import { environmentFor } from "./environment";
import { type ProcessUse, useOf } from "./processUse";

const PORT_NAMES = ["metrics", "http"] as const;
type PortName = (typeof PORT_NAMES)[number];

/** A builder that was started as its image starts it, on another machine's ports. */
export class BuilderProcess {
  private readonly ports = new Map<string, number>();
  private readonly startedAt = performance.now();
  private said = "";

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.read(text);
    });
    child.stderr?.pipe(process.stderr);
  }

  /**
   * @param folder Of its own: kubeconfig and scratch space go there
   * @param bundle The builder, as one file
   */
  static start(
    folder: string,
    bundle: string,
    standIn: string,
    flags: readonly string[] = [],
  ): BuilderProcess {
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(`http://${standIn}`)));
    const { arguments: given, environment } = dockerCommand();
    const child = spawn(process.execPath, [...given.slice(1, -1), ...flags, bundle], {
      cwd: folder,
      env: {
        ...environment,
        ...environmentFor(standIn),
        KUBECONFIG: kubeconfig,
        TMPDIR: folder,
        PATH: process.env["PATH"],
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new BuilderProcess(child);
  }

  get use(): ProcessUse {
    return useOf(this.child.pid ?? 0);
  }

  /** Seconds from its start to `/readyz` answering 200. @throws Error where it takes too long */
  async ready(timeoutMs = 120_000): Promise<number> {
    while (performance.now() - this.startedAt < timeoutMs) {
      if (this.child.exitCode !== null) throw new Error(`the builder has ended: ${this.said}`);
      if (this.ports.size === PORT_NAMES.length && (await this.ask("/readyz")) === 200)
        return (performance.now() - this.startedAt) / 1000;
      await sleep(25);
    }
    throw new Error("the builder does not become ready");
  }

  /** Asks its probes or metrics, as kubelet and Prometheus do. */
  async ask(path: string): Promise<number> {
    const response = await fetch(`http://${this.at("metrics")}${path}`).catch(() => undefined);
    await response?.arrayBuffer();
    return response?.status ?? 0;
  }

  /** Host and port. */
  at(port: PortName): string {
    return `127.0.0.1:${this.ports.get(port) ?? 0}`;
  }

  async stop(): Promise<void> {
    const gone = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await gone;
  }

  private read(text: string): void {
    const lines = (this.said + text).split("\n");
    this.said = lines.pop() ?? "";
    for (const line of lines) {
      const { msg = "", port } = JSON.parse(line) as { msg?: string; port?: number };
      const [, name] = /^(\w+) listens?$/.exec(msg) ?? [];
      if (name !== undefined && port !== undefined && PORT_NAMES.some((known) => known === name))
        this.ports.set(name, port);
    }
  }
}

/** client-node takes plain HTTP only where nothing is to be verified. */
const kubeconfigOf = (server: string): object => ({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "bench",
  contexts: [{ name: "bench", context: { cluster: "bench", user: "bench", namespace: SYSTEM_NAMESPACE } }],
  clusters: [{ name: "bench", cluster: { server, "insecure-skip-tls-verify": true } }],
  users: [{ name: "bench", user: {} }],
});
