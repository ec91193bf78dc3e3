/** Time of a processor that this process has used, in milliseconds: a busy machine lets a process stand still, which is none of its own time. */
export function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
