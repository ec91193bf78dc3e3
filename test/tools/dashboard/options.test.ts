import assert from "node:assert/strict";
import { binaryStep, heatmapCells } from "../../../tools/dashboard/page/options";
import { format } from "../../../tools/dashboard/page/format";

describe("the dashboard's page", () => {
  it("writes values with their units", () => {
    assert.deepEqual(
      [
        format(52.41, "s"),
        format(0.25, "s"),
        format(900, "s"),
        format(7200, "s"),
        format(0.7123, "percentunit"),
        format(400e6, "decbytes"),
        format(1.5 * 1024 ** 3, "bytes"),
        format(2.2, "currencyUSD"),
        format(1.25, "suffix: cores"),
        format(1500, "short"),
        format(0, "short"),
        format(12.5, "reqps"),
      ],
      [
        "52.4 s",
        "250 ms",
        "15 min",
        "2 h",
        "71.2 %",
        "400 MB",
        "1.5 GiB",
        "$2.20",
        "1.25 cores",
        "1.5 k",
        "0",
        "12.5 /s",
      ],
    );
  });

  it("divides an axis in bytes at round figures", () => {
    const Gi = 1024 ** 3;
    assert.deepEqual([4 * Gi, 5 * Gi, 6 * Gi, 0].map(binaryStep), [Gi, Gi, 2 * Gi, 1]);
  });

  it("shows in a cell of the heat map what its bucket has more than the one below", () => {
    const series = (le: string, ...values: (number | null)[]) => ({
      name: le,
      labels: { le },
      points: values.map((value, index): [number, number | null] => [index * 60, value]),
    });
    const { bounds, times, cells } = heatmapCells([
      series("+Inf", 5, 7),
      series("1", 2, null),
      series("2.5", 5, 4),
    ]);
    assert.deepEqual(bounds, ["1", "2.5", "+Inf"]);
    assert.deepEqual(times, [0, 60]);
    assert.deepEqual(cells, [
      [0, 0, 2],
      [0, 1, 3],
      [1, 1, 4],
      [1, 2, 3],
    ]);
  });
});
