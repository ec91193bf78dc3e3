import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies";

/** Starts a server: whoever only wants the policies imports `policies.ts`, or the file of one. */
new PolicyPack("knative-lambda", {
  displayName: "Functions platform",
  description: "What keeps an edit of the functions platform from breaking an environment or its bill.",
  policies: [...policies],
});
