import assert from "node:assert/strict";
import { Budget, type BudgetArgs } from "../../components/budget";
import { tags } from "../../contract/labels";
import { record } from "../support/record";
import { settingsOf } from "../support/settings";

const args: BudgetArgs = {
  monthlyUsd: 500,
  emails: ["platform@example.com"],
  estimatedUsd: 411.11,
  stack: "test",
  clusterName: "knative-lambda-test",
  tags: tags("test"),
};
const recorded = (changes: Partial<BudgetArgs> = {}) =>
  record(() => new Budget("budget", { ...args, ...changes }));
const BUDGET = "aws:budgets/budget:Budget";
const TAG = "aws:costexplorer/costAllocationTag:CostAllocationTag";

describe("Budget", () => {
  it("makes exactly a monthly budget of cost", async () => {
    const all = await recorded();
    assert.deepEqual(all.list().split("\n"), [
      `${BUDGET} budget-monthly`,
      "knative-lambda:aws:Budget budget",
    ]);
    const { inputs } = all.one(BUDGET);
    assert.deepEqual(
      ["name", "budgetType", "timeUnit", "limitAmount", "limitUnit"].map((key) => inputs[key]),
      ["knative-lambda-test", "COST", "MONTHLY", "500", "USD"],
    );
  });

  it("counts what the stack makes, and what EKS makes for its cluster, which bears no tag of the stack", async () => {
    const { inputs } = (await recorded()).one(BUDGET);
    assert.deepEqual(inputs["filterExpression"], {
      ors: [
        { tags: { key: "Environment", values: ["test"] } },
        { tags: { key: "eks:eks-cluster-name", values: ["knative-lambda-test"] } },
      ],
    });
    // AWS refuses the older kind of filter beside it.
    assert.equal("costFilters" in inputs, false);
    assert.equal(tags("test").Environment, "test");
  });

  it("tells everybody at 80 % spent, at 100 % foreseen, and a fifth above the preview's estimate", async () => {
    const notifications = (await recorded()).one(BUDGET).inputs["notifications"] as Record<string, unknown>[];
    assert.deepEqual(
      notifications.map(({ notificationType, thresholdType, threshold }) => [
        notificationType,
        thresholdType,
        threshold,
      ]),
      [
        ["ACTUAL", "PERCENTAGE", 80],
        ["FORECASTED", "PERCENTAGE", 100],
        ["ACTUAL", "ABSOLUTE_VALUE", 493.33],
      ],
    );
    for (const { comparisonOperator, subscriberEmailAddresses } of notifications) {
      assert.equal(comparisonOperator, "GREATER_THAN");
      assert.deepEqual(subscriberEmailAddresses, ["platform@example.com"]);
    }
  });

  it("activates the tags only where it is told to, before the budget that counts by them", async () => {
    assert.equal(settingsOf().budget.activateCostAllocationTag, false);
    const all = await recorded({ activateCostAllocationTag: true });
    assert.deepEqual(
      all.all(TAG).map(({ inputs }) => inputs),
      ["Environment", "eks:eks-cluster-name"].map((tagKey) => ({ tagKey, status: "Active" })),
    );
    for (const { urn } of all.all(TAG)) assert.ok(all.one(BUDGET).dependencies.includes(urn));
  });

  it("refuses to tell nobody", async () => {
    await assert.rejects(recorded({ emails: [] }), /tells nobody.*name budget\.emails/);
  });
});
