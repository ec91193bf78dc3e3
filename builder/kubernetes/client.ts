import { ApiError, isNotFound } from "./apiError";
import type { ApiObject, ObjectKey } from "./objects";
import type { Desired, Page, PatchOperation, Preconditions, RequestOptions, Selection } from "./requests";
import { versioned } from "./requests";
import { apiVersionOf, pathOf, PODS, type Resource } from "./resources";
import { type ApiRequest, Transport, type TransportArgs } from "./transport";
import { watchStream, type WatchOptions } from "./watchStream";

export type { Desired, Page, PatchOperation, Preconditions, RequestOptions, Selection } from "./requests";
export { versioned } from "./requests";

interface ListAnswer<T> {
  items?: T[];
  metadata: { resourceVersion?: string; continue?: string };
}

export interface ClientArgs extends TransportArgs {
  /** Owner of the fields that are applied. */
  fieldManager: string;
}

/**
 * Kubernetes' API as the builder uses it. Objects are what the server answered, untouched: nothing that a newer server says is lost.
 * Every write is refused by the server where it names a field that the server doesn't know.
 */
export class KubernetesClient {
  private readonly transport: Transport;
  private readonly args: TransportArgs;
  /** Owner of the fields that this client applies. */
  readonly fieldManager: string;

  constructor({ fieldManager, ...transport }: ClientArgs) {
    this.transport = new Transport(transport);
    this.fieldManager = fieldManager;
    this.args = transport;
  }

  /** The same way to the API server, for an owner of other fields. */
  as(fieldManager: string): KubernetesClient {
    return new KubernetesClient({ ...this.args, fieldManager });
  }

  /** The object, or undefined where there is none. */
  async get<T extends ApiObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options: RequestOptions = {},
  ): Promise<T | undefined> {
    try {
      return await this.transport.json<T>({ ...options, method: "GET", path: pathOf(resource, key) });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** A page of objects. What a builder has to know all the time it learns from a Reflector. */
  async list<T extends ApiObject>(
    resource: Resource<T>,
    { namespace, labelSelector, fieldSelector }: Selection,
    { limit, from, ...options }: RequestOptions & { limit?: number; from?: string | undefined } = {},
  ): Promise<Page<T>> {
    const { items, metadata } = await this.transport.json<ListAnswer<T>>({
      ...options,
      method: "GET",
      path: pathOf(resource, { namespace }),
      query: { labelSelector, fieldSelector, limit, continue: from },
    });
    const next = metadata.continue ?? "";
    return {
      items: items ?? [],
      resourceVersion: metadata.resourceVersion ?? "",
      next: next === "" ? undefined : next,
    };
  }

  /**
   * Makes an object that isn't there.
   * @throws ApiError that `isAlreadyExists` where it is
   */
  create<T extends ApiObject>(
    resource: Resource<T>,
    object: Desired<T>,
    options: RequestOptions = {},
  ): Promise<T> {
    return this.transport.json<T>({
      ...options,
      method: "POST",
      path: pathOf(resource, { namespace: object.metadata.namespace }),
      query: { fieldManager: this.fieldManager, fieldValidation: "Strict" },
      body: { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind },
    });
  }

  /**
   * Server-side apply: makes the object, or sets exactly the fields that are given; those that were applied before and are given no more go.
   * With `metadata.resourceVersion` and `metadata.uid` it is refused where the object has changed, or is gone; with the version alone
   * one that is gone would be made anew.
   */
  apply<T extends ApiObject>(
    resource: Resource<T>,
    object: Desired<T>,
    options: RequestOptions = {},
  ): Promise<T> {
    return this.transport.json<T>({
      ...options,
      method: "PATCH",
      path: pathOf(resource, object.metadata),
      // Fields that someone else has applied to an object of ours are taken back.
      query: { fieldManager: this.fieldManager, force: true, fieldValidation: "Strict" },
      contentType: "application/apply-patch+yaml",
      body: { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind },
    });
  }

  /**
   * Puts a whole status in place of the observed object's.
   * @throws ApiError that `isConflict` where the object has changed since it was observed, in spec, status or metadata
   */
  replaceStatus<T extends ApiObject & { status?: unknown }>(
    resource: Resource<T>,
    observed: T,
    status: NonNullable<T["status"]>,
    options: RequestOptions = {},
  ): Promise<T> {
    return this.patch(
      resource,
      observed.metadata,
      [versioned(observed), { op: "add", path: "/status", value: status }],
      { priority: "status", ...options, subresource: "status" },
    );
  }

  /** JSON Patch. Begin it with {@link versioned} where it holds only for the object that was observed. */
  patch<T extends ApiObject>(
    resource: Resource<T>,
    key: ObjectKey,
    operations: PatchOperation[],
    { subresource, ...options }: RequestOptions & { subresource?: "status" } = {},
  ): Promise<T> {
    return this.transport.json<T>({
      ...options,
      method: "PATCH",
      path: pathOf(resource, key, subresource),
      query: { fieldManager: this.fieldManager, fieldValidation: "Strict" },
      contentType: "application/json-patch+json",
      body: operations,
    });
  }

  /** JSON Merge Patch: sets what is given, removes what is null, leaves the rest. */
  merge<T extends ApiObject>(
    resource: Resource<T>,
    key: ObjectKey,
    change: object,
    options: RequestOptions = {},
  ): Promise<T> {
    return this.transport.json<T>({
      ...options,
      method: "PATCH",
      path: pathOf(resource, key),
      query: { fieldManager: this.fieldManager, fieldValidation: "Strict" },
      contentType: "application/merge-patch+json",
      body: change,
    });
  }

  /**
   * Deletes an object; what it owns follows in the background.
   * @returns Whether it was there
   * @throws ApiError that `isConflict` where a precondition does not hold
   */
  async delete(
    resource: Resource,
    key: ObjectKey,
    { preconditions, ...options }: RequestOptions & { preconditions?: Preconditions } = {},
  ): Promise<boolean> {
    try {
      await this.transport.text({
        ...options,
        method: "DELETE",
        path: pathOf(resource, key),
        body: {
          apiVersion: "v1",
          kind: "DeleteOptions",
          propagationPolicy: "Background",
          ...(preconditions === undefined ? {} : { preconditions }),
        },
      });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /**
   * The end of a container's log, or undefined where there is none: the pod is gone, or the container has not started.
   * @param limitBytes The most that is read; the log may be the user's own, and of any size
   */
  async log(
    key: ObjectKey,
    {
      container,
      tailLines,
      limitBytes,
      ...options
    }: RequestOptions & { container: string; tailLines: number; limitBytes: number },
  ): Promise<string | undefined> {
    const ask: ApiRequest = {
      ...options,
      method: "GET",
      path: pathOf(PODS, key, "log"),
      query: { container, tailLines, limitBytes },
    };
    try {
      return await this.transport.text(ask);
    } catch (error) {
      if (isNotFound(error) || (error instanceof ApiError && error.code === 400)) return undefined;
      throw error;
    }
  }

  /** Follows the changes of a selection, until the server ends it, the way to it fails, or `signal` aborts. */
  watch<T extends ApiObject>(
    resource: Resource<T>,
    selection: Selection,
    options: WatchOptions<T>,
  ): Promise<void> {
    return watchStream(this.transport, resource, selection, options);
  }
}
