import { readFileSync } from "node:fs";

/** What a process has used so far. */
export interface ProcessUse {
  /** CPU time of all its threads, in user and kernel mode, in seconds. */
  cpuSeconds: number;
  /** Resident memory, in MiB. */
  residentMiB: number;
  /** The most that was ever resident, in MiB. */
  peakMiB: number;
}

/** Linux counts CPU time in hundredths of a second for every program (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** Reads what the kernel says of a process. @throws where it is gone */
export const useOf = (pid: number): ProcessUse =>
  readUse(readFileSync(`/proc/${pid}/stat`, "utf8"), readFileSync(`/proc/${pid}/status`, "utf8"));

/** From the text of `/proc/PID/stat` and `/proc/PID/status`: see proc_pid_stat(5) and proc_pid_status(5). */
export function readUse(stat: string, status: string): ProcessUse {
  // The second field is the program's name in parentheses, which may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [utime, stime] = [fields[11], fields[12]].map(Number);
  const kibibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  return {
    cpuSeconds: ((utime ?? Number.NaN) + (stime ?? Number.NaN)) / TICKS_PER_SECOND,
    residentMiB: kibibytes("VmRSS") / 1024,
    peakMiB: kibibytes("VmHWM") / 1024,
  };
}
