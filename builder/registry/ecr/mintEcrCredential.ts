import type { ECRClient } from "@aws-sdk/client-ecr";
import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import { InfrastructureError } from "../../types";
import { type MintCredential, type RegistryLayout, repositoriesOf } from "../buildCredential";
import { dockerConfig } from "../login";
import type { EcrRegistry } from "./ecrHost";
import { ecrLogin } from "./ecrLogin";
import { sessionPolicy } from "./sessionPolicy";

/** Keys of a session. */
export interface SessionKeys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

export interface MintEcrCredentialArgs {
  sts: Pick<STSClient, "send">;
  /** ECR as a session sees it. Called once for each credential. */
  ecrFor: (keys: SessionKeys) => Pick<ECRClient, "send" | "destroy">;
  /** Role that allows what any build may do. */
  roleArn: string;
  layout: RegistryLayout;
  ecr: EcrRegistry;
  /** Life of a session, in seconds: 900 to 3600. A role that was assumed by a role's session can't be had for longer. @default 3600 */
  seconds?: number;
}

const TIMEOUT_MS = 10_000;

/**
 * A registry credential for one build on AWS: a session of the role, narrowed by a policy to the repositories of the function's namespace, asks ECR for a
 * login. The session's own keys go nowhere.
 */
export const mintEcrCredential =
  ({ sts, ecrFor, roleArn, layout, ecr, seconds = 3600 }: MintEcrCredentialArgs): MintCredential =>
  async ({ namespace, jobName }, signal) => {
    const command = new AssumeRoleCommand({
      RoleArn: roleArn,
      // In CloudTrail beside each of the build's calls.
      RoleSessionName: jobName.slice(0, 64),
      DurationSeconds: seconds,
      Policy: sessionPolicy({ registry: ecr, ...repositoriesOf(layout, namespace) }),
    });
    const { Credentials } = await sts
      .send(command, { abortSignal: signal, requestTimeout: TIMEOUT_MS })
      .catch((cause: unknown) => {
        if (signal.aborted) throw signal.reason;
        throw new InfrastructureError(
          "RegistryLoginFailed",
          `the role of registry credentials could not be assumed: ${(cause as Error).message}`,
          { cause },
        );
      });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken)
      throw new InfrastructureError("RegistryLoginFailed", "STS answered without keys");
    const session = ecrFor({
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    });
    try {
      const login = await ecrLogin(session, signal);
      const ends = [login.expiresAt, ...(Expiration === undefined ? [] : [Expiration])];
      return {
        config: dockerConfig(layout.registry, login),
        expiresAt: new Date(Math.min(...ends.map((date) => date.getTime()))),
      };
    } finally {
      session.destroy();
    }
  };
