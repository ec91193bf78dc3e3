import { z } from "zod";

/** An Amazon Resource Name, taken apart. */
export interface Arn {
  partition: string;
  service: string;
  region: string;
  account: string;
  resource: string;
}

/** Reads an ARN, or answers undefined where the text is none. */
export function readArn(text: string): Arn | undefined {
  const [scheme, partition = "", service = "", region = "", account = "", ...rest] = text.split(":");
  const resource = rest.join(":");
  if (scheme !== "arn" || !/^aws(-[a-z]+)*$/.test(partition) || service === "" || resource === "")
    return undefined;
  if (account !== "" && !/^\d{12}$/.test(account)) return undefined;
  return { partition, service, region, account, resource };
}

const arn = (example: string, fits: (arn: Arn) => boolean) =>
  z.string({ error: `is not an ARN; write it as in ${example}` }).superRefine((value, context) => {
    const parsed = readArn(value);
    if (!parsed || !fits(parsed))
      context.addIssue({ code: "custom", message: `is not such an ARN; write it as in ${example}` });
  });

/** The ARN of an IAM role or user. The ARN of a session (`sts`, `assumed-role`) is refused: EKS access entries don't take one. */
export const principalArn = () =>
  arn(
    "arn:aws:iam::123456789012:role/platform",
    ({ service, account, resource }) =>
      service === "iam" && account !== "" && /^(role|user)\/.+/.test(resource),
  );

/** The ARN of an IAM role or user, or what STS answers for a session of a role: both name one principal. */
export const callerArn = () =>
  arn(
    "arn:aws:iam::123456789012:role/platform, or as `aws sts get-caller-identity` has it",
    ({ service, account, resource }) =>
      account !== "" &&
      (service === "iam" ? /^(role|user)\/.+/ : service === "sts" ? /^assumed-role\/.+/ : /^$/).test(
        resource,
      ),
  );

/** The ARN of a certificate in ACM. */
export const certificateArn = () =>
  arn(
    "arn:aws:acm:us-west-2:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
    ({ service, region, account, resource }) =>
      service === "acm" && region !== "" && account !== "" && resource.startsWith("certificate/"),
  );

/**
 * The IAM principal behind the ARN that STS answers for a caller: a session of a role is that role.
 * A path of the role is not part of a session's ARN, so only name and account can be compared.
 */
export function principalOf(callerArn: string): { account: string; kind: string; name: string } | undefined {
  const parsed = readArn(callerArn);
  if (!parsed) return undefined;
  const [kind = "", ...path] = parsed.resource.split("/");
  if (kind === "assumed-role") return { account: parsed.account, kind: "role", name: path[0] ?? "" };
  return { account: parsed.account, kind, name: path.at(-1) ?? "" };
}
