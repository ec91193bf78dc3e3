import type { FunctionStatus, Phase } from "../../contract/function/status";
import type { LambdaFunction } from "../kubernetes/resources";
import { type Condition, type ConditionType, type Said, withCondition } from "./conditions";

type BuildStatus = NonNullable<FunctionStatus["buildStatus"]>;
type ServiceStatus = NonNullable<FunctionStatus["serviceStatus"]>;

/** A status in the making: begins as the one observed, and is written as a whole. */
export class Draft {
  private phase: Phase | undefined;
  private conditions: readonly Condition[];
  private build: BuildStatus | undefined;
  private service: ServiceStatus | undefined;
  private readonly generation: number;

  constructor(
    readonly fn: LambdaFunction,
    private readonly now: () => Date,
  ) {
    const { status, metadata } = fn;
    this.phase = status?.phase;
    this.conditions = status?.conditions ?? [];
    this.build = status?.buildStatus;
    this.service = status?.serviceStatus;
    this.generation = metadata.generation ?? 0;
  }

  in(phase: Phase): this {
    this.phase = phase;
    return this;
  }

  say(type: ConditionType, status: Said["status"], reason: string, message: string): this {
    this.conditions = withCondition(
      this.conditions,
      type,
      { status, reason, message },
      this.generation,
      this.now(),
    );
    return this;
  }

  /** Puts another build in the place of the last; undefined for none. */
  builds(build: BuildStatus | undefined): this {
    this.build = build;
    return this;
  }

  /** Adds to what is said of the build. */
  built(more: Partial<BuildStatus>): this {
    this.build = { ...this.build, ...more };
    return this;
  }

  /** What is said of the build. */
  get buildStatus(): BuildStatus | undefined {
    return this.build;
  }

  serves(service: ServiceStatus): this {
    this.service = service;
    return this;
  }

  /** The status as it is to be; undefined where that is what it is. */
  finish(): FunctionStatus | undefined {
    const status = this.whole();
    return canonical(status) === canonical(this.fn.status) ? undefined : status;
  }

  /** The status as it is to be. */
  whole(): FunctionStatus {
    return {
      ...(this.phase === undefined ? {} : { phase: this.phase }),
      observedGeneration: this.generation,
      conditions: [...this.conditions],
      ...(this.build === undefined ? {} : { buildStatus: this.build }),
      ...(this.service === undefined ? {} : { serviceStatus: this.service }),
    };
  }
}

/** The same text for the same JSON, whatever the order of its keys: the API server has its own. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null)
    return value === undefined ? "null" : JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
}
