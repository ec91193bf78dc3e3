import assert from "node:assert/strict";
import { buildLabels } from "../../builder/build/buildRecord";
import { LABELS } from "../../contract/labels";
import { BUILD_NAMESPACE } from "../../contract/names";
import { Refused } from "../support/apiServer";
import { address, cluster, describeWith, programs } from "../support/requirements";
import { faults, longFault, none } from "./faults";
import { askedByBuilders, auditLog, endOfAuditLog, type Place } from "./support/auditLog";
import * as lab from "./support/lab";
import { hasSucceeded, imageOf } from "./support/checker";
import { Platform, S3 } from "./support/platform";
import { figure } from "./support/report";
import { refused, unused } from "./support/rights";
import { functionsOf, tryFault } from "./support/run";
import { until } from "./support/until";

/** Builds at once. */
const LIMIT = 20;
/** Another namespace with functions, beside the platform's own. */
const OTHER = "team-of-few";
/** Builds of the two at once, and the places among all that the few are to be within. */
const [QUOTA, MANY, FEW, AMONG] = [10, 90, 10, 40];
/** Requests to the API server for a build, of all three builders, that nothing should need more than. */
const MOST_REQUESTS = 60;

/** FAULTS=long tries the one of hours alone. */
const isLong = process.env["FAULTS"] === "long";

describeWith(
  [programs("kubectl"), cluster(), address(S3), lab.lab(), auditLog()],
  "faults, with three builders",
  () => {
    let platform: Platform | undefined;
    let began: Place;
    before(async () => {
      began = endOfAuditLog();
      platform = await Platform.start(LIMIT, [OTHER]);
    });
    after(async () => {
      await platform?.stop();
    });
    afterEach(async () => {
      // What a test that failed has left.
      await platform?.clear();
    });

    if (!isLong)
      it(`builds without a fault, and asks the API server at most ${MOST_REQUESTS} times for a build`, async () => {
        assert.ok(platform);
        const since = endOfAuditLog();
        const { jobs } = platform;
        const [before, gaps] = [jobs.moments.length, jobs.gaps];
        await tryFault(platform, none);
        const seen = jobs.moments.slice(before);
        const builds = seen.filter(({ type }) => type === "ADDED").length;
        const built = new Map(
          seen.flatMap(({ object }) =>
            hasSucceeded(object) ? [[object.metadata.name, imageOf(object)] as const] : [],
          ),
        );
        assert.equal(jobs.gaps, gaps);
        assert.equal(new Set(built.values()).size, built.size, "each image by one Job");
        // Leases are renewed, and watches begun anew, however much is built.
        const asked = askedByBuilders(since).filter(
          ({ verb, objectRef }) =>
            verb !== "watch" &&
            !(objectRef?.resource === "leases" && objectRef.name?.startsWith("builder-") === true),
        );
        assert.deepEqual(refused(asked), []);
        const each = asked.length / builds;
        figure("requests to the API server for a build, from a function's making to its deletion", each);
        assert.ok(each > 0 && each <= MOST_REQUESTS, `${each} requests for a build`);
      });

    for (const fault of isLong ? [longFault] : faults)
      it(`recovers from ${fault.name}`, async function () {
        this.timeout((fault.within + fault.functions + 300) * 1000);
        assert.ok(platform);
        await tryFault(platform, fault);
      });

    if (isLong) return;

    it(`has ${FEW} builds of one namespace among the first ${AMONG}, asked for at once with ${MANY} of another`, async () => {
      assert.ok(platform);
      await platform.quota(QUOTA);
      try {
        // Each its own source: what is the same is built once.
        const distinct = (count: number, prefix: string, namespace?: string) =>
          functionsOf(count, 1, prefix, namespace).map((one) => ({
            ...one,
            code: `${one.code}# ${one.name}\n`,
          }));
        const before = platform.jobs.moments.length;
        await Promise.all([
          platform.apply(distinct(MANY, "many")),
          platform.apply(distinct(FEW, "few", OTHER)),
        ]);
        await platform.settled(240);
        const admitted = new Map<string, string>();
        for (const { object } of platform.jobs.moments.slice(before)) {
          const { name, labels } = object.metadata;
          if (object.spec.suspend === false && !admitted.has(name))
            admitted.set(name, labels?.[LABELS.functionNamespace] ?? "");
        }
        assert.equal(admitted.size, MANY + FEW);
        const places = [...admitted.values()].flatMap((namespace, index) =>
          namespace === OTHER ? [index + 1] : [],
        );
        assert.equal(places.length, FEW);
        const last = Math.max(...places);
        figure(
          `place of the last of ${FEW} builds, asked for at once with ${MANY} of another namespace, ${QUOTA} at once`,
          last,
        );
        assert.ok(last <= AMONG, `admitted as ${places.join(", ")}`);
        await platform.clear();
      } finally {
        await platform.quota(LIMIT);
      }
    });

    it("has used each of its rights by now, and was refused none", async () => {
      assert.ok(platform);
      await platform.sendEvent("create", "by-event");
      await platform.settled(60);
      // What a builder leaves that is ended between an image's lock and its Job. Whether one is, in the tests before, is chance.
      const lock = `/apis/coordination.k8s.io/v1/namespaces/${BUILD_NAMESPACE}/leases/build-left-over`;
      await platform.api.apply(lock, {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: {
          name: "build-left-over",
          namespace: BUILD_NAMESPACE,
          labels: buildLabels({ namespace: BUILD_NAMESPACE, name: "by-event" }),
        },
        spec: { holderIdentity: "build-by-event" },
      });
      await platform.sendEvent("delete", "by-event");
      await platform.clear();
      await assert.rejects(platform.api.get(lock), (error) => error instanceof Refused && error.code === 404);
      // One that ends in order says so to the others.
      const [builder] = platform.builders;
      builder?.signal("SIGTERM");
      assert.ok(await until(() => builder?.isRunning === false, 60), "the builder does not end");
      builder?.launch();
      await builder?.ready();
      const asked = askedByBuilders(began);
      assert.deepEqual(refused(asked), []);
      assert.deepEqual(unused(asked), [], "by all tests of this suite together");
    });
  },
);
