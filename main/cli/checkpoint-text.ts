/** Checkpoints and the trash as text. */
import type { CheckpointDetails, CheckpointReport, TrashReport } from '../contract/api/checkpoints.ts';
import { bytesText, countText, lossText, percentText } from './number-text.ts';
import { describeFacts } from './prompt-facts-text.ts';
import { formatFields, formatTable } from './table.ts';

export function describeCheckpoints(checkpoints: readonly CheckpointReport[], { total, offset }: { total: number; offset: number }): string {
  if (total === 0) return 'No checkpoints like that. A run keeps one at every evaluation: souffleur tune';
  const table = formatTable([
    ['checkpoint', 'method', 'model', 'task', 'seed', 'dev', 'legal', 'dev loss', 'train loss', 'size', ''],
    ...checkpoints.map((each) => [
      each.checkpoint, each.method, each.model, each.task, String(each.seed), percentText(each.score), percentText(each.legalRate), lossText(each.loss),
      lossText(each.trainLoss), each.bytes === null ? 'missing' : bytesText(each.bytes), marksOf(each),
    ]),
  ]);
  const last = offset + checkpoints.length;
  return checkpoints.length === total ? table : `${table}\n${countText(offset + 1)}–${countText(last)} of ${countText(total)}; go on with --offset ${last}`;
}

function marksOf({ isBest, pin, trash }: CheckpointReport): string {
  const inTrash = { none: '', checkpoint: 'in the trash', run: 'in the trash with its run' }[trash];
  return [isBest ? 'best' : '', pin === null ? '' : `pinned as “${pin.name}”`, inTrash].filter((text) => text !== '').join(', ');
}

export function describeCheckpoint(checkpoint: CheckpointDetails): string {
  const { pin, source, effect, shape, facts } = checkpoint;
  const fields = formatFields([
    ['checkpoint', [checkpoint.checkpoint, marksOf(checkpoint)].filter((text) => text !== '').join(', ')],
    ['method', checkpoint.method],
    ['model', `${checkpoint.model} (${checkpoint.modelFingerprint.slice(0, 12)})`],
    ['task', checkpoint.task],
    ['seed', String(checkpoint.seed)],
    ...(shape === null ? [] : [['prompt', `${shape[0]} rows of width ${shape[1]}`] as const]),
    ...(source === null ? [] : [['began with', source.checkpoint ?? source.sha256] as const]),
    ...(checkpoint.derivedRuns.length === 0 ? [] : [['began others', checkpoint.derivedRuns.join(', ')] as const]),
    ...Object.entries(checkpoint.scores).map(([name, value]) => [`dev ${name}`, percentText(value)] as const),
    ['dev legal', percentText(checkpoint.legalRate)],
    ['dev loss', lossText(checkpoint.loss)],
    ['train loss', lossText(checkpoint.trainLoss)],
    ...(effect === null ? [] : [['effect', effectText(effect)] as const]),
    ...(pin === null || pin.note === '' ? [] : [['note', pin.note] as const]),
    ['created', checkpoint.createdAt],
    ['size', checkpoint.bytes === null ? 'missing' : bytesText(checkpoint.bytes)],
    ['sha256', checkpoint.sha256],
    ['file', checkpoint.file],
  ]);
  return facts === null ? fields : `${fields}\n\n${describeFacts(facts)}`;
}

export function effectText({ examples, differing }: NonNullable<CheckpointDetails['effect']>): string {
  return differing === 0 ? `none: all ${examples} dev answers looked at are the bare model’s` : `${differing} of ${examples} dev answers differ from the bare model’s`;
}

export function describeTrash({ bytes, keptRuns, freeBytes, ...doomed }: TrashReport): string {
  const rows = countRows(doomed);
  const contents = rows === '' ? 'The trash is empty' : `In the trash: ${rows}, ${bytesText(bytes)}`;
  const kept = keptRuns.length === 0 ? '' : `; ${keptRuns.join(', ')} would stay for a pinned checkpoint`;
  return `${contents}${kept}. ${bytesText(freeBytes)} are free on the disk.`;
}

export function describeEmptied({ freedBytes, freeBytes, ...doomed }: DoomedCounts & { freedBytes: number; freeBytes: number }): string {
  const rows = countRows(doomed);
  return `${rows === '' ? 'Nothing to delete' : `Deleted ${rows}`}: ${bytesText(freedBytes)}. ${bytesText(freeBytes)} are free on the disk.`;
}

type DoomedCounts = Record<'runs' | 'checkpoints' | 'datasets' | 'packs' | 'tasks', readonly unknown[]>;

/** `2 runs, 1 checkpoint`; empty where there are none. */
function countRows({ runs, checkpoints, datasets, packs, tasks }: DoomedCounts): string {
  const counts = [[runs, 'run'], [checkpoints, 'checkpoint'], [datasets, 'data set'], [packs, 'pack'], [tasks, 'task']] as const;
  return counts.flatMap(([rows, name]) => (rows.length === 0 ? [] : [`${countText(rows.length)} ${name}${rows.length === 1 ? '' : 's'}`])).join(', ');
}
