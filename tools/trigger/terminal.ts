import type { Progress } from "./progress";

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface ProgressLine {
  show: (progress: Progress, seconds: number) => void;
  /** Leaves the last line where it is. */
  end: () => void;
}

/** One line that follows the build on a terminal; elsewhere, as in a pipeline's log, a line for each change. */
export function progressLine(out: Output): ProgressLine {
  let last: string | undefined;
  let open = false;
  return {
    show({ phase, about }, seconds) {
      const what = `${phase.padEnd(9)}  ${about}`.trimEnd();
      const line = `${String(seconds).padStart(4)} s  ${what}`;
      if (out.isTTY === true) {
        const width = out.columns ?? 80;
        // A phase that is over keeps its line.
        if (last !== undefined && last !== phase) out.write("\n");
        out.write(`\r\u001b[K${line.slice(0, width - 1)}`);
        last = phase;
        open = true;
      } else if (what !== last) {
        out.write(`${line}\n`);
        last = what;
      }
    },
    end() {
      if (open) out.write("\n");
    },
  };
}
