import * as pulumi from "@pulumi/pulumi";
import {
  type AnswerCall,
  type OutputsOf,
  RecordingMonitor,
  type Registration,
} from "../../preview/recordingMonitor";

/** Fails the test: no component calls a provider's function without a test that expects it. */
const refuse: AnswerCall = ({ token }) => {
  throw new Error(`nothing expects a call of ${token}`);
};

/** What a piece of a program registered. */
export class Recorded {
  constructor(readonly registrations: readonly Registration[]) {}

  /** The only resource of a type, or the one of that name. Throws where there is none, or more than one. */
  one(type: string, name?: string): Registration {
    const found = this.all(type).filter((registration) => name === undefined || registration.name === name);
    if (found.length !== 1 || !found[0]) {
      throw new Error(
        `${found.length} resources of type ${type}${name === undefined ? "" : ` named ${name}`}; there are:\n${this.list()}`,
      );
    }
    return found[0];
  }

  all(type: string): Registration[] {
    return this.registrations.filter((registration) => registration.type === type);
  }

  /** `type name` of everything, sorted: the exact set of resources. */
  list(): string {
    return this.registrations
      .map(({ type, name }) => `${type} ${name}`)
      .sort()
      .join("\n");
  }
}

/**
 * Runs a piece of a program as in a preview and keeps what it registers. Unknown values stand in inputs as `UNKNOWN`.
 * What it doesn't prove: anything that a provider, the engine or AWS does with the registrations.
 */
export async function record(
  piece: () => unknown,
  options: { answerCall?: AnswerCall; outputsOf?: OutputsOf; stack?: string } = {},
): Promise<Recorded> {
  const monitor = new RecordingMonitor(options.answerCall ?? refuse, options.outputsOf);
  pulumi.runtime.setMockOptions(monitor, "knative-lambda", options.stack ?? "test", true);
  try {
    await piece();
    await pulumi.runtime.disconnect(false);
  } catch (error) {
    throw monitor.failedCalls[0] ?? error;
  }
  return new Recorded(monitor.registrations);
}

/** The value of an output, or undefined while it is unknown. */
export async function valueOf<T>(output: pulumi.Input<T>): Promise<T | undefined> {
  const lifted = pulumi.output(output) as unknown as { promise(): Promise<T>; isKnown: Promise<boolean> };
  return (await lifted.isKnown) ? await lifted.promise() : undefined;
}
