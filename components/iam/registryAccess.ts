import type { RepositoryArns } from "./arns";
import { allow, type PolicyDocument, policyDocument } from "./policyDocument";
import { CREATE, IMPORT, logIn, PULL, PUSH } from "./registryActions";

/**
 * The most that any build may do with the registry. Whoever assumes the role for a build narrows it, by a session policy, to the
 * repositories of the function's namespace.
 */
export const registryAccessPolicy = (images: RepositoryArns): PolicyDocument => {
  const pushed = [...images.functions, ...images.cache];
  return policyDocument(
    logIn(),
    // Reading is needed to mount a layer of one repository in another, too.
    allow("PullAndPush", [...PULL, ...PUSH], pushed),
    allow("MakeRepositoryOnFirstPush", [CREATE], pushed),
    allow("PullBaseImages", PULL, [...images.pullThrough, ...images.baseImages]),
    allow("ImportBaseImages", [IMPORT, CREATE], images.pullThrough),
  );
};
