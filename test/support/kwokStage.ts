import { kubectl } from "./kubectl";

/** What KWOK is to do, to which objects, and when: the `spec` of a Stage. */
interface StageSpec {
  resourceRef: { apiGroup: string; kind: string };
  selector: { matchExpressions: { key: string; operator: string; values?: string[] }[] };
  delay: { durationMilliseconds: number };
  next: { statusTemplate: string };
}

/** Has KWOK play something. @returns What takes it away again */
export async function playStage(name: string, spec: StageSpec): Promise<() => Promise<void>> {
  const stage = { apiVersion: "kwok.x-k8s.io/v1alpha1", kind: "Stage", metadata: { name }, spec };
  await kubectl(["apply", "--server-side", "--force-conflicts", "--filename", "-"], JSON.stringify(stage));
  return async () => {
    await kubectl(["delete", "stage", name, "--ignore-not-found"]);
  };
}
