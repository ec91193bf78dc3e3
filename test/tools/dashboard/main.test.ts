import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../preview/usageError";
import { withoutVariables } from "../../../tools/dashboard/ask";
import { main } from "../../../tools/dashboard/main";
import type { PageData, Sample } from "../../../tools/dashboard/sample";

const run = async (...args: string[]): Promise<string> => {
  const printed: string[] = [];
  await main(args, (text) => printed.push(text));
  return printed.join("\n");
};
const refused = async (...args: string[]): Promise<string> => {
  const error: unknown = await run(...args).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof UsageError, String(error));
  return error.message;
};
const dataOf = (html: string): PageData =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? "") as PageData;

describe("npm run dashboard", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dashboard-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("prints what Grafana imports, of the stack that is asked for", async () => {
    const limitOf = async (stack: string) => {
      const { uid, panels } = JSON.parse(await run("--json", "--stack", stack)) as {
        uid: string;
        panels: {
          id: number;
          fieldConfig?: { defaults: { thresholds?: { steps: { value: number | null }[] } } };
        }[];
      };
      assert.equal(uid, "knative-lambda-performance");
      return panels.find(({ id }) => id === 4)?.fieldConfig?.defaults.thresholds?.steps.at(-1)?.value;
    };
    assert.equal(await limitOf("prod"), 100);
    assert.equal(await limitOf("dev"), 10);
  });

  it("writes a page of one file, with every panel, that asks nobody for anything and takes no name for markup", async () => {
    const file = join(folder, "out.html");
    const recorded = JSON.parse(readFileSync("docs/dashboard-sample.json", "utf8")) as Sample;
    recorded.source = "</script><b>";
    writeFileSync(join(folder, "sample.json"), JSON.stringify(recorded));
    await run("--html", file, "--sample", join(folder, "sample.json"));
    const html = readFileSync(file, "utf8");
    assert.equal(html.includes("</script><b>"), false);
    assert.doesNotMatch(html, /<(script|link|img|iframe)[^>]+(src|href)=/);
    assert.doesNotMatch(html, /@import|url\(\s*["']?https?:/);
    const data = dataOf(html);
    assert.equal(data.sample.source, "</script><b>");
    const panels = data.rows.flatMap((row) => row.panels);
    const grafana = JSON.parse(await run("--json")) as { panels: { id: number; type: string }[] };
    assert.deepEqual(
      panels.map(({ panel }) => panel.id),
      grafana.panels.filter(({ type }) => type !== "row").map(({ id }) => id),
    );
    for (const { panel, series } of panels)
      assert.ok(series.length > 0, `${panel.title} is empty in the sample`);
  });

  it("asks a Prometheus everything, and records what it answers", async () => {
    const asked: URL[] = [];
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? "/", "http://prometheus");
      asked.push(url);
      const value = url.pathname.endsWith("query_range")
        ? {
            values: [
              [1, "NaN"],
              [2, "0.12345678"],
            ],
          }
        : { value: [2, "7"] };
      response.end(JSON.stringify({ data: { result: [{ metric: { le: "1" }, ...value }] } }));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    try {
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`;
      const file = join(folder, "sample.json");
      assert.equal(
        await run("--prometheus", address, "--record", file, "--range", "1h", "--window", "1m"),
        file,
      );
      const { panels, from, to, window } = JSON.parse(readFileSync(file, "utf8")) as Sample;
      assert.equal(to - from, 3600);
      assert.equal(window, "1m");
      assert.deepEqual(panels["1"]?.[0]?.points, [
        [1, null],
        [2, 0.123457],
      ]);
      assert.deepEqual(panels["101"]?.[0]?.points, [[2, 7]]);
      for (const { pathname, searchParams } of asked) {
        assert.match(pathname, /^\/base\/api\/v1\/query(_range)?$/);
        assert.doesNotMatch(searchParams.get("query") ?? "$", /\$/);
      }
    } finally {
      server.close();
    }
  });

  it("fills in what Grafana's variables stand for", () => {
    assert.equal(
      withoutVariables(
        'rate(x{pod=~"build-($function|$function_begin)-[a-z]+",n=~"($namespace)/x"}[$window]) + y[$__range]',
        {
          from: 0,
          to: 90,
          window: "5m",
        },
      ),
      'rate(x{pod=~"build-(.*|.*)-[a-z]+",n=~"(.*)/x"}[5m]) + y[90s]',
    );
  });

  it("says in one line what is wrong with how it was asked", async () => {
    assert.match(await refused(), /^npm run dashboard/);
    assert.match(await refused("--png"), /Unknown option '--png'/);
    assert.match(await refused("--record", "x.json"), /--record needs --prometheus URL/);
    assert.match(await refused("--html", "x", "--range", "long"), /--range long is no length of time/);
    assert.match(
      await refused("--html", "x", "--sample", "no.json"),
      /^--sample no\.json can't be read: ENOENT/,
    );
    assert.match(
      await refused("--html", "x", "--sample", "package.json"),
      /^--sample package\.json is none that --record wrote$/,
    );
    await assert.rejects(run("--html", "x", "--prometheus", "http://127.0.0.1:1"), /does not answer/);
  });
});
