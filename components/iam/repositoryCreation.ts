import type { RepositoryArns } from "./arns";
import { allow, type PolicyDocument, policyDocument } from "./policyDocument";
import { CREATE } from "./registryActions";

/**
 * What ECR may do with the role of the repository creation templates: make and tag repositories below the stack's prefixes.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html
 * (without the rights for replication and KMS keys that its example has: no template here uses either)
 */
export const repositoryCreationPolicy = (
  images: Pick<RepositoryArns, "cache" | "functions" | "pullThrough">,
): PolicyDocument =>
  policyDocument(
    allow(
      "MakeRepositories",
      [CREATE, "ecr:TagResource"],
      [...images.cache, ...images.functions, ...images.pullThrough],
    ),
  );
