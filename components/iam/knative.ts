import type { RepositoryArns } from "./arns";
import { allow, type PolicyDocument, policyDocument } from "./policyDocument";
import { IMPORT, logIn, PULL } from "./registryActions";

/**
 * What Knative's controller may do: resolve the tags of function images and of what came through the pull-through cache.
 * It asks the registry itself, so that nodes that can pull are no help to it.
 */
export const knativePolicy = ({ images }: { images: RepositoryArns }): PolicyDocument =>
  policyDocument(
    logIn(),
    allow("ResolveTags", PULL, [...images.functions, ...images.pullThrough]),
    allow("ImportBaseImages", [IMPORT], images.pullThrough),
  );
