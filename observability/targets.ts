/** SRE-002's performance targets and the service levels of builds and functions: what panels and alerts measure against. */
export const TARGETS = {
  /** Median build, in seconds (SRE-002: was 45). */
  buildP50: 30,
  /** 95th percentile of builds, in seconds (SRE-002: was 90). */
  buildP95: 60,
  /** 95th percentile of cold starts, in seconds (SRE-002: was 5). */
  coldStartP95: 3,
  /** Share of cacheable instructions that are served from the cache. */
  cacheHitRatio: 0.7,
  /** Memory of one build, in bytes: SRE-002's 1.5Gi. */
  buildMemory: 1.5 * 1024 ** 3,
  /** Unpacked image, in bytes: SRE-002's 400 MB (was 800), decimal as image sizes are. */
  imageSize: 400e6,
  /** Share of builds that the platform may fail: 99 % succeed. Not written as 1 - 0.99, which is 0.010000000000000009. */
  buildFaultRatio: 0.01,
  /** Share of builds and of cold starts that may take longer than their 95th percentile's target. */
  slowRatio: 0.05,
  /** Share of requests to functions that may fail: 99.9 % are answered. */
  requestFaultRatio: 0.001,
} as const;
