import assert from "node:assert/strict";
import type { PolicyDocument, Statement } from "../../components/iam";

/** A policy as it is registered, read back. */
export const parsed = (policy: unknown): PolicyDocument => JSON.parse(String(policy)) as PolicyDocument;

/** Fails on a right that is wider than it need be: every action by its full name, every resource by ARN but for the one action that AWS lets nobody narrow. */
export function assertNarrow({ Version, Statement: statements }: PolicyDocument): void {
  assert.equal(Version, "2012-10-17");
  assert.ok(statements.length > 0);
  assert.equal(
    new Set(statements.map(({ Sid }) => Sid)).size,
    statements.length,
    "two statements have one Sid",
  );
  for (const statement of statements) {
    assert.match(statement.Sid, /^[A-Za-z0-9]+$/);
    assert.equal(statement.Effect, "Allow");
    for (const action of statement.Action) assert.match(action, /^(s3|ecr|sts):[A-Za-z]+$/);
    for (const resource of statement.Resource ?? []) {
      if (resource === "*") assert.deepEqual(statement.Action, ["ecr:GetAuthorizationToken"], statement.Sid);
      else assert.match(resource, /^arn:aws:(s3:::|ecr:us-west-2:\d{12}:|iam::\d{12}:)[a-z]/);
    }
  }
}

/** The actions that a policy allows on a resource, sorted. `*` in a statement stands for the rest of the ARN. */
export function actionsOn(policy: PolicyDocument, arn: string): string[] {
  const covers = ({ Resource = [] }: Statement): boolean =>
    Resource.some((resource) =>
      resource.endsWith("*") ? arn.startsWith(resource.slice(0, -1)) : resource === arn,
    );
  return policy.Statement.filter((statement) => covers(statement) && !statement.Resource?.includes("*"))
    .flatMap(({ Action }) => Action)
    .sort();
}
