import { amount } from "../settings/scalars";
import type { Settings } from "../settings/schema";
import { GIB_PER_VCPU, pack, type Packing } from "./nodes";

/** How builds lie on the nodes of each allowed category; empty on a cluster of somebody else's, or where no node holds one. */
export const packings = (settings: Settings): Packing[] =>
  settings.target === "cluster"
    ? []
    : settings.buildNodes.instanceCategories.flatMap(
        (category) =>
          pack(category, settings.builderService.kaniko.resources.requests, settings.buildNodes.disk) ?? [],
      );

/** vCPUs of a category's nodes that the pool's limits allow. */
export const poolVcpus = ({ limits }: Settings["buildNodes"], { category }: Packing): number =>
  Math.min(amount(limits.cpu), amount(limits.memory) / 1024 ** 3 / GIB_PER_VCPU[category]);
