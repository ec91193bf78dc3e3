/**
 * The reasons that a function's conditions give where it is not as its author wants it, and what to do about each. Names are a promise: people
 * search for them, and tools act on them.
 */

/** What the author, or who owns the source, mends. Nothing is tried again by itself. */
export const AUTHOR_REASONS = {
  SourceInvalid: "mend the field that the message names",
  SourceNotFound:
    "mend the bucket, key, repository, ref or path that the message names, or put the source there",
  SourceForbidden:
    "name a Secret that may read it, or mend its rights; without one only your namespace's part of the platform's bucket is read",
  SourceAddressRefused:
    "name a public address, or have the host added to the platform's `sources.internalHosts`",
  SourceTooLarge: "leave out what no build needs: the message says which limit it is",
  SourceEmpty: "put code there",
  SecretNotFound: "make the Secret, in the function's namespace, or mend its name",
  SecretForbidden: "have the namespace added to the platform's `functions.namespaces`",
  SecretIncomplete: "add the keys that the message names to the Secret",
  RegistrySecretInvalid:
    "make the namespace's Secret `knative-lambda-registry` anew, as `kubectl create secret docker-registry` does",
  HandlerInvalid: "write it as `module.function`",
  HandlerMissing: "add the file or the function that `runtime.handler` names, or name another",
  RuntimeVersionInvalid: "write a version, as the message shows",
  RuntimeVersionUnavailable: "choose a version that there is",
  ManifestTooLarge: "shorten the file that lists the dependencies",
  RequirementsInvalid: "include files that the source has",
  PackageJsonInvalid: "mend `package.json` where the message says",
  GoModInvalid: "mend `go.mod` where the message says",
  GoPackageInvalid: "keep one package in a folder, one that can be imported",
  ImageInvalid: "mend the image's name, tag or digest",
  ImageNotFound: "push the image, or name one that there is",
  BuildCommandFailed: "read the last lines of the log: a command failed on what the source asks for",
  DockerfileInvalid: "mend the Dockerfile where the message says",
  DockerfileImageMissing:
    "name an image that there is, and that may be had without a login (outside of AWS: or with one of the Secret `knative-lambda-registry`)",
  DockerfileFailed: "mend the instruction that the message names",
  BuildOutOfMemory:
    "install less, or have the platform's `builderService.kaniko.resources.limits.memory` raised",
  BuildOutOfDisk:
    "install less, or have the platform's `builderService.kaniko.resources.limits.ephemeral-storage` raised",
  BuildDeadlineExceeded: "raise `build.timeout`, up to the platform's own limit, or install less",
  BuildCancelled: "`build.start` builds after all, and so does a change of the spec",
  ServiceRefused: "mend the field of the spec that the message names: Knative doesn't take it",
  ServiceNameTaken: "delete the Knative Service of that name, or rename the function",
  SourceNotReady: "see `SourceReady`",
  FunctionCrashed: "read its last words in the message: it ended as it started",
  ImagePullFailed:
    "mend the image's name or the login in `imagePullSecrets`; of an image that the platform built: `build.start`",
  PodRefused: "mend what the message names, as a Secret or ConfigMap of `spec.env` that isn't there",
  RevisionFailed: "read the function's own log: it ends, or doesn't listen, before it is ready",
} as const;

/** What is no author's to mend: it is tried again by itself, with growing pauses. */
export const PLATFORM_REASONS = {
  SourceUnreachable: "the store or repository doesn't answer",
  SourceTimedOut: "the source took longer to come than a fetch may",
  SourceFetchFailed: "the source could not be read to its end",
  BaseImageInvalid: "what the platform is set to take for a base image is no image's name",
  BaseImageMissing: "the base image can't be had",
  PackageIndexUnreachable: "an index of packages doesn't answer",
  RegistryUnreachable: "a registry doesn't answer",
  RegistryTimeout: "a registry took too long to answer",
  RegistryRefused: "a registry refused what the platform showed it",
  RegistryLoginFailed: "the platform could not log in to a registry",
  ManifestUnreadable: "a registry answered with no image's manifest",
  WorkFolderFailed: "the builder's own disk failed it",
  ApiServerUnreachable: "the API server doesn't answer",
  ApiServerTimeout: "the API server took too long to answer",
  ApiServerRefused: "the API server refused a request of the builder's",
  ApiServerUnreadable: "the API server answered something that is no answer",
  BuildTokenKeyMissing: "the Secret that signs builds' tokens is gone: `pulumi up` makes it anew",
  BuildTokenKeyInvalid: "the Secret that signs builds' tokens holds no key",
  ContextFailed: "what is built could not be stored",
  ContextFetchFailed: "the build's pod could not fetch what it builds",
  BuildFailed:
    "the build failed of something that nothing is known of; the log's last lines are in the message",
  BuildNotScheduled: "no node had room for the build in all its time",
  BuildEvicted: "the build's node was taken away, or was full",
  BuildPodLost: "the build's pod is gone, and with it why",
  BuildImagePullFailed: "an image that builds run on can't be pulled",
  BuildNameTaken: "an earlier build of the same is still being removed",
  ImagePushFailed: "the image could not be pushed",
  ImageMissing: "the registry doesn't have the image that the build pushed",
  ImageUnusable:
    "the image that the registry has of this very build can't be run, nor can those that were built in its place: the registry has lost a part of each",
  DigestDiffers: "a registry says another digest of an image than its bytes have",
} as const;

export type AuthorReason = keyof typeof AUTHOR_REASONS;
export type PlatformReason = keyof typeof PLATFORM_REASONS;
