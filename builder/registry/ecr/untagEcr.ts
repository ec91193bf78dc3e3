import {
  BatchDeleteImageCommand,
  type ECRClient,
  type ECRServiceException as ServiceException,
} from "@aws-sdk/client-ecr";
import { InfrastructureError } from "../../types";

const TIMEOUT_MS = 10_000;

/**
 * Takes a tag off an image of ECR, whose distribution API can't. Where it was the last tag the image goes with it, as lifecycle rules would have it.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
 */
export async function untagEcr(
  ecr: Pick<ECRClient, "send">,
  { account, repository, tag }: { account: string; repository: string; tag: string },
  signal?: AbortSignal,
): Promise<"removed" | "absent"> {
  const command = new BatchDeleteImageCommand({
    registryId: account,
    repositoryName: repository,
    imageIds: [{ imageTag: tag }],
  });
  const timeout = { requestTimeout: TIMEOUT_MS, ...(signal === undefined ? {} : { abortSignal: signal }) };
  const { failures = [] } = await ecr.send(command, timeout).catch((cause: unknown) => {
    if (signal?.aborted) throw signal.reason;
    const { name, message, $fault, $retryable } = cause as Error & Partial<ServiceException>;
    if (name === "RepositoryNotFoundException") return { failures: [{ failureCode: "ImageNotFound" }] };
    // What is no fault of the request's may go well another time.
    const refused = $fault === "client" && $retryable === undefined && !/Throttl|TooManyRequests/.test(name);
    throw new InfrastructureError(
      refused ? "RegistryRefused" : "RegistryUnreachable",
      `ECR kept tag ${tag}: ${message}`,
      { cause },
    );
  });
  const [failure] = failures;
  if (!failure) return "removed";
  if (failure.failureCode === "ImageNotFound") return "absent";
  throw new InfrastructureError("RegistryRefused", `ECR kept tag ${tag}: ${failure.failureCode ?? ""}`);
}
