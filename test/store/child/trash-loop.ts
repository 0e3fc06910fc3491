/**
 * Keeps and lets go of checkpoints until it is killed: four a round, of which one is pinned, one trashed and restored, one trashed and
 * emptied away. Prints `pinned|restored|emptied STEP` after each was said to be durable.
 */
import { writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseRunId } from '../../../main/store/identifiers.ts';
import { openWorkspace } from '../../../main/store/workspace.ts';

const [directory = ''] = process.argv.slice(2);
const workspace = openWorkspace(directory);
const run = parseRunId('r1');
const { rows } = workspace.checkpointCatalogue.list({ trash: 'with', sort: { by: 'step', direction: 'descending' }, offset: 0, limit: 1 });
// Emptied steps leave no row: rounds of a hundred keep the numbers apart.
const first = (Math.floor((rows[0]?.step ?? 0) / 100) + 1) * 100;
writeSync(1, 'ready\n');

for (let step = first; ; step += 100) {
  for (const at of [step, step + 1, step + 2, step + 3]) {
    const content = Buffer.alloc(16 * 1024, String(at));
    const weights = workspace.objects.putObject(content);
    writeFileSync(join(workspace.runFolder(run), `trained-${at}.safetensors`), content);
    workspace.checkpoints.record({ run, step: at, weights, resumeState: null, devMetrics: { score: at }, isBest: at === step + 3 });
  }
  workspace.checkpointCatalogue.pin(run, step, { name: `pin ${step}`, note: '' });
  writeSync(1, `pinned ${step}\n`);
  workspace.checkpoints.trash(run, step + 1);
  workspace.checkpoints.restore(run, step + 1);
  writeSync(1, `restored ${step + 1}\n`);
  workspace.checkpoints.trash(run, step + 2);
  workspace.emptyTrash();
  writeSync(1, `emptied ${step + 2}\n`);
}
