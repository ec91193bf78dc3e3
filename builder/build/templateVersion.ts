/**
 * Version of the Dockerfiles and adapters. It is one of the inputs of a build's hash: raised, every function is built anew when it is
 * next decided on. The tests hold what the templates make of a fixed input against it.
 */
export const TEMPLATE_VERSION = 1;
