import { isAllow, listOf, named, type Statement, statements } from "../kit/documents";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

interface Props {
  policy: string | object;
  inlinePolicies: { policy?: string | object }[];
}

interface Config {
  anyResource: string[];
}

/** An ARN that stands for all there is of a service, or of one kind of its resources: `arn:aws:s3:::*`, `…:repository/*`. */
const WHOLE_SERVICE = /^arn:[^:]*:(?:s3:[^:]*:[^:]*:\*|(?!s3:)[^:]*:[^:]*:[^:]*:(?:[a-z-]+[/:])?\*)/;

/** What is too wide in a statement that allows. */
function tooWide(statement: Statement, { anyResource }: Config): string[] {
  const actions = listOf(statement.Action);
  const narrowable = actions.filter((action) => !anyResource.includes(action));
  return [
    ...(statement.NotAction === undefined
      ? []
      : ["allows all but some actions (NotAction); list what it needs"]),
    ...(statement.NotResource === undefined
      ? []
      : ["allows on all but some resources (NotResource); list what it needs"]),
    ...actions
      .filter((action) => action.includes("*"))
      .map((action) => `allows ${action}; list the actions that it needs`),
    ...listOf(statement.Resource)
      .filter((resource) => WHOLE_SERVICE.test(resource))
      .map((resource) => `allows on ${resource}; name the resources that it needs`),
    ...(listOf(statement.Resource).includes("*") && narrowable.length > 0
      ? [`allows ${narrowable.join(", ")} on every resource ("*"); name the resources by ARN`]
      : []),
  ];
}

export const iamNoWildcards = resourcePolicy<Props, Config>(
  {
    name: "iam-no-wildcards",
    severity: "critical",
    description: "IAM policies list actions by their full names and resources by ARN.",
    remediation:
      "List the actions and the ARNs that the role needs (components/iam). Names that are known at preview keep the document readable.",
    blind: "Policies that are made elsewhere and only attached; a document that is made of unknown values.",
    config: {
      anyResource: {
        description: "Actions that AWS lets nobody narrow to a resource.",
        default: ["ecr:GetAuthorizationToken"],
      },
    },
  },
  [TYPES.iamPolicy, TYPES.rolePolicy, TYPES.role],
  ({ type, props }, config) => {
    const documents =
      type === TYPES.role ? (props.inlinePolicies ?? []).map(({ policy }) => policy) : [props.policy];
    return documents.flatMap((document) => {
      const list = statements(document);
      if (list === undefined) return ["policy is not a JSON document; write one."];
      return list
        .map((statement, index) => ({ statement, name: named(statement, index) }))
        .filter(({ statement }) => isAllow(statement))
        .flatMap(({ statement, name }) =>
          tooWide(statement, config).map((what) => `policy: ${name} ${what}.`),
        );
    });
  },
);
