import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { BUILD_NAMESPACE, REGISTRY_SECRET } from "../../contract/names";
import { BuilderProcess } from "../support/builderProcess";
import { eventually, kubectl } from "../support/kubectl";
import { ACTIVATOR, LiveFunctions } from "../support/liveFunctions";
import { LocalObjects } from "../support/localObjects";
import { endPods } from "../support/namespaces";
import { MACHINE, objectStore, REGISTRY, S3 } from "../support/realNode";
import { address, cluster, describeWith, image, programs } from "../support/requirements";

const THIEF = resolve(__dirname, "..", "functions", "thief");
const TEAMS = ["team-a", "team-b"] as const;

/** What test/functions/thief/steal.py writes down. */
interface Report {
  read: number;
  finds: string[];
  logins: string[];
  environment: string[];
  identity: string[];
  answers: Record<string, number>;
}

/**
 * A build of one tenant that tries to get at what is another's or the platform's, by a real Kaniko on a real node. NetworkPolicies and IAM
 * are not enforced here, nor does this registry ask who pushes: what keeps a build from the API server, the instance metadata, the bucket
 * and other tenants' repositories is asserted on the objects and policies (test/components, test/builder/registry).
 */
describeWith(
  [
    programs("kubectl", "tar"),
    cluster(),
    image(REGISTRY, "python", "3.11-slim"),
    image(REGISTRY, "knative-lambda-builder", "0.1.0"),
    address(S3),
    address(ACTIVATOR),
  ],
  "a build that steals",
  () => {
    let objects: LocalObjects;
    let builder: BuilderProcess;
    let report: Report;
    let token: string;
    const folder = mkdtempSync(join(tmpdir(), "tenants-"));
    const [a, b] = TEAMS.map((team) => new LiveFunctions(team, () => builder)) as [
      LiveFunctions,
      LiveFunctions,
    ];
    const s3 = objectStore();
    /** Lets a build end: what it asks is answered once it may. */
    let release: () => void = () => undefined;
    const released = new Promise<void>((done) => (release = done));
    const gate = createServer((_request, response) => void released.then(() => response.end()));

    const spec = (team: string) => ({
      source: { type: "s3", s3: { bucket: "function-sources", key: `${team}/thief.tar.gz` } },
      runtime: { language: "python", version: "3.11", handler: "main.handler" },
    });

    /** What a one-build token gets from this machine: no pod of the build's. */
    const replayHere = async (path: string): Promise<number> =>
      (
        await fetch(`http://127.0.0.1:${builder.ports.context}${path}`, {
          headers: { authorization: `Bearer ${token}` },
        })
      ).status;

    /** What it gets from a pod of another's. */
    async function replayFromPod(name: string): Promise<string> {
      const ask = [
        "import sys, urllib.request, urllib.error",
        "for path in ('/context', '/credentials'):",
        "    request = urllib.request.Request(sys.argv[1] + path, headers={'Authorization': 'Bearer ' + sys.argv[2]})",
        "    try: print(path, urllib.request.urlopen(request, timeout=60).status)",
        "    except urllib.error.HTTPError as error: print(path, error.code)",
      ].join("\n");
      const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "team-b" },
        spec: {
          restartPolicy: "Never",
          nodeSelector: { type: "real" },
          containers: [
            {
              name: "replay",
              image: `${REGISTRY}/python:3.11-slim`,
              command: ["python3", "-c", ask, `http://${MACHINE}:${builder.ports.context}`, token],
            },
          ],
        },
      };
      await kubectl(["apply", "--server-side", "--filename", "-"], JSON.stringify(pod));
      await kubectl([
        ...["wait", "pod", name, "--namespace", "team-b"],
        "--for=jsonpath={.status.phase}=Succeeded",
        "--timeout=300s",
      ]);
      return kubectl(["logs", name, "--namespace", "team-b"]);
    }

    before(async () => {
      await s3.send(new CreateBucketCommand({ Bucket: "function-sources" })).catch(() => undefined);
      for (const team of TEAMS) {
        await kubectl(["create", "namespace", team]);
        await kubectl([
          ...["create", "secret", "docker-registry", REGISTRY_SECRET, "--namespace", team],
          ...[
            `--docker-server=${REGISTRY}`,
            `--docker-username=${team}`,
            `--docker-password=SECRET-OF-${team}`,
          ],
        ]);
        await kubectl([
          ...["create", "secret", "generic", "other", "--namespace", team],
          `--from-literal=password=SECRET-OF-${team}-alone`,
        ]);
      }
      objects = await LocalObjects.of(`functions.namespaces=[${[BUILD_NAMESPACE, ...TEAMS].join(",")}]`);
      await objects.apply();
      builder = await BuilderProcess.start("builder-tenants", objects.environment, MACHINE);
      const copy = join(folder, "thief");
      cpSync(THIEF, copy, { recursive: true });
      writeFileSync(join(copy, "builder.txt"), `http://${MACHINE}:${builder.ports.context}\n`);
      await new Promise<void>((listening) => gate.listen(0, "0.0.0.0", listening));
      writeFileSync(join(copy, "gate.txt"), `http://${MACHINE}:${(gate.address() as AddressInfo).port}\n`);
      // Of this run alone, as the registry keeps the images of earlier ones.
      writeFileSync(join(copy, "run.txt"), basename(folder));
      execFileSync("tar", ["-C", copy, "-czf", `${copy}.tgz`, "."]);
      for (const team of TEAMS)
        await s3.send(
          new PutObjectCommand({
            Bucket: "function-sources",
            Key: `${team}/thief.tar.gz`,
            Body: readFileSync(`${copy}.tgz`),
          }),
        );
    });

    // The first of the tests needs the build to run, whatever becomes of it.
    afterEach(() => {
      release();
    });
    after(async () => {
      gate.close();
      await a.removeAll();
      await b.removeAll();
      await builder.stop();
      for (const team of TEAMS) await endPods(team);
      await objects.remove();
      await kubectl(["delete", "namespace", ...TEAMS, "--timeout=300s"]);
      rmSync(folder, { recursive: true, force: true });
    });

    it("has a token that nobody else gets anything for while it runs", async () => {
      await a.apply("thief", spec("team-a"));
      const job = await eventually(
        "the build's own code running",
        async () => {
          const [name = ""] = await a.jobsOf("thief");
          const started = await kubectl([
            ...["get", "pods", "--namespace", BUILD_NAMESPACE, `--selector=job-name=${name}`],
            "--output=jsonpath={.items[*].status.containerStatuses[0].state.running.startedAt}",
          ]);
          return started === "" ? "" : name;
        },
        (name) => name !== "",
        300,
      );
      token = await kubectl([
        ...["get", "job", job, "--namespace", BUILD_NAMESPACE],
        '--output=jsonpath={.spec.template.spec.initContainers[0].env[?(@.name=="BUILD_TOKEN")].value}',
      ]);
      assert.match(token, /^WyJidWlsZC[\w-]+\.[\w-]{43}$/);
      for (const path of ["/context", "/credentials"]) assert.equal(await replayHere(path), 503, path);
      assert.equal(await replayFromPod("replay-during"), "/context 503\n/credentials 503\n");
    });

    it("finds its own team's registry login and nothing else in its pod, whatever it reads", async () => {
      await a.ready("thief");
      report = (await a.send("thief", {})).answer as unknown as Report;
      assert.ok(report.read > 5000, `only ${report.read} files were looked at`);
      assert.deepEqual(report.logins, [`${REGISTRY} team-a:SECRET-OF-team-a`]);
      assert.deepEqual(
        report.finds.filter((find) => !/ in \/kaniko\/\.docker\/config\.json: SECRET-OF-team-a$/.test(find)),
        [],
      );
      assert.deepEqual(report.identity, []);
      assert.deepEqual(
        report.environment.filter((name) => /TOKEN|SECRET|PASSWORD|AWS|CREDENTIAL|KUBECONFIG/.test(name)),
        [],
      );
    });

    it("is told that it is nobody where it asks the builder without a token, or with one that it made", () => {
      assert.deepEqual(report.answers, {
        "context without a token": 401,
        "credentials without a token": 401,
        "credentials for a forged token": 401,
      });
    });

    it("gets nothing for its token any more after its end, from anywhere", async () => {
      for (const path of ["/context", "/credentials"]) assert.equal(await replayHere(path), 403, path);
      assert.equal(await replayFromPod("replay-after"), "/context 403\n/credentials 403\n");
    });

    it("has the image rolled out that the registry has under its tag, not one that it names", async () => {
      const { status } = await a.read("thief");
      const uri = status?.buildStatus?.imageURI ?? "";
      const digest = status?.buildStatus?.digest ?? "";
      assert.match(digest, /^sha256:(?!0{64})[0-9a-f]{64}$/);
      assert.equal(uri, `${REGISTRY}/functions/team-a@${digest}`);
      const manifest = await fetch(`http://${REGISTRY}/v2/functions/team-a/manifests/${digest}`, {
        headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
      });
      assert.equal(manifest.status, 200);
    });

    it("leaves nothing that another team's build of the same source takes: no image, no layer", async () => {
      await b.apply("thief", spec("team-b"));
      const { status } = await b.ready("thief");
      assert.equal(status?.buildStatus?.strategy, "kaniko");
      assert.equal(status.buildStatus.cacheHits, 0);
      assert.match(status.buildStatus.imageURI ?? "", /\/functions\/team-b@/);
      const other = (await b.send("thief", {})).answer as unknown as Report;
      assert.deepEqual(other.logins, [`${REGISTRY} team-b:SECRET-OF-team-b`]);
    });
  },
);
