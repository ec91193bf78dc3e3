import assert from "node:assert/strict";
import { LABELS } from "../../contract/labels";
import { BUILD_NAMESPACE } from "../../contract/names";
import { address, cluster, describeWith, programs } from "../support/requirements";
import type { JobObject } from "./support/checker";
import { Platform, S3 } from "./support/platform";
import { figure } from "./support/report";
import { functionsOf } from "./support/run";

/** Builds at once. */
const LIMIT = 10;
const OTHER = "team-of-few";
const [MANY, FEW] = [90, 10];
/** Of all builds, those among which the few are to be. */
const AMONG = 40;

describeWith(
  [programs("kubectl"), cluster(), address(S3)],
  "a namespace of few builds beside one of many",
  () => {
    let platform: Platform | undefined;
    before(async () => {
      platform = await Platform.start(LIMIT, [OTHER]);
    });
    after(async () => {
      await platform?.stop();
    });

    it(`has its ${FEW} admitted among the first ${AMONG}, asked for at once with ${MANY} of another`, async () => {
      assert.ok(platform);
      // Each its own source: what is the same is built once.
      const distinct = (count: number, prefix: string, namespace: string) =>
        functionsOf(count, 1, prefix, namespace).map((one) => ({
          ...one,
          code: `${one.code}# ${one.name} of ${namespace}\n`,
        }));
      const few = distinct(FEW, "few", OTHER);
      const many = distinct(MANY, "many", BUILD_NAMESPACE);
      await Promise.all([platform.apply(many), platform.apply(few)]);
      await platform.settled(240);

      const admitted: JobObject[] = [];
      for (const { object } of platform.jobs.moments)
        if (
          object.spec.suspend === false &&
          !admitted.some(({ metadata }) => metadata.name === object.metadata.name)
        )
          admitted.push(object);
      assert.equal(admitted.length, MANY + FEW);
      const places = admitted.flatMap(({ metadata }, index) =>
        metadata.labels?.[LABELS.functionNamespace] === OTHER ? [index + 1] : [],
      );
      assert.equal(places.length, FEW);
      figure(
        `place of the last of ${FEW} builds, asked for at once with ${MANY} of another namespace, quota ${LIMIT}`,
        Math.max(...places),
      );
      assert.ok(Math.max(...places) <= AMONG, `admitted as ${places.join(", ")}`);
      await platform.clear();
    });
  },
);
