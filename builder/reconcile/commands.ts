import { actedAnnotation, type Command, COMMANDS, readCommand } from "../../contract/annotations";
import { API_GROUP } from "../../contract/names";
import type { LambdaFunction } from "../kubernetes/resources";
import { digestIn } from "../serve/liveTags";

/** The image that a rollback chose, for one generation. Written by the builder alone. */
export const HELD_IMAGE_ANNOTATION = `${API_GROUP}/held-image`;

export interface Due {
  command: Command;
  id: string;
  /** It was about a generation that is past: nothing is done. */
  stale: boolean;
}

/** The commands that were not acted on yet. */
export const dueCommands = ({ metadata }: LambdaFunction): Due[] =>
  COMMANDS.flatMap((command) => {
    const asked = readCommand(metadata.annotations, command);
    if (asked === undefined || metadata.annotations?.[actedAnnotation(command)] === asked.id) return [];
    const stale = asked.generation !== undefined && asked.generation < (metadata.generation ?? 0);
    return [{ command, id: asked.id, stale }];
  });

/** The image that a rollback holds for the present generation. */
export function heldImage({ metadata }: LambdaFunction): string | undefined {
  const text = metadata.annotations?.[HELD_IMAGE_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    const held = JSON.parse(text) as { generation?: unknown; image?: unknown };
    return held.generation === metadata.generation && typeof held.image === "string" && digestIn(held.image)
      ? held.image
      : undefined;
  } catch {
    return undefined;
  }
}

export const holdText = (generation: number, image: string): string => JSON.stringify({ generation, image });
