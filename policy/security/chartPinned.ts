import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

export const chartPinned = resourcePolicy<{ version: string }>(
  {
    name: "chart-pinned",
    severity: "high",
    description: "Charts are installed at one exact version.",
    remediation:
      "Name the version, as components/charts.ts does: without one the newest is installed, at any later update too.",
  },
  [TYPES.release],
  ({ props: { version } }) =>
    /^v?\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(version ?? "")
      ? []
      : [`version is ${version ?? "not set"}; name one exactly, as in 1.2.3.`],
);
