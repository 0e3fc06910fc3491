/**
 * Trains nothing, but writes as a run does, until it is killed: an object, a file that is replaced, rows that name the object.
 * Prints the step after everything of it was said to be durable.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomicSync } from '../../../main/store/atomic-file.ts';
import { parseRunId } from '../../../main/store/identifiers.ts';
import { openWorkspace } from '../../../main/store/workspace.ts';

const [directory = '', replacedFile = ''] = process.argv.slice(2);
const workspace = openWorkspace(directory);
const run = parseRunId('r1');
const last = workspace.checkpoints.list(run).at(-1)?.step ?? 0;
writeSync(1, 'ready\n');

for (let step = last + 1; ; step += 1) {
  // The whole content follows from the step: a mixture of two is recognised.
  const content = new Uint8Array(new Uint32Array(16 * 1024).fill(step).buffer);
  const weights = workspace.objects.putObject(content);
  writeFileAtomicSync(replacedFile, content);
  workspace.transaction(() => {
    workspace.metrics.record(run, Array.from({ length: 50 }, (_, index) => ({ step, key: `train/${index}`, value: step })));
    workspace.checkpoints.record({ run, step, weights, resumeState: null, devMetrics: { accuracy: step }, isBest: true });
  });
  writeSync(1, `${step}\n`);
  if (step % 5 === 0) workspace.objects.putObject(new TextEncoder().encode(join(directory, String(step))));
}
