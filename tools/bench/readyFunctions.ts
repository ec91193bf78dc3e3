import type { ApiObject } from "../../builder/kubernetes/objects";
import { FUNCTIONS, PODS, type Resource, SERVICES } from "../../builder/kubernetes/resources";
import { finishedBuild } from "./finishedBuild";
import { readyFunction } from "./readyFunction";
import { readyService } from "./readyService";
import { servingPod } from "./servingPod";

/** An object as the API server has it, and where. */
export interface Placed {
  resource: Resource;
  object: ApiObject;
}

export interface CatalogueArgs {
  count: number;
  /** The registry's host. */
  registry: string;
  /** One function in so many has a pod that serves. @default 10 */
  servingEvery?: number;
  /** One function in so many was built within the hour, so that its Job and the Job's pod are still there. @default 100 */
  builtEvery?: number;
}

/**
 * What there is of Ready functions that nobody changes: their objects, their Knative Services, and the pods and Jobs that are there at a
 * time. All but status and metadata that other controllers write comes from the builder's own code, so that it finds nothing to do.
 */
export async function readyFunctions({
  count,
  registry,
  servingEvery = 10,
  builtEvery = 100,
}: CatalogueArgs): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (let index = 0; index < count; index += 1) {
    const fn = readyFunction(index, registry);
    const service = await readyService(fn);
    placed.push({ resource: FUNCTIONS, object: fn }, { resource: SERVICES, object: service });
    if (index % servingEvery === 0) placed.push({ resource: PODS, object: servingPod(fn, service) });
    if (index % builtEvery === 0) placed.push(...finishedBuild(fn, registry));
  }
  return placed;
}
