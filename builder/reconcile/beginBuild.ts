import { readRecord } from "../build/buildRecord";
import { decide } from "../build/decision";
import { logCommand } from "../build/failure";
import { isConflict } from "../kubernetes/apiError";
import { keyOf } from "../kubernetes/objects";
import type { LambdaFunction } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import { functionsRepository } from "../registry/buildCredential";
import { registryLayout } from "../registryLayout";
import { InfrastructureError, UserError } from "../types";
import { hasEnded } from "./cluster";
import { type Context, AT_ONCE, draftOf } from "./context";
import { remember } from "./history";
import { imageOf } from "./imageSource";

const SAME_BUILD_MS = 1_000;

/** Begins builds: reads the source, and finds its image or has it built. */
export class BeginBuild {
  constructor(private readonly args: Context) {}

  /** Reads the source, and finds its image or has it built. */
  async begin(fn: LambdaFunction, attempt: number, signal: AbortSignal): Promise<Outcome | undefined> {
    const { writer, prepare, start, end, cluster, environment, metrics, log, now } = this.args;
    const { source } = fn.spec;
    const namespace = fn.metadata.namespace ?? "";
    try {
      if (source.type === "image") return await this.takeImage(fn, signal);
      const prepared = await prepare.prepare(fn, signal);
      const decision = decide({ imageDigest: prepared.imageDigest });
      const draft = draftOf(this.args, fn).say(
        "SourceReady",
        "True",
        "SourceRead",
        `read at ${prepared.revision}`,
      );
      if (decision.strategy === "reuse") {
        const { unpacked, compressed } = await end.size(
          namespace,
          prepared.repository,
          decision.digest,
          signal,
        );
        const image = `${functionsRepository(registryLayout(environment), namespace)}@${decision.digest}`;
        const at = now().toISOString();
        draft
          .in("Deploying")
          .say(
            "BuildReady",
            "True",
            "ImageReused",
            "an image of the same source and runtime is there: nothing is built",
          )
          .builds({
            strategy: "reuse",
            // An attempt that was given up may have made the image all the same.
            ...(attempt > 1 ? { attempt } : {}),
            imageURI: image,
            digest: decision.digest,
            completedAt: at,
            compressedSizeBytes: compressed,
            ...(unpacked === undefined ? {} : { imageSizeBytes: unpacked }),
          });
        const written = await writer.write(draft, signal);
        metrics.count("builds_total", {
          function_namespace: namespace,
          strategy: "reuse",
          result: "succeeded",
        });
        await remember(
          this.args.client,
          written,
          { generation: fn.metadata.generation ?? 0, result: "Succeeded", ...written.status?.buildStatus },
          undefined,
          { log, signal },
        );
        return AT_ONCE;
      }
      const others = cluster.jobs
        .by("image", prepared.image)
        .filter((job) => !hasEnded(job) && readRecord(job)?.uid !== fn.metadata.uid);
      if (others.length > 0) {
        await writer.write(
          draft
            .in("Building")
            .say(
              "BuildReady",
              "Unknown",
              "SameBuildRunning",
              `job ${others[0]?.metadata.name ?? ""} builds the same: its image is waited for`,
            )
            .builds({ attempt }),
          signal,
        );
        return { againAfterMs: SAME_BUILD_MS };
      }
      const job = await start.start(fn, prepared, attempt, signal);
      await writer.write(
        draft
          .in("Building")
          .say(
            "BuildReady",
            "Unknown",
            "BuildStarted",
            `job ${job.metadata.name} waits for its turn; follow it with ${logCommand(job.metadata.name)}`,
          )
          .builds({ jobName: job.metadata.name, attempt, strategy: "kaniko" }),
        signal,
      );
      log.info(
        {
          function: keyOf(fn),
          job: job.metadata.name,
          attempt,
          correlationId: readRecord(job)?.correlationId,
        },
        "build started",
      );
      return undefined;
    } catch (error) {
      if (error instanceof UserError) {
        const field = error.field === undefined ? "" : ` (${error.field})`;
        await writer.write(
          draftOf(this.args, fn)
            .in("Failed")
            .say("SourceReady", "False", error.reason, `${error.message}${field}`)
            .say("BuildReady", "False", "SourceNotReady", "nothing can be built until the source is mended")
            .builds({ error: error.message }),
          signal,
        );
        return undefined;
      }
      if (error instanceof InfrastructureError && !isConflict(error) && !signal.aborted)
        await writer
          .write(
            draftOf(this.args, fn)
              .in("Pending")
              .say("SourceReady", "Unknown", error.reason, `${error.message}; it is tried again`),
            signal,
          )
          .catch(() => undefined);
      throw error;
    }
  }

  private async takeImage(fn: LambdaFunction, signal: AbortSignal): Promise<Outcome> {
    const { registries, environment, writer, now } = this.args;
    const given = fn.spec.source.image;
    if (given === undefined)
      throw new UserError("SourceInvalid", "the source that type names is missing", "spec.source.image");
    const { image, digest } = await imageOf(given, {
      registries,
      registry: environment.REGISTRY,
      namespace: fn.metadata.namespace ?? "",
      signal,
    });
    await writer.write(
      draftOf(this.args, fn)
        .in("Deploying")
        .say("SourceReady", "True", "ImageGiven", image)
        .say("BuildReady", "True", "NothingToBuild", "the source is an image: nothing is built")
        .builds({
          imageURI: image,
          completedAt: now().toISOString(),
          ...(digest === undefined ? {} : { digest }),
        }),
      signal,
    );
    return AT_ONCE;
  }
}
