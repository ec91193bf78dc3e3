// What the engine starts. It loads policy packs through ts-node, which would check all types at every preview; tsx runs them as they stand.
require("tsx/cjs");
require("./index.ts");
