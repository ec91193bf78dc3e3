import assert from "node:assert/strict";
import { BUILD_NAMESPACE } from "../../contract/names";
import { BuildPlayer } from "../support/buildPlayer";
import { BuilderProcess } from "../support/builderProcess";
import { eventually, kubectl } from "../support/kubectl";
import { LocalObjects } from "../support/localObjects";
import { OciRegistry } from "../support/ociRegistry";
import { address, cluster, describeWith, programs } from "../support/requirements";

const S3 = process.env["AWS_ENDPOINT_URL_S3"] ?? "http://127.0.0.1:15555";
const FUNCTIONS = 100;
const LIMIT = 20;

interface Listed {
  items: {
    metadata: { name: string; generation: number };
    status?: {
      phase?: string;
      observedGeneration?: number;
      buildStatus?: { digest?: string; strategy?: string };
    };
  }[];
}

/** Builds are played (test/support/buildPlayer.ts) and so is Knative: what is real is the API server, its Job controller, Kueue and the builder. */
describeWith(
  [programs("kubectl"), cluster(), address(S3)],
  `${FUNCTIONS} functions through a quota of ${LIMIT}, with three builders`,
  () => {
    const registry = new OciRegistry();
    const builders: BuilderProcess[] = [];
    let objects: LocalObjects;
    let player: BuildPlayer;

    const functionsNow = async (): Promise<Listed["items"]> =>
      (
        JSON.parse(
          await kubectl(["get", "lambdafunctions", "--namespace", BUILD_NAMESPACE, "--output", "json"]),
        ) as Listed
      ).items;
    const builderLogs = (): string =>
      builders.map((builder) => `--- ${builder.name}\n${builder.log(25)}`).join("\n");

    before(async () => {
      await registry.listen();
      for (const [repository, tag] of [
        ["python", "3.11-slim"],
        ["node", "22-slim"],
        ["golang", "1.26"],
        ["static", "nonroot"],
      ] as const) {
        registry.put(repository, tag, `base ${repository}`);
      }
      await fetch(`${S3}/function-sources`, { method: "PUT" });
      objects = await LocalObjects.of(
        `builderService.kanikoJobLimit=${LIMIT}`,
        `imageRepositories.registry=${registry.host}`,
        `imageRepositories.baseImages.python=${registry.host}/python:3.11-slim`,
        `imageRepositories.baseImages.nodejs=${registry.host}/node:22-slim`,
        `imageRepositories.baseImages.go=${registry.host}/golang:1.26`,
        `imageRepositories.baseImages.goRuntime=${registry.host}/static:nonroot`,
        `sourceBucket.endpoint=${S3}`,
        "builderService.logLevel=info",
      );
      await objects.apply();
      // None ends before the limit is near, however slowly they are begun.
      player = new BuildPlayer(registry, async () => {
        await eventually(
          "builds at once",
          () => Promise.resolve(player.mostAdmitted),
          (most) => most > LIMIT / 2,
          600,
        );
        return 2;
      });
      await player.start();
      for (const name of ["builder-a", "builder-b", "builder-c"])
        builders.push(await BuilderProcess.start(name, objects.environment));
    });

    after(async () => {
      await Promise.all(builders.map((builder) => builder.stop()));
      await player.stop();
      await objects.remove();
      registry.close();
    });

    it("admits never more than the quota, and makes every one Ready with a verified digest", async () => {
      const list = {
        apiVersion: "v1",
        kind: "List",
        items: Array.from({ length: FUNCTIONS }, (_, index) => ({
          apiVersion: "lambda.knative.io/v1alpha1",
          kind: "LambdaFunction",
          metadata: { name: `parser-${index}`, namespace: BUILD_NAMESPACE },
          spec: {
            source: {
              type: "inline",
              inline: { code: `def handler(data):\n    return {"parser": ${index}}\n` },
            },
            runtime: { language: "python", version: "3.11", handler: "main.handler" },
          },
        })),
      };
      await kubectl(["apply", "--server-side", "--filename", "-"], JSON.stringify(list));
      const ready = await eventually(
        "all functions Ready",
        functionsNow,
        (items) => items.length === FUNCTIONS && items.every(({ status }) => status?.phase === "Ready"),
        600,
      ).catch((error: unknown) => {
        throw new Error(`${(error as Error).message.slice(0, 3000)}\n${builderLogs()}`);
      });
      assert.ok(
        player.mostAdmitted > LIMIT / 2,
        `only ${player.mostAdmitted} at once: the limit was never near`,
      );
      assert.ok(player.mostAdmitted <= LIMIT, `${player.mostAdmitted} Jobs were admitted at once`);
      assert.equal(player.jobs.size, FUNCTIONS);
      for (const { metadata, status } of ready) {
        assert.equal(status?.observedGeneration, metadata.generation, metadata.name);
        assert.match(status.buildStatus?.digest ?? "", /^sha256:[0-9a-f]{64}$/, metadata.name);
        assert.ok(
          registry
            .tags(`functions/${BUILD_NAMESPACE}`)
            .some(
              (tag) => registry.digest(`functions/${BUILD_NAMESPACE}`, tag) === status.buildStatus?.digest,
            ),
          `${metadata.name}'s digest is not in the registry`,
        );
      }
    });

    /** A metric's value over all replicas. */
    const sum = async (name: string, labels: Record<string, string> = {}): Promise<number> =>
      (await Promise.all(builders.map((builder) => builder.metric(name, labels)))).reduce(
        (all, value) => all + value,
        0,
      );

    it("tells of every build once, over all replicas, and tags what runs", async () => {
      // Each is counted after its status says it.
      await eventually(
        "all builds told of",
        () => sum("image_size_bytes_count"),
        (told) => told >= FUNCTIONS,
      );
      assert.equal(await sum("build_duration_seconds_count"), FUNCTIONS);
      assert.equal(await sum("image_size_bytes_count"), FUNCTIONS);
      assert.ok((await sum("build_duration_seconds_sum")) >= FUNCTIONS * 2);
      const live = registry.tags(`functions/${BUILD_NAMESPACE}`).filter((tag) => tag.startsWith("live-"));
      assert.ok(live.length >= FUNCTIONS, `${live.length} live tags`);
    });

    it("takes 50 identical events at once for one: one function and one Job, then one build of it anew", async () => {
      const before = player.jobs.size;
      const token = (await kubectl(["create", "token", "default", "--namespace", BUILD_NAMESPACE])).trim();
      // Who may send events: whoever may write functions.
      await kubectl([
        "create",
        "rolebinding",
        "event-sender",
        "--namespace",
        BUILD_NAMESPACE,
        "--clusterrole=edit",
        `--serviceaccount=${BUILD_NAMESPACE}:default`,
      ]);
      const send = async (index: number, id: string, what: string, data: object): Promise<number> => {
        const { status } = await fetch(builders[index % builders.length]?.url ?? "", {
          method: "POST",
          headers: { "content-type": "application/cloudevents+json", authorization: `Bearer ${token}` },
          body: JSON.stringify({
            specversion: "1.0",
            id,
            source: "/test",
            type: `io.knative.lambda.command.${what}`,
            datacontenttype: "application/json",
            data,
          }),
        });
        return status;
      };
      const sendAll = async (id: string, what: string, data: object): Promise<void> => {
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) => send(index, id, what, data)),
        );
        assert.deepEqual([...new Set(answers)], [202]);
      };
      const once = async () => (await functionsNow()).find(({ metadata }) => metadata.name === "parser-once");
      const metadata = { name: "parser-once", namespace: BUILD_NAMESPACE };
      // RBAC's caches take a moment to know of a binding, each replica's own answers too. Nothing is there to be deleted.
      for (const [index] of builders.entries())
        await eventually(
          "the sender's rights",
          () => send(index, `first-${index}`, "service.delete", { metadata }),
          (status) => status === 202,
        );

      await sendAll("made-once", "service.create", {
        metadata,
        spec: {
          source: { type: "inline", inline: { code: "def handler(data):\n    return 'once'\n" } },
          runtime: { language: "python", version: "3.11", handler: "main.handler" },
        },
      });
      await eventually(
        "parser-once Ready",
        async () => (await once())?.status?.phase,
        (phase) => phase === "Ready",
      );
      assert.equal(player.jobs.size, before + 1);

      // The same source again: its image is found, once for each time that the build is begun anew.
      const reused = await sum("builds_total", { strategy: "reuse" });
      await sendAll("anew-once", "build.start", metadata);
      await eventually(
        "parser-once built anew",
        async () => [
          (await sum("builds_total", { strategy: "reuse" })) > reused,
          (await once())?.status?.phase,
        ],
        ([anew, phase]) => anew === true && phase === "Ready",
      );
      assert.equal(await sum("builds_total", { strategy: "reuse" }), reused + 1);
      assert.equal(player.jobs.size, before + 1);
    });

    it("refuses events of nobody with 401 and of a stranger with 403", async () => {
      const post = async (headers: Record<string, string>): Promise<number> =>
        (
          await fetch(builders[0]?.url ?? "", {
            method: "POST",
            headers: { "content-type": "application/cloudevents+json", ...headers },
            body: JSON.stringify({
              specversion: "1.0",
              id: "refused",
              source: "/test",
              type: "io.knative.lambda.command.service.delete",
              data: { metadata: { name: "parser-1", namespace: BUILD_NAMESPACE } },
            }),
          })
        ).status;
      assert.equal(await post({}), 401);
      assert.equal(await post({ authorization: "Bearer nonsense" }), 401);
      const stranger = (await kubectl(["create", "token", "default", "--namespace", "default"])).trim();
      assert.equal(await post({ authorization: `Bearer ${stranger}` }), 403);
      assert.equal(
        (await functionsNow()).some(({ metadata }) => metadata.name === "parser-1"),
        true,
      );
    });
  },
);
