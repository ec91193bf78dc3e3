import assert from "node:assert/strict";
import { writeRecord } from "../../../builder/build/buildRecord";
import type { Job, LambdaFunction, OpenObject, Pod } from "../../../builder/kubernetes/resources";
import { Store } from "../../../builder/kubernetes/store";
import { Metrics } from "../../../builder/metrics";
import { functionIndexes, jobIndexes } from "../../../builder/reconcile/cluster";
import { exposeGauges } from "../../../builder/reconcile/gauges";
import { LABELS } from "../../../contract/labels";
import { environmentFor } from "./support/environment";
import { lambdaFunction } from "./support/lambdaFunction";

const build = (name: string, spec: Job["spec"], status: Job["status"] = {}): Job => ({
  metadata: {
    namespace: "knative-lambda",
    name: `build-${name}-1`,
    labels: { [LABELS.build]: "true", [LABELS.function]: name, [LABELS.functionNamespace]: "team-a" },
    annotations: writeRecord({
      namespace: "team-a",
      name,
      uid: "u",
      generation: 1,
      attempt: 1,
      buildHash: "h",
      contextHash: "c",
      image: "i",
      templateVersion: 1,
      ownDockerfile: false,
      cache: true,
      kanikoImage: "k",
      cacheable: [],
    }),
  },
  ...(spec === undefined ? {} : { spec }),
  status,
});

describe("the builder's gauges", () => {
  let functions: Store<LambdaFunction>;
  let jobs: Store<Job>;
  let home: (key: string) => boolean;
  const shown = async (
    name: string,
    changes: Record<string, string> = {},
  ): Promise<Record<string, number>> => {
    const metrics = new Metrics();
    exposeGauges({
      cluster: {
        functions,
        jobs,
        pods: new Store<Pod>(),
        services: new Store<OpenObject>(),
        servingPods: new Store<Pod>(),
      },
      watches: {
        functions: { silentMs: 1_500 },
        jobs: { silentMs: 0 },
        pods: { silentMs: 0 },
        services: { silentMs: 0 },
        serving_pods: { silentMs: Number.POSITIVE_INFINITY },
      },
      environment: environmentFor("registry.example", changes),
      ownership: { home: () => (key) => home(key) },
      metrics,
    });
    const { values } =
      (await metrics.registry.getMetricsAsJSON()).find((metric) => metric.name === name) ?? {};
    return Object.fromEntries(
      (values ?? []).map(({ labels, value }) => [
        Object.entries(labels as Record<string, string>)
          .filter(([label]) => label !== "strategy")
          .map(([, of]) => of)
          .join("/"),
        value,
      ]),
    );
  };

  beforeEach(() => {
    functions = new Store(functionIndexes);
    jobs = new Store(jobIndexes);
    home = () => true;
    functions.set(
      lambdaFunction(
        { buildStatus: { imageSizeBytes: 100, durationSeconds: 7 } },
        {},
        { name: "parser", labels: { [LABELS.keepAlive]: "true" } },
      ),
    );
    functions.set(lambdaFunction(undefined, {}, { name: "new", namespace: "team-b", uid: "uid-2" }));
  });

  it("tell builds that run from those that wait, and leave out those that ended", async () => {
    jobs.set(build("runs", { suspend: false, template: {} }));
    jobs.set(build("waits", { suspend: true, template: {} }));
    jobs.set(
      build(
        "ended",
        { suspend: false, template: {} },
        { conditions: [{ type: "Complete", status: "True" }] },
      ),
    );
    assert.deepEqual(await shown("builds_running"), { "team-a": 1, "team-b": 0 });
    assert.deepEqual(await shown("builds_queued"), { "team-a": 1, "team-b": 0 });
  });

  it("tell of functions at home on this replica alone, and of what is known of them", async () => {
    jobs.set(build("runs", { suspend: false, template: {} }));
    assert.deepEqual(await shown("function_image_size_bytes"), { "team-a/parser": 100 });
    assert.deepEqual(await shown("function_last_build_duration_seconds"), { "team-a/parser": 7 });
    home = () => false;
    assert.deepEqual(await shown("function_image_size_bytes"), {});
    assert.deepEqual(await shown("builds_running"), { "team-a": 0, "team-b": 0 });
  });

  it("count the pods that are kept, of functions that there are", async () => {
    const kept = {
      KEEP_ALIVE_FUNCTIONS: "team-b/new,team-b/none",
      KEEP_ALIVE_MIN_SCALE: "2",
      KEEP_ALIVE_BY_LABEL: "false",
    };
    assert.deepEqual(await shown("keep_alive_pods", kept), { "team-a": 0, "team-b": 2 });
    assert.deepEqual(await shown("keep_alive_pods", { ...kept, KEEP_ALIVE_BY_LABEL: "true" }), {
      "team-a": 2,
      "team-b": 2,
    });
  });

  it("say how long each watch has been silent, also of one that never spoke", async () => {
    assert.deepEqual(await shown("watch_silent_seconds"), {
      functions: 1.5,
      jobs: 0,
      pods: 0,
      services: 0,
      serving_pods: Number.POSITIVE_INFINITY,
    });
  });
});
