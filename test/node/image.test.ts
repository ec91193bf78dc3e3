import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { findBuilder } from "../../tools/image/run";
import { eventually, kubectl, read } from "../support/kubectl";
import { REGISTRY } from "../support/realNode";
import { cluster, describeWith, image, programs, type Requirement } from "../support/requirements";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");
const REPOSITORY = "knative-lambda-builder";
/** Not the stack's own: that one may be running. */
const TAG = "test-image";
const BASE = { repository: "node", tag: "22-slim" };
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

interface Manifest {
  config: { digest: string };
  layers: { digest: string; size: number; mediaType: string }[];
}

interface Config {
  architecture: string;
  os: string;
  config: {
    User?: string;
    Entrypoint?: string[];
    Cmd?: string[] | null;
    WorkingDir?: string;
    Env?: string[];
    ExposedPorts?: Record<string, object>;
  };
  rootfs: { diff_ids: string[] };
}

const builder = (): Requirement => {
  try {
    findBuilder();
    return { missing: undefined };
  } catch (error) {
    return { missing: (error as Error).message };
  }
};

/** The image that `make image` makes, asked of the registry and run on a node as the builder's pods are. */
describeWith(
  [programs("make", "kubectl"), cluster(), image(REGISTRY, BASE.repository, BASE.tag), builder()],
  "make image",
  () => {
    let said: string;
    let digest: string;
    let manifest: Manifest;
    let config: Config;

    const blob = async (repository: string, path: string): Promise<Response> => {
      const response = await fetch(`http://${REGISTRY}/v2/${repository}/${path}`, {
        headers: { accept: MANIFEST },
      });
      assert.equal(response.status, 200, path);
      return response;
    };
    const configOf = async (repository: string, { config: { digest: of } }: Manifest): Promise<Config> =>
      (await (await blob(repository, `blobs/${of}`)).json()) as Config;

    before(async () => {
      said = await new Promise<string>((done, failed) => {
        execFile(
          "make",
          ["--silent", "image", "STACK=local", `IMAGE=${REGISTRY}/${REPOSITORY}:${TAG}`],
          { cwd: PROJECT_FOLDER },
          (error, stdout, stderr) => {
            if (error === null) done(stdout);
            else failed(new Error(`${stdout}\n${stderr}`));
          },
        );
      });
      const response = await blob(REPOSITORY, `manifests/${TAG}`);
      digest = response.headers.get("docker-content-digest") ?? "";
      manifest = (await response.json()) as Manifest;
      config = await configOf(REPOSITORY, manifest);
    });

    after(async () => {
      await kubectl([
        "delete",
        "pod",
        "builder-image",
        "--namespace=default",
        "--ignore-not-found",
        "--wait=false",
      ]);
      await fetch(`http://${REGISTRY}/v2/${REPOSITORY}/manifests/${digest}`, { method: "DELETE" });
      execFileSync(findBuilder(), ["rmi", `${REGISTRY}/${REPOSITORY}:${TAG}`], { stdio: "pipe" });
    });

    it("says the digest that the registry has", () => {
      assert.ok(said.includes(`pushed ${REGISTRY}/${REPOSITORY}:${TAG}@${digest}`), said);
    });

    it("makes an image of the stack's architecture that runs one file, as nobody, with no shell in between", () => {
      assert.deepEqual([config.os, config.architecture], ["linux", "amd64"]);
      const { User, Entrypoint, Cmd, WorkingDir, ExposedPorts } = config.config;
      assert.equal(User, "65532:65532");
      assert.deepEqual(Entrypoint, ["node", "/builder.cjs"]);
      assert.deepEqual(Cmd ?? [], []);
      assert.equal(WorkingDir, "/tmp");
      assert.deepEqual(Object.keys(ExposedPorts ?? {}).sort(), [
        "8080/tcp",
        "8081/tcp",
        "8082/tcp",
        "9090/tcp",
      ]);
    });

    it("lays one file on its base, which nobody may change, and nothing of this machine's environment", async () => {
      const base = (await (await blob(BASE.repository, `manifests/${BASE.tag}`)).json()) as Manifest;
      const below = await configOf(BASE.repository, base);
      const { diff_ids: layers } = config.rootfs;
      assert.deepEqual(layers.slice(0, below.rootfs.diff_ids.length), below.rootfs.diff_ids);

      const files: string[] = [];
      for (const layer of manifest.layers.slice(below.rootfs.diff_ids.length)) {
        const bytes = Buffer.from(await (await blob(REPOSITORY, `blobs/${layer.digest}`)).arrayBuffer());
        const tar = extract();
        tar.end(layer.mediaType.endsWith("gzip") ? gunzipSync(bytes) : bytes);
        for await (const entry of tar) {
          const { name, type, mode, uid } = entry.header;
          if (type !== "directory") files.push(`${name} ${type} ${(mode & 0o7777).toString(8)} ${uid}`);
          entry.resume();
        }
      }
      assert.deepEqual(files, ["builder.cjs file 444 0"]);
      const own = (config.config.Env ?? []).filter(
        (variable) => !(below.config.Env ?? []).includes(variable),
      );
      assert.deepEqual(own.sort(), ["HOME=/tmp", "NODE_ENV=production"]);
    });

    it("adds less than 4 MiB to what a node pulls", () => {
      const added = manifest.layers.slice(-1).reduce((sum, { size }) => sum + size, 0);
      assert.ok(added < 4 * 2 ** 20, `${added} bytes`);
    });

    it("makes an image that starts on a node under Pod Security's `restricted`, with a read-only root", async () => {
      await kubectl(
        ["apply", "--server-side", "--filename", "-"],
        JSON.stringify({
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "builder-image", namespace: "default" },
          spec: {
            restartPolicy: "Never",
            nodeSelector: { type: "real" },
            automountServiceAccountToken: false,
            containers: [
              {
                name: "context",
                image: `${REGISTRY}/${REPOSITORY}@${digest}`,
                args: ["fetch-context"],
                terminationMessagePolicy: "FallbackToLogsOnError",
                securityContext: {
                  runAsNonRoot: true,
                  readOnlyRootFilesystem: true,
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  seccompProfile: { type: "RuntimeDefault" },
                },
              },
            ],
          },
        }),
      );
      const ended = await eventually(
        "the pod's end",
        () => read("pod", "builder-image", "default"),
        ({ status }) => ["Failed", "Succeeded"].includes(String(status?.["phase"])),
        300,
      );
      const [container] = (ended.status?.["containerStatuses"] ?? []) as {
        state: { terminated: { exitCode: number; message: string } };
      }[];
      // It has started, and says what a build's Job would have told it.
      assert.equal(container?.state.terminated.exitCode, 1);
      assert.match(container.state.terminated.message, /CONTEXT_URL.*BUILD_TOKEN/);
    });
  },
);
