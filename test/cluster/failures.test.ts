import assert from "node:assert/strict";
import { BUILD_NAMESPACE } from "../../contract/names";
import { LABELS } from "../../contract/labels";
import { BuilderProcess } from "../support/builderProcess";
import { BuildPlayer } from "../support/buildPlayer";
import { eventually, kubectl } from "../support/kubectl";
import { LocalObjects } from "../support/localObjects";
import { OciRegistry } from "../support/ociRegistry";
import { address, cluster, describeWith, programs } from "../support/requirements";

const S3 = process.env["AWS_ENDPOINT_URL_S3"] ?? "http://127.0.0.1:15555";

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}
interface Live {
  status?: { phase?: string; conditions?: Condition[]; buildStatus?: { attempt?: number; error?: string } };
}

const ended = (state: string): string => `
      phase: Failed
      containerStatuses:
      - {name: kaniko, image: played, imageID: played, ready: false, restartCount: 0, state: {terminated: ${state}}}`;

/** What a Stage of KWOK makes of a build's pod once it runs, and what must come of it. */
const failures: {
  name: string;
  status: string;
  when?: string;
  timeout?: string;
  phase: string;
  reason: RegExp;
  message: RegExp;
  attempts: number;
}[] = [
  {
    name: "users-error",
    status: ended(
      `{exitCode: 1, reason: Error, message: 'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1'}`,
    ),
    phase: "Failed",
    reason: /UserError|BuildFailed|CommandFailed/,
    message: /exit status 1/,
    attempts: 1,
  },
  {
    name: "out-of-memory",
    status: ended("{exitCode: 137, reason: OOMKilled}"),
    phase: "Failed",
    reason: /OutOfMemory/,
    message: /kaniko\.resources\.limits\.memory|memory/,
    attempts: 1,
  },
  {
    name: "past-deadline",
    // The pod goes on; the Job controller ends it.
    status: "",
    timeout: "5s",
    phase: "Failed",
    reason: /Deadline/,
    message: /timeout|deadline|5s/i,
    attempts: 1,
  },
];

