import assert from "node:assert/strict";
import { CONTEXT_CONTAINER } from "../../../builder/build/buildJob";
import { standingOf } from "../../../builder/context/standing";
import type { Job, Pod } from "../../../builder/kubernetes/resources";
import { buildPod, claims, IP, job } from "./support/build";

const standing = (of: Job | undefined, pods: Pod[], address: string | undefined = IP, token = claims) =>
  standingOf(token, { job: of, pods }, address);

describe("a token whose signature is right", () => {
  it("holds for the pod of its build while that waits for its context", () => {
    assert.equal(standing(job(), [buildPod()]), "live");
    assert.equal(standing(job(), [buildPod({ podIP: "", podIPs: [{ ip: "fd00::1" }, { ip: IP }] })]), "live");
    assert.equal(standing(job(), [buildPod()], `::ffff:${IP}`), "live");
  });

  it("is not to be told yet of a build that this replica has not seen", () => {
    assert.equal(standing(undefined, []), "unseen");
    assert.equal(standing(job(), []), "unseen");
    assert.equal(standing(job(), [buildPod({ podIP: "" })]), "unseen");
  });

  it("does not hold for another pod, neither of another build nor of none", () => {
    assert.equal(standing(job(), [buildPod()], "10.0.0.99"), "unseen");
    assert.equal(standingOf(claims, { job: job(), pods: [buildPod()] }, undefined), "unseen");
    assert.equal(standing(job(), [buildPod()], ""), "unseen");
    const other = buildPod();
    other.metadata.ownerReferences = [
      { apiVersion: "batch/v1", kind: "Job", name: claims.job, uid: "of-an-earlier-job" },
    ];
    assert.equal(standing(job(), [other]), "unseen");
    const none = buildPod();
    delete none.metadata.ownerReferences;
    assert.equal(standing(job(), [none]), "unseen");
  });

  it("does not hold for whoever has the address of a pod that has ended", () => {
    for (const phase of ["Succeeded", "Failed"])
      assert.equal(standing(job(), [buildPod({ phase })]), "unseen", phase);
  });

  it("is dead once the init container has ended, before anything of the user's runs", () => {
    const terminated = { exitCode: 0 };
    const pod = buildPod({
      initContainerStatuses: [{ name: CONTEXT_CONTAINER, state: { terminated } }] as never,
    });
    assert.equal(standing(job(), [pod]), "ended");
    const running = buildPod({
      initContainerStatuses: [{ name: CONTEXT_CONTAINER, state: { running: {} } }] as never,
    });
    assert.equal(standing(job(), [running]), "live");
  });

  it("is dead once the Job has ended or is being deleted", () => {
    for (const type of ["Complete", "Failed", "FailureTarget", "SuccessCriteriaMet"]) {
      const conditions = [{ type, status: "True" }] as never;
      assert.equal(standing(job({ conditions }), [buildPod()]), "ended", type);
    }
    const suspended = [
      { type: "Suspended", status: "True" },
      { type: "Failed", status: "False" },
    ] as never;
    assert.equal(standing(job({ conditions: suspended }), [buildPod()]), "live");
    assert.equal(standing(job({ completionTime: "2030-01-01T00:00:00Z" }), [buildPod()]), "ended");
    const deleted = job();
    deleted.metadata.deletionTimestamp = "2030-01-01T00:00:00Z";
    assert.equal(standing(deleted, [buildPod()]), "ended");
  });

  it("holds for no other namespace, context or Job than it names", () => {
    for (const other of [{ namespace: "team-b" }, { context: "d".repeat(64) }, { job: "build-g-0123456789" }])
      assert.equal(standing(job(), [buildPod()], IP, { ...claims, ...other }), "forged");
    const unrecorded = job();
    unrecorded.metadata.annotations = {};
    assert.equal(standing(unrecorded, [buildPod()]), "forged");
  });
});
