export * from "./arns";
export { builderPolicy, type BuilderPolicyArgs } from "./builder";
export { knativePolicy } from "./knative";
export { type PolicyDocument, type Statement } from "./policyDocument";
export { registryAccessPolicy } from "./registryAccess";
export { repositoryCreationPolicy } from "./repositoryCreation";
export { podIdentityTrust, roleTrust, serviceTrust } from "./trust";
