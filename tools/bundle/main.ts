import { relative } from "node:path";
import { bundle } from "./bundle";

bundle().then(
  ({ file, bytes, inputs }) => {
    console.log(
      `${relative(process.cwd(), file)}: ${(bytes / 2 ** 20).toFixed(1)} MiB of ${inputs.length} files`,
    );
  },
  (error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
  },
);
