import assert from "node:assert/strict";
import { policies } from "../../policy/policies";
import { cases } from "./cases";
import type { Case } from "./support/case";
import { allUnknown, edited, unknownAt } from "./support/edit";
import { judge, type Subject } from "./support/judge";
import { eksCluster, KEY_KNOWN, madeByEks } from "./support/eksCluster";
import { program } from "./support/program";

const byName = (name: string) => {
  const policy = policies.find((candidate) => candidate.name === name);
  if (policy === undefined) throw new Error(`there is no policy ${name}`);
  return policy;
};

const title = ({ policy, when }: Case): string => (when === undefined ? policy : `${policy}: ${when}`);

describe("the policies", () => {
  let real: Subject[];
  let known: Subject[];
  before(async () => {
    real = await program();
    known = edited(real, {
      resource: "cluster-eks",
      at: "encryptionConfigKeyArn",
      to: KEY_KNOWN.encryptionConfigKeyArn,
    });
  });
  const subjectsOf = ({ beside = [] }: Case): Subject[] => [...known, ...beside];

  for (const policy of policies) {
    it(`${policy.name} finds nothing wrong with the real program, and has a fault to find`, () => {
      assert.deepEqual(judge(policy, known), { violations: [], unknown: [] });
      assert.ok(cases.some((fault) => fault.policy === policy.name));
    });

    it(`${policy.name} reads something of the real program`, () => {
      assert.ok(real.some(({ type }) => policy.types.includes(type)));
    });
  }

  for (const fault of cases) {
    const { policy, edit, says, config } = fault;

    it(`${title(fault)}: says what is wrong, once`, () => {
      const before = judge(
        byName(policy),
        subjectsOf(fault),
        policy === "acceleration-where-named" ? {} : config,
      );
      assert.deepEqual(before, { violations: [], unknown: [] });
      const { violations, unknown } = judge(byName(policy), edited(subjectsOf(fault), edit), config);
      assert.deepEqual(unknown, []);
      assert.equal(violations.length, 1, JSON.stringify(violations));
      assert.match(violations[0]?.message ?? "", says);
    });

    it(`${title(fault)}: is never silent while everything is unknown`, () => {
      const faulty = allUnknown(edited(subjectsOf(fault), edit));
      const { violations, unknown } = judge(byName(policy), faulty, config);
      assert.ok(violations.length + unknown.length > 0);
    });

    if (edit.at !== undefined)
      it(`${title(fault)}: can't tell while that property alone is unknown`, () => {
        const { violations, unknown } = judge(byName(policy), unknownAt(subjectsOf(fault), edit), config);
        assert.deepEqual(violations, []);
        assert.equal(unknown.length, 1);
      });
  }

  it("find nothing wrong with what pulumi-eks makes below the cluster", () => {
    for (const policy of policies)
      assert.deepEqual(
        judge(policy, [...known, eksCluster, ...madeByEks]),
        { violations: [], unknown: [] },
        policy.name,
      );
  });

  it("say nothing of a cluster whose component is registered without inputs: what it is made of is judged", () => {
    const untold = edited([...known, eksCluster, ...madeByEks], { resource: "cluster-eks", at: [], to: {} });
    for (const policy of policies)
      assert.deepEqual(judge(policy, untold), { violations: [], unknown: [] }, policy.name);
  });

  it("ask no certificate of a load balancer that isn't AWS's: there is no way to name one", async () => {
    const subjects = await program("local", [
      "knative.loadBalancer=internet-facing",
      "knative.domain=functions.example.com",
    ]);
    assert.ok(subjects.some(({ name }) => name === "knative-load-balancer"));
    assert.deepEqual(judge(byName("load-balancer-tls"), subjects), { violations: [], unknown: [] });
  });

  it("go by what resources put out where they were not judged in this run, as in a refresh", () => {
    const policy = byName("autoscaler-owns-replicas");
    assert.ok("validateStack" in policy);
    const faulty = edited(known, { resource: "builder-deployment", at: "spec.replicas", to: 3 });
    // Other names than those that earlier tests have told the policy's inputs of.
    const elsewhere = faulty.map((subject) => ({
      ...subject,
      urn: subject.urn.replace(":prod::", ":other::"),
      madeFrom: subject.madeFrom.map((urn) => urn.replace(":prod::", ":other::")),
    }));
    const { violations } = judge({ ...policy, validateResource: undefined }, elsewhere, {}, "outputs");
    assert.equal(violations.length, 1);
  });

  /** A key's ARN is known when the key is made; all else that the policies read is known before. */
  const FIRST_PREVIEW: Record<string, string[]> = {
    dev: ["cluster-secrets-encrypted"],
    staging: ["cluster-secrets-encrypted"],
    prod: ["cluster-secrets-encrypted"],
    local: [],
  };

  for (const [stack, advisories] of Object.entries(FIRST_PREVIEW)) {
    it(`pass ${stack} as its file has it, with ${advisories.length} advisories before anything is made`, async () => {
      const subjects = await program(stack, []);
      const judged = policies.map((policy) => ({ name: policy.name, ...judge(policy, subjects) }));
      assert.deepEqual(
        judged.filter(({ violations }) => violations.length > 0),
        [],
      );
      assert.deepEqual(
        judged.filter(({ unknown }) => unknown.length > 0).map(({ name }) => name),
        advisories,
      );
    });
  }
});
