import assert from "node:assert/strict";
import { address, cluster, describeWith, programs } from "../support/requirements";
import { faults } from "./faults";
import * as lab from "./support/lab";
import { Platform, S3 } from "./support/platform";
import { writeReport } from "./support/report";
import { tryFault } from "./support/run";

/** Builds at once. */
const LIMIT = 20;

describeWith([programs("kubectl"), cluster(), address(S3), lab.lab()], "faults, with three builders", () => {
  let platform: Platform | undefined;
  before(async () => {
    platform = await Platform.start(LIMIT);
  });
  after(async () => {
    writeReport();
    await platform?.stop();
  });
  afterEach(async () => {
    // What a test that failed has left.
    await platform?.clear();
  });
  for (const fault of faults)
    it(`recovers from ${fault.name}`, async () => {
      assert.ok(platform);
      await tryFault(platform, fault);
    });
});
