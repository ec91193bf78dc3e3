import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../contract/labels";

export interface BudgetArgs {
  /** Monthly budget in US dollars. */
  monthlyUsd: number;
  /** Who is told; at least one. */
  emails: string[];
  /** What the preview estimates for a month, in US dollars: a bill well above it means that the estimate, or the load, is off. */
  estimatedUsd: number;
  /** Name of the stack: the value of the tag `Environment`. */
  stack: string;
  /** The stack's cluster, by whose tag EKS marks what it makes itself. */
  clusterName: string;
  /**
   * Make both tags visible to AWS's billing, without which a budget by tag counts nothing. For one stack of the account that pays; AWS
   * refuses a tag that it hasn't seen on a resource for up to 24 hours, so not on the first `pulumi up`.
   * @default false
   */
  activateCostAllocationTag?: boolean;
  tags: Tags;
}

/** Tag of everything that this program makes. */
const STACK_TAG = "Environment";
/**
 * Tag of everything that EKS Auto Mode makes for a cluster: nodes, their disks, volumes, load balancers. They are most of the bill and bear
 * none of the stack's tags: the roles that Auto Mode works with may set no others, and its own node pools take none.
 * https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html#tag-prop
 */
const CLUSTER_TAG = "eks:eks-cluster-name";

/** How far the bill may pass the estimate, as a factor. */
const TOLERANCE = 1.2;

/** Tells of a bill that nears the budget, and of one that the preview's estimate didn't foresee. */
export class Budget extends pulumi.ComponentResource {
  readonly budgetName: string;

  constructor(name: string, args: BudgetArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:aws:Budget", name, {}, opts);
    const { monthlyUsd, emails, estimatedUsd, stack, clusterName, tags } = args;
    if (emails.length === 0)
      throw new pulumi.ResourceError("a budget that tells nobody is none; name budget.emails", this);
    this.budgetName = `knative-lambda-${stack}`;

    const active = [
      { suffix: "stack-tag", tagKey: STACK_TAG },
      { suffix: "cluster-tag", tagKey: CLUSTER_TAG },
    ]
      .filter(() => args.activateCostAllocationTag === true)
      .map(
        ({ suffix, tagKey }) =>
          new aws.costexplorer.CostAllocationTag(
            `${name}-${suffix}`,
            { tagKey, status: "Active" },
            { parent: this },
          ),
      );

    const tell = (notificationType: "ACTUAL" | "FORECASTED", thresholdType: string, threshold: number) => ({
      comparisonOperator: "GREATER_THAN",
      notificationType,
      thresholdType,
      threshold,
      subscriberEmailAddresses: emails,
    });
    new aws.budgets.Budget(
      `${name}-monthly`,
      {
        name: this.budgetName,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        limitAmount: String(monthlyUsd),
        limitUnit: "USD",
        metrics: "UnblendedCost",
        filterExpression: {
          ors: [
            { tags: { key: STACK_TAG, values: [stack] } },
            { tags: { key: CLUSTER_TAG, values: [clusterName] } },
          ],
        },
        notifications: [
          tell("ACTUAL", "PERCENTAGE", 80),
          tell("FORECASTED", "PERCENTAGE", 100),
          tell("ACTUAL", "ABSOLUTE_VALUE", Math.round(estimatedUsd * TOLERANCE * 100) / 100),
        ],
        tags: { ...tags, Name: this.budgetName },
      },
      { parent: this, dependsOn: active },
    );

    this.registerOutputs({ budgetName: this.budgetName });
  }
}
