import assert from "node:assert/strict";
import { expireByAge, keepLiveImages, keepReleases } from "../../../components/ecr/lifecycle";

interface Rule {
  rulePriority: number;
  selection: Record<string, unknown> & { tagStatus: string };
  action: { type: string };
}
const rulesOf = (policy: string) => (JSON.parse(policy) as { rules: Rule[] }).rules;

describe("lifecycle policies", () => {
  it("expire cached layers and base images by age", () => {
    assert.deepEqual(rulesOf(expireByAge(4)), [
      {
        rulePriority: 1,
        description: "expire after 4 days",
        selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 4 },
        action: { type: "expire" },
      },
    ]);
  });

  it("put live function images out of reach by a first rule that can never act", () => {
    const [live, others, ...more] = rulesOf(keepLiveImages(90));
    assert.deepEqual(more, []);
    assert.deepEqual(live?.selection["tagPatternList"], ["live-*"]);
    assert.equal(live.selection["countType"], "imageCountMoreThan");
    // ECR's quota, which AWS may raise, is 100,000 images a repository.
    assert.ok(Number(live.selection["countNumber"]) >= 100 * 100_000);
    assert.deepEqual(others?.selection, {
      tagStatus: "any",
      countType: "sinceImagePushed",
      countUnit: "days",
      countNumber: 90,
    });
    assert.ok(live.rulePriority < others.rulePriority);
  });

  it("never take a release of the builder, whatever its age and however many follow", () => {
    const rules = rulesOf(keepReleases());
    assert.deepEqual(
      rules.map(({ selection }) => [
        selection.tagStatus,
        selection["tagPatternList"],
        selection["countNumber"],
      ]),
      [
        ["untagged", undefined, 14],
        ["tagged", ["dev-*"], 50],
      ],
    );
    assert.deepEqual(
      rules.filter(({ selection }) => selection.tagStatus === "any"),
      [],
    );
  });

  it("are what ECR takes: unique priorities, `any` last, no unit beside a number of images", () => {
    for (const policy of [expireByAge(1), keepLiveImages(1), keepReleases()]) {
      const rules = rulesOf(policy);
      assert.deepEqual(
        rules.map(({ rulePriority }) => rulePriority),
        rules.map((_, index) => index + 1),
      );
      for (const [index, { selection }] of rules.entries()) {
        if (selection.tagStatus === "any") assert.equal(index, rules.length - 1);
        assert.equal("countUnit" in selection, selection["countType"] === "sinceImagePushed");
      }
    }
  });
});
