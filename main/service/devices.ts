/** Which of the runtime's devices this machine can use: asked in a worker, because a broken driver takes its process down. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceFacts } from '../contract/worker-protocol.ts';
import { askWorker } from './single-answer.ts';

/** Drivers that hang do not come back. */
const silenceMs = 60_000;

/** @throws {Problem} `worker-died`, `worker-hung` when a driver or the runtime fails as a whole */
export async function probeDevices(options: { logFile?: string; signal?: AbortSignal; workerFile?: string } = {}): Promise<DeviceFacts> {
  const { logFile = join(tmpdir(), `souffleur-devices-${process.pid}.log`), ...rest } = options;
  return askWorker({ job: { kind: 'probe-devices' }, answer: 'probed', logFile, silenceMs, ...rest });
}
