import { UPSERT_TYPES } from "../../contract/eventTypes";
import { codeOf, namespaces } from "./names";

/**
 * Sends events that each make another function, all at once, over as many connections.
 * @returns Seconds until the last was accepted
 * @throws Error where one is not
 */
export async function sendEvents(url: string, count: number): Promise<number> {
  const bodies = Array.from({ length: count }, (_, index) => event(index));
  const began = performance.now();
  await Promise.all(
    bodies.map(async (body) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/cloudevents+json", authorization: "Bearer bench" },
        body,
      });
      const text = await response.text();
      if (response.status !== 202) throw new Error(`an event was answered ${response.status}: ${text}`);
    }),
  );
  return (performance.now() - began) / 1000;
}

function event(index: number): string {
  const name = `invoice-handler-${index}`;
  return JSON.stringify({
    specversion: "1.0",
    id: `event-${index}`,
    source: "/bench",
    type: UPSERT_TYPES[2],
    data: {
      metadata: { name, namespace: namespaces[index % namespaces.length] },
      spec: {
        source: { type: "inline", inline: { code: codeOf(name) } },
        runtime: { language: "python", version: "3.13", handler: "main.handler" },
      },
    },
  });
}
