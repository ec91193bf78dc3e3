import assert from "node:assert/strict";
import { resolve } from "node:path";
import { evaluate } from "../../preview/evaluate";
import { readStackFile } from "../../preview/stackFile";

const FOLDER = resolve(__dirname, "..", "..");

/** What is made in AWS of a stack's budget: type and limit. */
async function budgetsOf(...sets: string[]): Promise<unknown[]> {
  const { registrations } = await evaluate(readStackFile(FOLDER, "dev", sets));
  return registrations
    .filter(({ type }) => /budget|costexplorer/i.test(type))
    .map(({ type, inputs }) => [type, inputs["limitAmount"]]);
}

describe("a stack's budget", () => {
  it("is a figure for the check of costs alone where nobody is to be told", async () => {
    assert.deepEqual(await budgetsOf(), []);
  });

  it("is AWS's too where somebody is", async () => {
    assert.deepEqual(await budgetsOf("budget.emails=[platform@example.com]", "budget.monthlyUsd=510"), [
      ["knative-lambda:aws:Budget", undefined],
      ["aws:budgets/budget:Budget", "510"],
    ]);
  });
});
