/** Who holds a stack's lock, as a backend in a bucket or a folder keeps it. */
export interface Lock {
  user: string;
  host: string;
  pid: number;
}

/** Who asks, and what is known here. */
export interface Asker {
  user: string;
  host: string;
  /** Whether a process of this machine is there. */
  isAlive: (pid: number) => boolean;
  /** Nothing else of this user works on the stack, on any machine, as in CI that deploys one at a time. */
  isAlone: boolean;
}

/** The locks that `pulumi` names when it finds a stack locked; none where it says something else. */
export const locksIn = (text: string): Lock[] =>
  text.includes("the stack is currently locked by")
    ? [...text.matchAll(/created by (\S+)@(\S+) \(pid (\d+)\) at/g)].map(([, user = "", host = "", pid]) => ({
        user,
        host,
        pid: Number(pid),
      }))
    : [];

/** Whether whoever took a lock can't come back to it: its process is gone, or it was a run of this user, of which none other runs. */
export const isDead = (lock: Lock, { user, host, isAlive, isAlone }: Asker): boolean =>
  lock.host === host ? !isAlive(lock.pid) : isAlone && lock.user === user;
