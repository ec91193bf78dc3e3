import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../support/builderProcess";
import { eventually } from "../support/kubectl";

/** Prometheus's own programs are there. */
export const hasPrometheus = (): boolean =>
  ["prometheus", "promtool"].every((program) => spawnSync(program, ["--version"]).status === 0);

export interface PrometheusArgs {
  /** `scrape_configs` and what else its configuration has. */
  config: Record<string, unknown>;
  /** Groups of rules. */
  rules?: readonly unknown[];
  /** Samples of the past, in OpenMetrics' text. */
  past?: string;
}

/** A Prometheus of a test's own, on the loopback, with its data in a folder that goes with it. */
export class PrometheusServer {
  private constructor(
    /** Its address. */
    readonly url: string,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  static async start({ config, rules = [], past }: PrometheusArgs): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), "prometheus-"));
    const data = join(folder, "data");
    // YAML's later half: JSON is YAML.
    writeFileSync(join(folder, "rules.json"), JSON.stringify({ groups: rules }));
    writeFileSync(
      join(folder, "prometheus.json"),
      JSON.stringify({ ...config, rule_files: [join(folder, "rules.json")] }),
    );
    if (past !== undefined) {
      writeFileSync(join(folder, "past.txt"), past);
      execFileSync(
        "promtool",
        ["tsdb", "create-blocks-from", "openmetrics", "--quiet", join(folder, "past.txt"), data],
        { stdio: "pipe" },
      );
    }
    const port = await freePort();
    const child = spawn(
      "prometheus",
      [
        `--config.file=${join(folder, "prometheus.json")}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--storage.tsdb.retention.time=400d",
        "--log.level=error",
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const said: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    const server = new PrometheusServer(`http://127.0.0.1:${port}`, folder, child);
    await eventually(
      "Prometheus ready",
      async () => {
        if (child.exitCode !== null)
          throw new Error(`prometheus ended with ${child.exitCode}: ${said.join("")}`);
        return (await fetch(`${server.url}/-/ready`).catch(() => undefined))?.status;
      },
      (status) => status === 200,
    );
    return server;
  }

  /** The value of an instant query that has one series, or undefined where it has none. */
  async value(query: string): Promise<number | undefined> {
    const [first] = await this.vector(query);
    return first?.value;
  }

  /** All series of an instant query. */
  async vector(query: string): Promise<{ labels: Record<string, string>; value: number }[]> {
    const url = `${this.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`;
    const { data } = (await (await fetch(url)).json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** Names of the alerts that fire now. */
  async firing(): Promise<string[]> {
    const { data } = (await (await fetch(`${this.url}/api/v1/alerts`)).json()) as {
      data: { alerts: { labels: Record<string, string>; state: string }[] };
    };
    return [
      ...new Set(
        data.alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels["alertname"] ?? ""),
      ),
    ].sort();
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = new Promise((done) => this.child.once("exit", done));
      this.child.kill();
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
