import assert from "node:assert/strict";
import { Stage } from "./support/stage";

const CODE = "def handler(data): return data";
const HOUR = 3600_000;

describe("the deletion of a function whose registry is down", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
    await stage.replica();
  });
  after(() => stage.strike());
  afterEach(() => {
    stage.registry.intercept = () => undefined;
  });

  const down = (): void => {
    // And not asked again in one go.
    stage.registry.intercept = () => ({ code: 503, headers: { "retry-after": "60" } });
  };
  const isGone = (name: string) => (): boolean => stage.fn(name) === undefined;
  /** Deletes a function, and waits until that is held. */
  const held = async (name: string): Promise<void> => {
    stage.delete(name);
    await stage.until(
      `${name} to be held`,
      () => stage.condition(name, "DeployReady")?.reason === "RegistryRefused",
      20_000,
    );
    await stage.settled();
  };

  it("ends what runs at once, says what it waits for, and takes the tags off once the registry is back", async () => {
    await stage.ready("waits", `${CODE} # waits`);
    await stage.ready("stays", `${CODE} # stays`);
    down();
    await held("waits");
    assert.equal(stage.service("waits"), undefined);
    assert.equal(stage.fn("waits")?.status?.phase, "Deleting");
    assert.match(
      stage.condition("waits", "DeployReady")?.message ?? "",
      /^it goes once its images' tags are taken off, or after an hour at the most: .* answered 503/,
    );
    assert.equal(stage.liveTags("waits").length, 1);
    stage.registry.intercept = () => undefined;
    stage.later(HOUR / 2, "waits");
    await stage.until("the function to go", isGone("waits"));
    assert.deepEqual(stage.liveTags("waits"), []);
    assert.equal(stage.liveTags("stays").length, 1);
  });

  it("is tried again by itself", async () => {
    await stage.ready("again", `${CODE} # again`);
    down();
    await held("again");
    stage.registry.intercept = () => undefined;
    await stage.until("the function to go", isGone("again"), 60_000);
    assert.deepEqual(stage.liveTags("again"), []);
  });

  it("is held for an hour and no longer; what stayed goes with the next function of the name", async () => {
    await stage.ready("late", `${CODE} # late`);
    down();
    await held("late");
    const [stayed] = stage.liveTags("late");
    stage.later(HOUR, "late");
    await stage.until("the function to go", isGone("late"), 60_000);
    stage.registry.intercept = () => undefined;
    assert.deepEqual(stage.liveTags("late"), [stayed]);
    await stage.ready("late", `${CODE} # of another life`);
    await stage.settled();
    assert.equal(stage.liveTags("late").length, 1);
    assert.notEqual(stage.liveTags("late")[0], stayed);
  });

  it("is not held by one that answers, and refuses", async () => {
    await stage.ready("refused", `${CODE} # refused`);
    stage.registry.intercept = () => ({ code: 403, body: '{"errors":[{"code":"DENIED"}]}' });
    stage.delete("refused");
    await stage.until("the function to go", isGone("refused"));
    stage.registry.intercept = () => undefined;
    assert.equal(stage.liveTags("refused").length, 1);
  });
});
