/** What nodes, builds and Services of a stack share. */
export type Platform = "linux/amd64" | "linux/arm64";

export const platformOf = (architecture: "amd64" | "arm64"): Platform => `linux/${architecture}`;
