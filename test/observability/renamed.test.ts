import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { CLUSTER_METRICS } from "../../contract/clusterMetrics";
import { METRICS } from "../../contract/metrics";
import { alerts } from "../../observability/alerts";
import { recordingRules } from "../../observability/recordingRules";
import { rows } from "../../observability/rows";
import { metricsIn, problemsOf, seriesOf } from "./promqlCheck";

const PROJECT = resolve(__dirname, "..", "..");
const CONTRACT = ["contract/metrics.ts", "contract/clusterMetrics.ts"].map((file) => join(PROJECT, file));
/** Where metrics, and what makes and asks them, have their types. */
const TELLING = ["contract/", "observability/", "builder/metrics.ts", "builder/reconcile/context.ts"];
const NAMES = [...Object.keys(METRICS), ...Object.keys(CLUSTER_METRICS)];

const filesIn = (folder: string): string[] =>
  readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(PROJECT, folder, file));

/** Files that name a metric, each with the lines that do. */
const places = [...filesIn("observability"), ...filesIn("builder")].flatMap((file) => {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line, index) =>
      NAMES.filter((name) => line.includes(`"${name}"`)).map((name) => ({ name, line: index })),
    );
  return lines.length === 0 ? [] : [{ file, lines }];
});

/** Lines of those files in which the compiler finds an error once every metric of the contract has another name. */
function errorsOnceRenamed(): Map<string, Set<number>> {
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    // Without the browser's: those alone take longer than the project.
    lib: ["lib.es2022.d.ts"],
  };
  const host = ts.createCompilerHost(options);
  const read = host.readFile.bind(host);
  host.readFile = (file) => {
    const text = read(file);
    return text !== undefined && CONTRACT.includes(resolve(file))
      ? NAMES.reduce(
          (all, name) => all.replace(new RegExp(`^  ${name}: \\{`, "m"), `  ${name}_renamed: {`),
          text,
        )
      : text;
  };
  host.getSourceFile = (file, version) => {
    const text = host.readFile(file);
    return text === undefined ? undefined : ts.createSourceFile(file, text, version);
  };
  // Packages say nothing of our metrics, nor does most of the builder: they take long to read.
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => {
      const { resolvedModule } = text.startsWith(".") ? ts.resolveModuleName(text, from, options, host) : {};
      const file = relative(PROJECT, resolvedModule?.resolvedFileName ?? "");
      return { resolvedModule: TELLING.some((start) => file.startsWith(start)) ? resolvedModule : undefined };
    });
  const program = ts.createProgram(
    places.map(({ file }) => file),
    options,
    host,
  );
  return new Map(
    places.map(({ file }) => {
      const source = program.getSourceFile(file);
      assert.ok(source, file);
      const lines = program
        .getSemanticDiagnostics(source)
        .map(({ start = 0 }) => source.getLineAndCharacterOfPosition(start).line);
      return [file, new Set(lines)];
    }),
  );
}

describe("a metric that is renamed in the contract", () => {
  it("does not compile in any place that names it, of the builder, the rules and the dashboard", () => {
    const errors = errorsOnceRenamed();
    assert.ok(places.length >= 15, `${places.length} files name metrics`);
    for (const { file, lines } of places)
      for (const { name, line } of lines)
        // An argument on the line after its function is told of on either.
        assert.ok(
          [line - 1, line, line + 1].some((near) => errors.get(file)?.has(near)),
          `${name} in ${file}:${line + 1} still compiles`,
        );
  });

  it("is found by the check of queries in each that names it", () => {
    const all = [
      ...rows({
        kanikoJobLimit: 1,
        kaniko: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
      })
        .flatMap(({ panels }) => panels)
        .flatMap(({ queries }) => queries.map(({ expr }) => expr)),
      ...[...recordingRules(), ...alerts()].flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ];
    const recorded = recordingRules().flatMap(({ rules }) =>
      rules.flatMap((rule) => ("record" in rule ? [rule.record] : [])),
    );
    const metrics = { ...METRICS, ...CLUSTER_METRICS };
    for (const renamed of NAMES) {
      const left = Object.fromEntries(Object.entries(metrics).filter(([name]) => name !== renamed));
      const series = seriesOf(left, recorded);
      const ofIt = all.filter((expr) =>
        metricsIn(expr).some(
          (name) => name.replace(/_(bucket|count|sum)$/, "") === renamed || name === renamed,
        ),
      );
      for (const expr of ofIt)
        assert.match(problemsOf(expr, series).join("\n"), new RegExp(`${renamed}\\w* is no metric`), expr);
    }
  });

  it("is used at all: the contract holds nothing for its own sake", () => {
    const named = new Set(places.flatMap(({ lines }) => lines.map(({ name }) => name)));
    assert.deepEqual(
      NAMES.filter((name) => !named.has(name)),
      [],
    );
  });
});
