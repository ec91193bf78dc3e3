import { crossFieldProblems } from "./crossFieldRules";
import { type Problem, problemsOf, SettingsError, valueAt } from "./problems";
import { type Path, schema, type Settings } from "./schema";

/** What a stack file says, before it is checked. */
export interface StackValues {
  /** Name of the stack. */
  stack: string;
  /** `aws:region`. */
  region: string | undefined;
  /** What stands under `knative-lambda:`, by key. */
  values: Readonly<Record<string, unknown>>;
}

/**
 * Checks a stack's settings and fills in the defaults.
 * @throws SettingsError with every mistake, a line each
 */
export function parseSettings({ stack, region, values }: StackValues): Settings {
  const first = schema.safeParse(values);
  const problems: Problem[] = first.success ? [] : problemsOf(values, first.error.issues);
  const parsed = first.success ? first.data : withoutMistakes(values, problems);
  const settings: Settings = { ...parsed, stack, region };
  const broken = problems.map(({ path }) => path);
  problems.push(
    ...crossFieldProblems(settings, broken, (path) => valueAt(values, path) ?? valueAt(settings, path)),
  );
  if (settings.target === "aws") {
    const message = regionMessage(region);
    if (message !== undefined) problems.push({ path: ["aws:region"], value: region, message });
  }
  if (problems.length > 0) throw new SettingsError(stack, problems);
  return settings;
}

/** What is wrong with a region, by its form alone: AWS adds to its list. */
function regionMessage(region: string | undefined): string | undefined {
  if (region === undefined) return "is missing; target aws needs it, as in us-west-2";
  const [, known, zone] = /^([a-z]+(?:-[a-z]+)+-\d)([a-z])?$/.exec(region) ?? [];
  if (known === undefined) return "is no region's name; write it as in us-west-2";
  return zone === undefined ? undefined : `is a zone; write its region, ${known}`;
}

/** The settings with defaults where the stack file is wrong, so that the rules between the others can still be asked. */
function withoutMistakes(values: unknown, problems: readonly Problem[]): ReturnType<typeof schema.parse> {
  const kept = structuredClone(values);
  let wrong: readonly Path[] = problems.map(({ path }) => path);
  for (;;) {
    for (const path of wrong) remove(kept, path);
    const again = schema.safeParse(kept);
    if (again.success) return again.data;
    // What is left over is a part that misses something needed: the part itself goes.
    wrong = again.error.issues.map((issue) =>
      issue.path.filter((part) => typeof part !== "symbol").slice(0, -1),
    );
  }
}

/** Takes out what lies at a path. An entry of a list takes its list with it, as the entries behind it would move. */
function remove(values: unknown, path: Path): void {
  const list = path.findIndex((part) => typeof part === "number");
  const target = list < 0 ? path : path.slice(0, list);
  const parent = valueAt(values, target.slice(0, -1));
  const key = target.at(-1);
  if (typeof parent === "object" && parent !== null && key !== undefined) Reflect.deleteProperty(parent, key);
}
