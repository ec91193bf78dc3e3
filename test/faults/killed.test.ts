import assert from "node:assert/strict";
import { hasEnded } from "../../builder/reconcile/cluster";
import { LABELS } from "../../contract/labels";
import { Stage } from "../builder/reconcile/support/stage";

const CODE = "def handler(data): return data";

/** Something that is asked of a builder, which is killed meanwhile. */
interface Task {
  /** What there is before. */
  prepare?: (stage: Stage, name: string) => Promise<unknown>;
  ask: (stage: Stage, name: string) => void;
  /** Waits for its end, and holds what it is to come to. */
  ends: (stage: Stage, name: string) => Promise<void>;
  /** Builds that have been made and remembered by then. */
  builds: number;
}

const first = (name: string): string => `${CODE} # ${name}, first`;
const second = (name: string): string => `${CODE} # ${name}, second`;
const makes = async (stage: Stage, name: string, code: string): Promise<void> => {
  stage.apply(name, code);
  await stage.says(name, "ServiceReady", "Serving");
};
const serves = async (stage: Stage, name: string, images: number): Promise<void> => {
  await stage.says(name, "ServiceReady", "Serving");
  await stage.settled();
  assert.equal(stage.fn(name)?.status?.phase, "Ready");
  assert.equal(stage.liveTags(name).length, images);
};
const acted = (stage: Stage, name: string, command: string): Promise<void> =>
  stage.until(`${command} of ${name}`, () => {
    const { annotations = {} } = stage.fn(name)?.metadata ?? {};
    return (
      annotations[`lambda.knative.io/acted-${command}`] ===
      annotations[`lambda.knative.io/command-${command}`]
    );
  });

const TASKS: Record<string, Task> = {
  "the first build": {
    ask: (stage, name) => stage.apply(name, first(name)),
    ends: (stage, name) => serves(stage, name, 1),
    builds: 1,
  },
  "the build of a changed spec": {
    prepare: (stage, name) => makes(stage, name, first(name)),
    ask: (stage, name) => stage.apply(name, second(name)),
    ends: (stage, name) => serves(stage, name, 2),
    builds: 2,
  },
  "a build anew": {
    prepare: (stage, name) => makes(stage, name, first(name)),
    ask: (stage, name) => {
      stage.command(name, "build.start");
    },
    ends: async (stage, name) => {
      await acted(stage, name, "build.start");
      await serves(stage, name, 1);
    },
    // The second finds the image of the first.
    builds: 2,
  },
  "a rollback": {
    prepare: async (stage, name) => {
      await makes(stage, name, first(name));
      await makes(stage, name, second(name));
    },
    ask: (stage, name) => {
      stage.command(name, "function.rollback");
    },
    ends: async (stage, name) => {
      const [one] = stage.play
        .jobs(name)
        .map(({ spec }) => destination(spec?.template.spec?.containers[0]?.args));
      await acted(stage, name, "function.rollback");
      const digest = stage.registry.tagged("functions/team-a", one ?? "");
      await stage.until("the first image", () => stage.image(name)?.endsWith(digest ?? "-") === true);
      await serves(stage, name, 2);
    },
    builds: 2,
  },
  "a deletion": {
    prepare: (stage, name) => makes(stage, name, first(name)),
    ask: (stage, name) => {
      stage.delete(name);
    },
    ends: async (stage, name) => {
      await stage.until("the function to go", () => stage.fn(name) === undefined);
      await stage.until("its build to go", () => stage.play.jobs(name).length === 0);
      await stage.settled();
      assert.equal(stage.service(name), undefined);
      assert.deepEqual(stage.liveTags(name), []);
    },
    builds: 0,
  },
};

const destination = (args: readonly string[] = []): string | undefined =>
  args
    .find((arg) => arg.startsWith("--destination="))
    ?.split(":")
    .at(-1);

/** The builds that are remembered of a function. */
function remembered(stage: Stage, name: string): unknown[] {
  const map = stage.api.store.get(`${stage.collection("configmaps")}/${name}-builds`);
  const { builds } = (map?.["data"] ?? {}) as { builds?: string };
  return builds === undefined ? [] : (JSON.parse(builds) as unknown[]);
}

describe("a builder that is killed at any write leaves what the next one brings to the same end:", () => {
  for (const [what, task] of Object.entries(TASKS))
    it(what, async () => {
      const stage = await Stage.set();
      let most = 0;
      stage.api.store.onEvent(({ type, object, collection }) => {
        if (type !== "ADDED" || !collection.endsWith("/jobs")) return;
        const name = object.metadata.labels?.[LABELS.function];
        most = Math.max(most, stage.play.jobs(name).filter((job) => !hasEnded(job)).length);
        setTimeout(() => {
          const job = stage.play.jobs().find(({ metadata }) => metadata.uid === object.metadata.uid);
          if (job !== undefined && !hasEnded(job)) stage.play.succeed(job);
        }, 10);
      });
      const ready = async (name: string): Promise<void> => {
        await task.prepare?.(stage, name);
        await stage.settled();
      };
      let victim = await stage.replica("builder-0");
      await ready("reference");
      const before = stage.api.writes().length;
      task.ask(stage, "reference");
      await task.ends(stage, "reference");
      const writes = stage.api.writes().slice(before);
      assert.ok(writes.length >= 3, `${writes.length} writes`);
      for (const [index, { method, path }] of writes.entries())
        // Of a write that is done and not answered the killed one knows as little as of one that was not done; what is made must be found.
        for (const fate of method === "POST" ? (["cut", "lost"] as const) : (["cut"] as const)) {
          const name = `killed-${index}-${fate}`;
          const where = `killed at write ${index} (${fate}): ${method} ${path}`;
          await ready(name);
          most = 0;
          let left = index;
          stage.api.fault = ({ method: asked, from }) => {
            if (asked === "GET" || from !== victim.name || left-- > 0) return undefined;
            stage.api.kill(from);
            return fate;
          };
          task.ask(stage, name);
          await stage.until(`${victim.name} to be killed`, () => left < 0);
          stage.api.fault = () => undefined;
          stage.kill(victim);
          victim = await stage.replica(`builder-${index}-${fate}`);
          await task.ends(stage, name);
          assert.ok(most <= 1, where);
          assert.equal(remembered(stage, name).length, task.builds, where);
        }
      // Each goes with its Job.
      assert.deepEqual(
        stage.locks().filter(({ metadata }) => metadata.ownerReferences?.length !== 1),
        [],
      );
      await stage.strike();
    });
});
