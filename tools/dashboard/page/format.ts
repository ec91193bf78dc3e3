import type { Unit } from "../../../observability/panels";

const scaled = (value: number, base: number, names: readonly string[]): string => {
  let rest = value;
  let step = 0;
  while (Math.abs(rest) >= base && step < names.length - 1) {
    rest /= base;
    step += 1;
  }
  return `${plain(rest)} ${names[step] ?? ""}`.trim();
};

const plain = (value: number): string => String(Number(value.toPrecision(Math.abs(value) >= 100 ? 4 : 3)));

const seconds = (value: number): string => {
  if (Math.abs(value) >= 86_400) return `${plain(value / 86_400)} d`;
  if (Math.abs(value) >= 3_600) return `${plain(value / 3_600)} h`;
  if (Math.abs(value) >= 120) return `${plain(value / 60)} min`;
  return value !== 0 && Math.abs(value) < 1 ? `${plain(value * 1000)} ms` : `${plain(value)} s`;
};

/** A value with its unit, as Grafana would write it. */
export function format(value: number, unit: Unit): string {
  switch (unit) {
    case "s":
      return seconds(value);
    case "percentunit":
      return `${plain(value * 100)} %`;
    case "decbytes":
      return scaled(value, 1000, ["B", "kB", "MB", "GB", "TB"]);
    case "bytes":
      return scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
    case "currencyUSD":
      return `$${value.toFixed(2)}`;
    case "reqps":
      return `${plain(value)} /s`;
    case "suffix: cores":
      return `${plain(value)} cores`;
    case "short":
      return scaled(value, 1000, ["", "k", "M"]);
  }
}
