/**
 * Which process wrote something, so that a later one can tell whether it is still there.
 * A process id alone is not enough: ids are reused, within minutes in a container. Where the system tells when a process
 * started (Linux /proc), that is part of the identity.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  processId: number;
  /** Boot id and start time in clock ticks since boot; null where the system does not tell. */
  startToken: string | null;
  host: string;
}

/** `elsewhere`: on another host, where nobody here can look. */
export type ProcessState = 'alive' | 'gone' | 'elsewhere';

/** @returns the identity of a process of this host, alive now. */
export function identifyProcess(processId: number): ProcessIdentity {
  const status = readStatus(processId);
  return { processId, startToken: status === 'unknown' || status === 'ended' ? null : status.startToken, host: hostname() };
}

/** Whether the process that was identified then is still running now; one that reuses its id does not count, nor does a zombie. */
export function findProcessState(identity: ProcessIdentity): ProcessState {
  if (identity.host !== hostname()) return 'elsewhere';
  if (!answersSignals(identity.processId)) return 'gone';
  const status = readStatus(identity.processId);
  if (status === 'ended') return 'gone';
  // Without a start time on both sides the id is all there is; taking a living process for gone would be the worse mistake.
  if (status === 'unknown' || identity.startToken === null) return 'alive';
  return identity.startToken === status.startToken ? 'alive' : 'gone';
}

/** Whether a process of that id exists on this host, whoever it is. */
export function answersSignals(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** `ended`: a zombie, whose parent has not yet asked how it ended. `unknown`: there is no /proc, or it hides the process. */
function readStatus(processId: number): { startToken: string } | 'ended' | 'unknown' {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    // proc_pid_stat(5): "pid (comm) state …"; comm may hold spaces and parentheses, so count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    const startTicks = fields[19];
    if (state === 'Z' || state === 'X') return 'ended';
    if (startTicks === undefined) return 'unknown';
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { startToken: `${bootId}:${startTicks}` };
  } catch {
    return 'unknown';
  }
}
