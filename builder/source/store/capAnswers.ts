import { pipeline, type Readable, Transform } from "node:stream";
import { type S3Client } from "@aws-sdk/client-s3";

/**
 * Largest answer that is not an object: a page of a list. It has at most 1,000 keys of at most 1,024 bytes each, which XML may write with
 * six times as many.
 */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * Ends answers that are larger than they can be. The client reads them into memory as a whole, and the store may be anyone's: an endless
 * error message would take all of it. Objects are streams, limited by whoever reads them.
 */
export function capAnswers(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        const response = result.response as { statusCode: number; body: Readable };
        const isObject = commandName === "GetObjectCommand" && response.statusCode < 300;
        if (!isObject) response.body = capped(response.body);
        return result;
      },
    // Low: next to the connection, before the client makes something of the answer.
    { name: "capAnswers", step: "deserialize", priority: "low" },
  );
}

function capped(body: Readable): Readable {
  let bytes = 0;
  const cap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES)
        done(new Error(`the store's answer is larger than ${MAX_ANSWER_BYTES} bytes`));
      else done(null, chunk);
    },
  });
  // Errors of either side reach the reader of the last one.
  pipeline(body, cap, () => undefined);
  return cap;
}
