import * as sdk from "@pulumi/policy";

/** What the SDK exports and keeps out of its typings: https://github.com/pulumi/pulumi-policy/issues/445 */
const internals = sdk as unknown as {
  unknownCheckingProxy: <T extends object>(value: T) => T;
  UnknownValueError: new () => Error;
};

/** Wraps inputs as the SDK's server does: to read a value that a preview can't know throws. */
export const unknownChecking = internals.unknownCheckingProxy;

/** Whether an error is what the SDK's server makes an advisory of. */
export const isUnknownValue = (error: unknown): error is Error =>
  error instanceof internals.UnknownValueError;
