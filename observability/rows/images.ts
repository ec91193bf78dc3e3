import { gauge, histogramQuantile, max, top } from "../promql";
import { below, type Row, timeseries } from "../panels";
import { TARGETS } from "../targets";
import { inNamespace, ofFunction } from "../variables";

/** What builds make: large images are slow to push, to pull and to start. */
export const imagesRow = (): Row => ({
  title: "Images",
  panels: [
    timeseries({
      id: 6,
      title: "Image size trends",
      description:
        "Images that were built in the window: unpacked, as SRE-002's figures are, and compressed, as nodes pull them. Good: unpacked p95 below the line at 400 MB, and falling or level.",
      specified: {
        queries: ["histogram_quantile(0.95, rate(image_size_bytes_bucket[5m]))"],
        reason:
          "That is one figure for each replica of the builder and each label value; here the buckets are summed `by (le)` first. `$window` is 5m unless chosen otherwise.",
      },
      unit: "decbytes",
      width: 12,
      queries: [
        {
          legend: "unpacked, p50",
          expr: histogramQuantile(0.5, "image_size_bytes", "$window", inNamespace),
        },
        {
          legend: "unpacked, p95",
          expr: histogramQuantile(0.95, "image_size_bytes", "$window", inNamespace),
        },
        {
          legend: "compressed, p95",
          expr: histogramQuantile(0.95, "image_compressed_size_bytes", "$window", inNamespace),
        },
      ],
      thresholds: below(TARGETS.imageSize),
    }),
    timeseries({
      id: 16,
      title: "Largest images in use",
      description:
        "Unpacked size of the image that each function runs, the ten largest of those chosen. Good: below the line at 400 MB. A step up names the deployment that made it.",
      runbook: "image-large",
      unit: "decbytes",
      width: 12,
      queries: [
        {
          legend: "{{function_namespace}}/{{function}}",
          expr: top(
            10,
            max(gauge("function_image_size_bytes", ofFunction), "function_namespace", "function"),
          ),
        },
      ],
      thresholds: below(TARGETS.imageSize),
    }),
  ],
});