describeWith([programs("kubectl"), cluster(), address(S3)], "builds that fail", () => {
  const registry = new OciRegistry();
  let builder: BuilderProcess;
  let objects: LocalObjects;
  let player: BuildPlayer;
  const stages: string[] = [];
  /** Functions whose builds a Stage ends, and the player does not: whichever of the two is faster. */
  const held = new Set(failures.map(({ name }) => name));

  const read = async (name: string): Promise<Live> =>
    JSON.parse(
      await kubectl(["get", "lambdafunction", name, "--namespace", BUILD_NAMESPACE, "--output", "json"]),
    ) as Live;
  const condition = (live: Live, type: string): Condition | undefined =>
    live.status?.conditions?.find((candidate) => candidate.type === type);

  /** A Stage that acts on the build's pod of one function, or on some of its pods. */
  const stage = async (name: string, status: string, some = ""): Promise<void> => {
    stages.push(name);
    held.add(name);
    await kubectl(
      ["apply", "--filename", "-"],
      `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: {name: ${name}}
spec:
  resourceRef: {apiGroup: v1, kind: Pod}
  selector:
    matchLabels: {${LABELS.function}: ${name}}
    matchExpressions:
    - {key: '.metadata.deletionTimestamp', operator: DoesNotExist}
    - {key: '.status.phase', operator: In, values: ["Running"]}
${some}  delay: {durationMilliseconds: 500}
  next:
    statusTemplate: |${status}
`,
    );
  };
  /** From now on the function's builds are played as all others. */
  const unstage = async (name: string): Promise<void> => {
    await kubectl(["delete", "stage", name]);
    held.delete(name);
  };
  const apply = (name: string, timeout = "10m"): Promise<string> =>
    kubectl(
      ["apply", "--server-side", "--filename", "-"],
      JSON.stringify({
        apiVersion: "lambda.knative.io/v1alpha1",
        kind: "LambdaFunction",
        metadata: { name, namespace: BUILD_NAMESPACE },
        spec: {
          source: { type: "inline", inline: { code: `def handler(data):\n    return "${name}"\n` } },
          runtime: { language: "python", version: "3.11", handler: "main.handler" },
          build: { timeout },
        },
      }),
    );

  before(async () => {
    await registry.listen();
    registry.put("python", "3.11-slim", "base python");
    await fetch(`${S3}/function-sources`, { method: "PUT" });
    objects = await LocalObjects.of(
      `imageRepositories.registry=${registry.host}`,
      `imageRepositories.baseImages.python=${registry.host}/python:3.11-slim`,
      `sourceBucket.endpoint=${S3}`,
    );
    await objects.apply();
    player = new BuildPlayer(registry, 1, (name) => held.has(name));
    await player.start();
    builder = await BuilderProcess.start("builder-a", objects.environment);
  });

  after(async () => {
    await builder.stop();
    for (const name of stages) await kubectl(["delete", "stage", name, "--ignore-not-found"]);
    await player.stop();
    await objects.remove();
    registry.close();
  });

  for (const { name, status, timeout, phase, reason, message, attempts } of failures) {
    it(`ends ${name} in its own condition, with a message that helps, after ${attempts} attempt`, async () => {
      if (status !== "") await stage(name, status);
      await apply(name, timeout);
      const live = await eventually(
        `${name} ${phase}`,
        () => read(name),
        (now) => now.status?.phase === phase,
      ).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}\n${builder.log()}`);
      });
      const build = condition(live, "BuildReady");
      assert.equal(build?.status, "False");
      assert.match(build.reason, reason);
      assert.match(build.message, message);
      assert.equal(live.status?.buildStatus?.attempt, attempts);
    });
  }

  it("builds again after an eviction, within the attempt, and is Ready", async () => {
    const name = "evicted";
    await stage(
      name,
      `
      phase: Failed
      reason: Evicted
      conditions:
      - {type: DisruptionTarget, status: "True", reason: TerminationByKubelet, lastTransitionTime: {{ Now | Quote }}}
      containerStatuses:
      - {name: kaniko, image: played, imageID: played, ready: false, restartCount: 0, state: {terminated: {exitCode: 137, reason: Error}}}`,
    );
    await apply(name);
    await eventually(
      "a pod of it evicted",
      () =>
        kubectl([
          "get",
          "pods",
          "--namespace",
          BUILD_NAMESPACE,
          "--selector",
          `${LABELS.function}=${name}`,
          "--output=jsonpath={.items[*].status.reason}",
        ]),
      (reasons) => reasons.includes("Evicted"),
    );
    await unstage(name);
    const live = await eventually(
      "evicted Ready",
      () => read(name),
      (now) => now.status?.phase === "Ready",
      300,
    );
    assert.equal(live.status?.buildStatus?.attempt, 1);
  });

  it("says which image can't be pulled, and builds again by itself once it can be", async () => {
    const name = "no-image";
    await stage(
      name,
      `
      phase: Pending
      containerStatuses:
      - {name: kaniko, image: kaniko, imageID: "", ready: false, restartCount: 0, state: {waiting: {reason: InvalidImageName, message: no such image}}}`,
      // Not on those of the second attempt, which may be there before the Stage is gone.
      `    - {key: '.metadata.labels["batch.kubernetes.io/job-name"] | endswith("-2")', operator: In, values: ["false"]}\n`,
    );
    await apply(name);
    const waiting = await eventually(
      "the first attempt's failure",
      () => read(name),
      (now) => condition(now, "BuildReady")?.message.includes("can't be pulled") === true,
    );
    assert.notEqual(waiting.status?.phase, "Failed");
    await unstage(name);
    const live = await eventually(
      "no-image Ready",
      () => read(name),
      (now) => now.status?.phase === "Ready",
    );
    assert.equal(live.status?.buildStatus?.attempt, 2);
  });
});
