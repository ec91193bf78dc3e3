import { allow } from "./policyDocument";

/**
 * Logging in to ECR. AWS lets no one narrow this action to a resource: the token stands for the whole registry, and what its holder may do
 * with a repository is decided by the other statements of the role that asked for it.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
 */
export const logIn = () => allow("LogInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]);

export const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] as const;

export const PUSH = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:InitiateLayerUpload",
  "ecr:UploadLayerPart",
  "ecr:CompleteLayerUpload",
  "ecr:PutImage",
] as const;

/** Makes ECR fetch an image that is not in the pull-through cache yet. */
export const IMPORT = "ecr:BatchImportUpstreamImage";

/** ECR makes a repository on its first push or import only for someone who may make it: the template decides how, this decides who. */
export const CREATE = "ecr:CreateRepository";
