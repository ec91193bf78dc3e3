import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { PastBuild } from "../../builder/reconcile/history";
import { BUILD_NAMESPACE } from "../../contract/names";
import { dashboardArgs } from "../../observability/dashboardArgs";
import type { Panel } from "../../observability/panels";
import { recordingRules } from "../../observability/recordingRules";
import { rows } from "../../observability/rows";
import { amount } from "../../settings/scalars";
import { ask } from "../../tools/dashboard/ask";
import { stackSettings } from "../../tools/stackSettings";
import type { PrometheusServer } from "../observability/prometheusServer";
import { BuilderProcess } from "../support/builderProcess";
import { GitHost } from "../support/gitHost";
import { eventually, kubectl } from "../support/kubectl";
import { ACTIVATOR, LiveFunctions } from "../support/liveFunctions";
import { LocalObjects } from "../support/localObjects";
import { PodStarts } from "../support/podStarts";
import { MACHINE, objectStore, REGISTRY, S3 } from "../support/realNode";
import { address, cluster, describeWith, image, programs } from "../support/requirements";
import { scraping, stopScraping } from "../support/scraping";

const SAMPLES = resolve(__dirname, "..", "functions");

/** The file of each sample that holds its code. */
const CODE: Readonly<Record<string, { file: string; comment: string }>> = {
  python: { file: "main.py", comment: "#" },
  nodejs: { file: "index.js", comment: "//" },
  go: { file: "main.go", comment: "//" },
  dockerfile: { file: "server.py", comment: "#" },
};

/** Where the node's kubelet serves what containers use. */
const CADVISOR = "127.0.0.1:10250";
const [CPU_PANEL, MEMORY_PANEL] = [5, 15];
/** Ids of SRE-002's six panels, of which the one of resources is two. */
const SRE_002_PANELS = [1, 2, 3, 4, CPU_PANEL, MEMORY_PANEL, 6];

