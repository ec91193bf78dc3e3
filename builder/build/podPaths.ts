/**
 * Where things lie in a build's pod. Kaniko's container sees context and credentials below /kaniko, which Kaniko leaves out of every
 * layer: a context mounted at /workspace would hide the files of a Dockerfile that works there.
 */
export const CONTEXT_FOLDER = "/kaniko/buildcontext";
/** Docker's config.json with the registry's credential, and the files of package indexes. */
export const CREDENTIALS_FOLDER = "/kaniko/.docker";
/** Where the init container writes the same two volumes. */
export const INIT_CONTEXT_FOLDER = "/workspace";
export const INIT_CREDENTIALS_FOLDER = "/kaniko/.docker";
/** Kaniko writes the image's digest here, before it pushes. The kubelet makes it the container's termination message. */
export const TERMINATION_LOG = "/dev/termination-log";
