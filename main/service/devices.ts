/** Which of the runtime's devices this machine can use: asked in a worker, because a broken driver takes its process down. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceFacts } from '../contract/worker-protocol.ts';
import { askWorker } from './single-answer.ts';

/** Drivers that hang do not come back. */
const silenceMs = 60_000;

/** Needs no workspace; the worker's log is kept only when it fails. @throws {Problem} `worker-died`, `worker-hung` when a driver or the runtime fails as a whole */
export async function probeDevices(options: { workerFile?: string } = {}): Promise<DeviceFacts> {
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-devices-'));
  const facts = await askWorker({ job: { kind: 'probe-devices' }, answer: 'probed', logFile: join(folder, 'worker.log'), silenceMs, ...options });
  rmSync(folder, { recursive: true, force: true });
  return facts;
}
