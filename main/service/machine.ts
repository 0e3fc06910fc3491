/** What the machine has: memory, processors, and the runtime's devices, asked once a process. */
import { availableParallelism, cpus } from 'node:os';
import type { DeviceFacts } from '../contract/worker-protocol.ts';
import { probeDevices } from './devices.ts';
import { readFreeMemory } from './free-memory.ts';

export interface MachineMemory {
  availableBytes: number;
  totalBytes: number;
  processors: number;
  processorModel: string;
}

export function readMachineMemory(): MachineMemory {
  const { freeBytes, totalBytes } = readFreeMemory();
  return { availableBytes: freeBytes, totalBytes, processors: availableParallelism(), processorModel: cpus()[0]?.model.trim() ?? 'unknown processor' };
}

let probed: Promise<DeviceFacts> | null = null;

/** A probe starts a process and loads drivers: seconds. @throws {Problem} as probeDevices; a failure is not kept */
export function readDevices({ cache }: { cache: 'use' | 'again' }, probe: () => Promise<DeviceFacts> = probeDevices): Promise<DeviceFacts> {
  if (probed === null || cache === 'again') {
    const asked = probe();
    probed = asked;
    asked.catch(() => {
      if (probed === asked) probed = null;
    });
  }
  return probed;
}
