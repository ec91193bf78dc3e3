/** Objects as the API server writes them: JSON, in which a date is a text. */

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: { manager?: string; operation?: string; subresource?: string }[];
}

export interface ApiObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** Which object: namespace is absent for those of the cluster. */
export interface ObjectKey {
  namespace?: string | undefined;
  name: string;
}

/** `namespace/name`, or the name alone for objects of the cluster. */
export const keyText = ({ namespace, name }: ObjectKey): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

export const keyOf = ({ metadata: { namespace, name } }: ApiObject): string => keyText({ namespace, name });

type Any<T> = 0 extends 1 & T ? true : false;

/** A type of client-node as it goes over the wire: dates are texts. */
export type Json<T> =
  Any<T> extends true
    ? unknown
    : T extends Date
      ? string
      : T extends readonly (infer Item)[]
        ? Json<Item>[]
        : T extends object
          ? { [Key in keyof T]: Json<T[Key]> }
          : T;

/** An object's type of client-node, as it goes over the wire. */
export type Wire<T> = Json<Omit<T, "metadata" | "apiVersion" | "kind">> & ApiObject;

/** A time as `MicroTime` has it. JavaScript's clock stops at milliseconds. */
export const microTime = (date: Date): string => date.toISOString().replace("Z", "000Z");
