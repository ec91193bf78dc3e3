import assert from "node:assert/strict";
import { type Log, silent } from "../../../builder/log";
import { Metrics } from "../../../builder/metrics";
import { type Ended, EndBuild } from "../../../builder/reconcile/endBuild";
import { anonymous } from "../../../builder/registry/login";
import { Registries } from "../../../builder/registry/registries";
import { BUILD_NAMESPACE } from "../../../contract/names";
import { environmentFor } from "./support/environment";
import { Stage } from "./support/stage";

const CODE = "def handler(data): return data";
const MIB = 1024 * 1024;
const LAST_WORDS =
  "error building image: error building stage: failed to execute command: waiting for process to exit: exit status 3";
const SAID = `sha256:${"e".repeat(64)}`;

describe("the end of a build", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
    await stage.replica();
  });
  after(() => stage.strike());

  /** How often builds' logs were asked for since then. */
  const logsAsked = (since = 0): number =>
    stage.api.asked.slice(since).filter(({ path }) => path.endsWith("/log")).length;

  describe("with a log of more than the 8 MiB that are read", () => {
    const chatty = `${"x".repeat(1023)}\n`.repeat(9 * 1024);

    it("is told by the log's last words all the same: the author's failure is no platform's", async () => {
      stage.apply("chatty", `${CODE} # chatty`);
      stage.play.fail(await stage.job("chatty"), { log: `${chatty}pip: no such package\n${LAST_WORDS}\n` });
      const { status, message } = await stage.says("chatty", "BuildReady", "BuildCommandFailed");
      assert.equal(status, "False");
      assert.match(message, /exit status 3/);
      assert.match(stage.fn("chatty")?.status?.buildStatus?.error ?? "", /pip: no such package/);
      assert.equal(stage.play.jobs("chatty").length, 1);
    });

    it("is told by the container's last message where the last lines are no shorter", async () => {
      stage.apply("endless", `${CODE} # endless`);
      stage.play.fail(await stage.job("endless"), {
        log: `${"x".repeat(9 * MIB)}\n${LAST_WORDS}\n`,
        message: `the end of a line\n${LAST_WORDS}\n`,
      });
      await stage.says("endless", "BuildReady", "BuildCommandFailed");
    });

    it("asks once where the build has made an image: the beginning has what most steps say", async () => {
      const before = stage.api.asked.length;
      stage.apply("long", `${CODE} # long`);
      stage.play.succeed(await stage.job("long"), { log: chatty });
      await stage.says("long", "DeployReady", "RolledOut");
      assert.equal(logsAsked(before), 1);
    });
  });

  describe("that says another digest than the registry has under its tag", () => {
    const warned: object[] = [];
    let digest: string;

    it("has the registry's served, by its digest, and at once", async () => {
      stage.apply("forger", `${CODE} # forger`);
      digest = stage.play.succeed(await stage.job("forger"), { said: SAID });
      await stage.says("forger", "DeployReady", "RolledOut");
      assert.ok(stage.image("forger")?.endsWith(digest));
      assert.equal(stage.fn("forger")?.status?.buildStatus?.strategy, "kaniko");
      assert.equal(stage.fn("forger")?.status?.buildStatus?.attempt, 1);
    });

    it("is logged: it was a faster build of the same, or a command of its own", async () => {
      const ended = await look("forger", warned);
      assert.equal(ended.kind === "succeeded" && ended.success.digest, digest);
      assert.deepEqual(warned, [{ job: jobOf("forger").metadata.name, said: SAID, tagged: digest }]);
      warned.length = 0;
      await stage.ready("honest", `${CODE} # honest`);
      await look("honest", warned);
      assert.deepEqual(warned, []);
    });
  });

  it("is a failure that is said, and is not tried again, where its tag is on what is no image for the platform", async () => {
    stage.apply("alien", `${CODE} # alien`);
    const job = await stage.job("alien");
    const [, tag = ""] = /"--destination=[^"]*:([^:"]+)"/.exec(JSON.stringify(job.spec)) ?? [];
    const index = "application/vnd.oci.image.index.v1+json";
    stage.registry.putManifest("functions/team-a", tag, { manifests: [] }, index);
    stage.play.succeed(job, { pushed: false });
    const { status, message } = await stage.says("alien", "BuildReady", "ManifestUnreadable");
    assert.equal(status, "False");
    assert.match(message, /has no image for amd64/);
    assert.equal(stage.fn("alien")?.status?.phase, "Failed");
    stage.later(1800_000, "alien");
    await stage.settled();
    assert.equal(stage.play.jobs("alien").length, 1);
  });

  const jobOf = (name: string) => {
    const [job] = stage.play.jobs(name);
    assert.ok(job);
    return job;
  };

  /** Reads how a function's only build ended, as a builder does. */
  async function look(name: string, warnings: object[]): Promise<Ended> {
    const environment = environmentFor(stage.registry.host);
    const log: Log = { ...silent, warn: (of) => warnings.push(of) };
    const connection = stage.api.connection();
    const end = new EndBuild({
      client: stage.api.client("test", connection),
      environment,
      registries: new Registries({ registry: environment.REGISTRY, insecure: true, login: () => anonymous }),
      metrics: new Metrics(),
      log,
      now: stage.now,
    });
    const job = jobOf(name);
    const [pod] = stage.api.store.where((path) =>
      path.startsWith(`/api/v1/namespaces/${BUILD_NAMESPACE}/pods/${job.metadata.name}-`),
    );
    try {
      return await end.look(job, pod, new AbortController().signal);
    } finally {
      await connection.close();
    }
  }
});
