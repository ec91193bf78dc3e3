import { CONTEXT_PREFIX } from "../../contract/names";
import type { RepositoryArns } from "./arns";
import { allow, type PolicyDocument, policyDocument } from "./policyDocument";
import { CREATE, IMPORT, logIn, PULL } from "./registryActions";

export interface BuilderPolicyArgs {
  /** ARN of the bucket of sources and build contexts. */
  bucketArn: string;
  images: RepositoryArns;
  /** ARN of the role that a build's registry credential is minted from. */
  registryAccessRoleArn: string;
}

/**
 * What the builder may do: read sources, keep build contexts, find out which digest a base image's tag stands for, check, tag and untag function
 * images, see what the cache stores, and mint a build's registry credential.
 * It pushes no layer, and makes no repository but those that a first pull through the cache makes: one made by a call, not by a push or a pull,
 * would come without its template's lifecycle.
 */
export const builderPolicy = ({
  bucketArn,
  images,
  registryAccessRoleArn,
}: BuilderPolicyArgs): PolicyDocument =>
  policyDocument(
    allow("ReadSources", ["s3:GetObject"], [`${bucketArn}/*`]),
    // Without it S3 answers 403 where a source is simply not there.
    allow("ListSources", ["s3:ListBucket"], [bucketArn]),
    allow(
      "KeepContexts",
      ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      [`${bucketArn}/${CONTEXT_PREFIX}*`],
    ),
    logIn(),
    // By its own login, before there is a build: what is built from is named by digest.
    allow("ResolveBaseImages", PULL, [...images.pullThrough, ...images.baseImages]),
    // It is the first to ask for a base image, so that the cache is filled, and a repository made for it, on its account.
    allow("ImportBaseImages", [IMPORT, CREATE], images.pullThrough),
    // Listing tags is what finds those that no longer run.
    allow("CheckImages", ["ecr:DescribeImages", "ecr:ListImages", ...PULL], images.functions),
    allow("CountCache", ["ecr:ListImages", "ecr:BatchGetImage"], images.cache),
    // A tag is put by sending an image's own manifest again, under the tag's name.
    allow("TagImages", ["ecr:PutImage"], images.functions),
    // ECR's only way to take a tag off. It would delete images as well, which the service never asks for: without it the tags of what was
    // deleted or replaced would keep every image of every function for ever.
    allow("UntagImages", ["ecr:BatchDeleteImage"], images.functions),
    allow("MintRegistryCredentials", ["sts:AssumeRole", "sts:TagSession"], [registryAccessRoleArn]),
  );
