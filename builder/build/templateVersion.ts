/** Another version, which the bundler puts in this name's place where it is asked for one: for tests of upgrades alone. */
declare const OTHER_TEMPLATE_VERSION: number | undefined;

/**
 * Version of the Dockerfiles and adapters. It is one of the inputs of a build's hash: raised, every function is built anew, a few at a time
 * (reconcile/refresh.ts). The tests hold what the templates make of a fixed input against it.
 */
export const TEMPLATE_VERSION: number =
  typeof OTHER_TEMPLATE_VERSION === "undefined" ? 1 : OTHER_TEMPLATE_VERSION;