/** Real builds by Kaniko on a real node, served by the real data plane of Knative. Ingress, DNS and NetworkPolicies are not in it. */
describeWith(
  [
    programs("kubectl", "git", "tar", "prometheus"),
    cluster(),
    ...[
      ["python", "3.11-slim"],
      ["node", "22-slim"],
      ["golang", "1.26"],
      ["static", "nonroot"],
      ["knative-lambda-builder", "0.1.0"],
    ].map(([repository = "", tag = ""]) => image(REGISTRY, repository, tag)),
    address(S3),
    address(ACTIVATOR),
  ],
  "functions that are really built and really serve",
  () => {
    let objects: LocalObjects;
    let builder: BuilderProcess;
    let git: GitHost;
    let starts: PodStarts;
    let prometheus: PrometheusServer;
    const began = Math.floor(Date.now() / 1000);
    const folder = mkdtempSync(join(tmpdir(), "functions-"));
    /** In each source, as the registry keeps the images of earlier runs, which would be reused. */
    const run = basename(folder);
    const s3 = objectStore();

    const functions = new LiveFunctions(BUILD_NAMESPACE, () => builder);

    /** A folder of test/functions, of this run alone. */
    function sourceOf(sample: string, copy = join(folder, sample)): string {
      cpSync(join(SAMPLES, sample), copy, { recursive: true });
      const { file, comment } = CODE[sample] as { file: string; comment: string };
      appendFileSync(join(copy, file), `${comment} ${run}\n`);
      return copy;
    }

    /** The same as an archive in a bucket, changed where a test asks for it. */
    async function upload(
      sample: string,
      key: string,
      change: (folder: string) => void = () => undefined,
      bucket = "function-sources",
    ): Promise<void> {
      const copy = sourceOf(sample, join(folder, key.replaceAll("/", "-")));
      change(copy);
      execFileSync("tar", ["-C", copy, "-czf", `${copy}.tgz`, "."]);
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: readFileSync(`${copy}.tgz`) }));
    }

    before(async () => {
      for (const Bucket of ["function-sources", "other-sources"])
        await s3.send(new CreateBucketCommand({ Bucket })).catch(() => undefined);
      git = await GitHost.start(MACHINE);
      objects = await LocalObjects.of(`sources.internalHosts=[${MACHINE}]`);
      await objects.apply();
      starts = new PodStarts(BUILD_NAMESPACE);
      builder = await BuilderProcess.start("builder-a", objects.environment, MACHINE);
      prometheus = await scraping([builder], recordingRules(), CADVISOR);
    });

    after(async () => {
      await prometheus.stop();
      await stopScraping();
      await functions.removeAll();
      await builder.stop();
      starts.stop();
      await objects.remove();
      git.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it("builds SRE-002's two-stage Python function with its dependencies, from the platform's bucket, and it answers", async () => {
      await upload("python", `${BUILD_NAMESPACE}/python.tar.gz`);
      await functions.apply("python", {
        source: { type: "s3", s3: { bucket: "function-sources", key: `${BUILD_NAMESPACE}/python.tar.gz` } },
        runtime: { language: "python", version: "3.11", handler: "main.handler" },
      });
      const { status } = await functions.ready("python");
      assert.equal(status?.buildStatus?.strategy, "kaniko");
      assert.match(
        status.buildStatus.imageURI ?? "",
        /^10\.244\.77\.2:5000\/functions\/knative-lambda@sha256:[0-9a-f]{64}$/,
      );
      const { status: code, type, answer } = await functions.send("python", { values: [1, 2, 3] });
      assert.equal(code, 200);
      assert.equal(type, "io.knative.lambda.response.success");
      assert.equal(answer.functionName, "python");
      assert.deepEqual(answer.result.body, { mean: 2 });
    });

    it("serves new code after the source changed, hits the cache for what did not, and does nothing for what is the same", async () => {
      const before = (await functions.read("python")).status;
      await upload("python", `${BUILD_NAMESPACE}/python-2.tar.gz`, (copy) => {
        const file = join(copy, "main.py");
        writeFileSync(file, readFileSync(file, "utf8").replace('"mean"', '"average"'));
      });
      await functions.apply("python", {
        source: { type: "s3", s3: { bucket: "function-sources", key: `${BUILD_NAMESPACE}/python-2.tar.gz` } },
        runtime: { language: "python", version: "3.11", handler: "main.handler" },
      });
      const { status } = await functions.ready("python");
      assert.notEqual(status?.buildStatus?.digest, before?.buildStatus?.digest);
      assert.deepEqual((await functions.send("python", { values: [1, 2, 3] })).answer.result.body, {
        average: 2,
      });
      assert.ok((status?.buildStatus?.cacheHits ?? 0) >= 1, JSON.stringify(status?.buildStatus));
      assert.ok((status?.buildStatus?.cacheRequests ?? 0) > (status?.buildStatus?.cacheHits ?? 0));
      assert.equal((await functions.jobsOf("python")).length, 2);
    });

    it("reuses an identical source of a second function, with no Job", async () => {
      await functions.apply("python-twin", {
        source: { type: "s3", s3: { bucket: "function-sources", key: `${BUILD_NAMESPACE}/python-2.tar.gz` } },
        runtime: { language: "python", version: "3.11", handler: "main.handler" },
      });
      const { status } = await functions.ready("python-twin");
      assert.equal(status?.buildStatus?.strategy, "reuse");
      assert.deepEqual(await functions.jobsOf("python-twin"), []);
      assert.equal(status.buildStatus.digest, (await functions.read("python")).status?.buildStatus?.digest);
      assert.equal((await functions.send("python-twin", { values: [3] })).answer.functionName, "python-twin");
    });

    it("builds a Node.js function with a lockfile, from a git repository over HTTP", async () => {
      const url = git.repository("nodejs", sourceOf("nodejs"));
      await functions.apply("nodejs", {
        source: { type: "git", git: { url, ref: "main" } },
        runtime: { language: "nodejs", version: "22", handler: "index.handler" },
      });
      await functions.ready("nodejs");
      const { status, answer } = await functions.send("nodejs", { id: 7, items: ["a", "b", "a"] });
      assert.equal(status, 200);
      assert.deepEqual(answer.result.body, { order: 7, items: { a: 2, b: 1 } });
    });

    it("builds a Go function with modules, from a MinIO source with a Secret", async () => {
      await upload("go", "go.tar.gz", undefined, "other-sources");
      await kubectl(
        ["apply", "--server-side", "--filename", "-"],
        JSON.stringify({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "minio", namespace: BUILD_NAMESPACE },
          stringData: {
            accessKey: "lab",
            secretKey: "lab",
            AWS_ACCESS_KEY_ID: "lab",
            AWS_SECRET_ACCESS_KEY: "lab",
          },
        }),
      );
      await functions.apply("golang", {
        source: {
          type: "minio",
          minio: {
            endpoint: `${MACHINE}:15555`,
            bucket: "other-sources",
            key: "go.tar.gz",
            secretRef: { name: "minio" },
          },
        },
        runtime: { language: "go", version: "1.26", handler: "main.Handler" },
      });
      await functions.ready("golang");
      const { status, answer } = await functions.send("golang", { name: "Ada" });
      assert.equal(status, 200);
      assert.deepEqual(answer.result.body, { hello: "Ada" });
    });

    it("builds an inline function, and a Dockerfile of the user's own", async () => {
      await functions.apply("inline", {
        source: {
          type: "inline",
          inline: { code: `# ${run}\ndef handler(data):\n    return {'doubled': data['n'] * 2}\n` },
        },
        runtime: { language: "python", version: "3.11", handler: "main.handler" },
      });
      await functions.ready("inline");
      assert.deepEqual((await functions.send("inline", { n: 21 })).answer.result.body, { doubled: 42 });

      await upload("dockerfile", `${BUILD_NAMESPACE}/own.tar.gz`);
      await functions.apply("own", {
        source: { type: "s3", s3: { bucket: "function-sources", key: `${BUILD_NAMESPACE}/own.tar.gz` } },
        runtime: { language: "python", version: "3.11", handler: "main.handler" },
      });
      await functions.ready("own");
      assert.deepEqual((await functions.send("own", {})).answer, { from: "a Dockerfile of its own" });
    });

    it("serves an image that exists, with no build", async () => {
      const { status: built } = await functions.read("inline");
      const [repository = "", digest = ""] = (built?.buildStatus?.imageURI ?? "").split("@");
      await functions.apply("image", {
        source: { type: "image", image: { repository, digest } },
        runtime: { language: "python", version: "3.11", handler: "main.handler" },
      });
      await functions.ready("image");
      assert.deepEqual(await functions.jobsOf("image"), []);
      assert.deepEqual((await functions.send("image", { n: 4 })).answer.result.body, { doubled: 8 });
    });

    it("fails an import error of the user's without retrying, and keeps serving what served", async () => {
      const before = await functions.read("inline");
      await functions.apply("inline", {
        source: { type: "inline", inline: { code: `# ${run}\ndef other(data):\n    return 1\n` } },
        runtime: { language: "python", version: "3.11", handler: "main.handler" },
      });
      const failed = await eventually(
        "inline not Ready for its new generation",
        () => functions.read("inline"),
        ({ metadata, status }) =>
          status?.phase === "Failed" && status.observedGeneration === metadata.generation,
        600,
      );
      assert.equal(
        failed.status?.serviceStatus?.latestRevision,
        before.status?.serviceStatus?.latestRevision,
      );
      assert.deepEqual((await functions.send("inline", { n: 1 })).answer.result.body, { doubled: 2 });
    });

    it("tells SRE-002's five metrics as the builds' own records have them", async () => {
      const records = (
        JSON.parse(
          await kubectl(["get", "configmaps", "--namespace", BUILD_NAMESPACE, "--output", "json"]),
        ) as { items: { data?: { builds?: string } }[] }
      ).items.flatMap(({ data }) => JSON.parse(data?.builds ?? "[]") as PastBuild[]);
      const made = records.filter(({ strategy, result }) => strategy === "kaniko" && result === "Succeeded");
      const sum = (field: "durationSeconds" | "cacheHits" | "cacheRequests" | "imageSizeBytes"): number =>
        made.reduce((all, build) => all + (build[field] ?? 0), 0);
      // python twice, nodejs, go, inline twice, a Dockerfile of its author's own.
      assert.equal(made.length, 7, JSON.stringify(records));

      assert.equal(
        await builder.metric("builds_total", { strategy: "kaniko", result: "succeeded" }),
        made.length,
      );
      assert.equal(await builder.metric("builds_total", { result: "platform_error" }), 0);
      assert.equal(await builder.metric("build_duration_seconds_count"), made.length);
      near(await builder.metric("build_duration_seconds_sum"), sum("durationSeconds"), 0.01);
      for (const le of [20, 30, 60, 300])
        assert.equal(
          await builder.metric("build_duration_seconds_bucket", { le: String(le), strategy: "kaniko" }),
          made.filter(({ durationSeconds = 0 }) => durationSeconds <= le).length,
          `builds of up to ${le} s`,
        );
      assert.equal(await builder.metric("kaniko_cache_hits_total"), sum("cacheHits"));
      assert.equal(await builder.metric("kaniko_cache_requests_total"), sum("cacheRequests"));
      assert.ok(sum("cacheHits") >= 1 && sum("cacheHits") < sum("cacheRequests"), JSON.stringify(made));
      assert.equal(await builder.metric("image_size_bytes_count"), made.length);
      assert.equal(await builder.metric("image_size_bytes_sum"), sum("imageSizeBytes"));

      const seen = starts.seconds;
      assert.ok(seen.length >= 8, `${seen.length} cold starts seen`);
      // Each hears of a pod for itself, and neither of the last one first for sure.
      await eventually(
        "as many cold starts told as seen",
        async () => [await builder.metric("function_cold_start_duration_seconds_count"), seen.length],
        ([told, count]) => told === count,
      );
      near(
        await builder.metric("function_cold_start_duration_seconds_sum"),
        seen.reduce((all, seconds) => all + seconds, 0),
        0.25 * seen.length,
      );
    });

    it("has data of these builds in every panel of SRE-002's six", async () => {
      const args = dashboardArgs(stackSettings(".", "local"));
      const shown = rows(args);
      const sample = await ask(shown, {
        prometheus: prometheus.url,
        from: began,
        to: Math.floor(Date.now() / 1000),
        window: "1m",
      });
      const { RECORD } = process.env;
      if (RECORD !== undefined) writeFileSync(RECORD, `${JSON.stringify(sample)}\n`);
      const valuesOf = ({ id }: Panel): number[] =>
        (sample.panels[id] ?? []).flatMap(({ points }) =>
          points.flatMap(([, value]) => (value === null ? [] : [value])),
        );
      const all = shown.flatMap(({ panels }) => panels);
      const six = all.filter(({ id }) => SRE_002_PANELS.includes(id));
      assert.equal(six.length, SRE_002_PANELS.length);
      for (const panel of six) assert.ok(valuesOf(panel).length > 0, `${panel.title} is empty`);
      // Kaniko's own use, and not the whole node's: more than nothing, and no more than a build is given.
      const { limits } = args.kaniko;
      const most = (id: number): number =>
        Math.max(...six.filter((panel) => panel.id === id).flatMap((panel) => valuesOf(panel)));
      const [cpu, memory] = [most(CPU_PANEL), most(MEMORY_PANEL)];
      // Between two looks of cAdvisor's a limit may be passed for a moment.
      assert.ok(cpu > 0 && cpu <= 1.5 * amount(limits.cpu), `${cpu} cores`);
      assert.ok(memory > 1e6 && memory <= amount(limits.memory), `${memory} bytes`);
    });
  },
);

/** Asserts that a figure lies within `by` of another. */
function near(actual: number, expected: number, by: number): void {
  assert.ok(Math.abs(actual - expected) <= by, `${actual} is not within ${by} of ${expected}`);
}
