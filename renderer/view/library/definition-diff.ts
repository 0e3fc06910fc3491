/** What an edit of a task changed: pairs that came, went or moved, and in the others what was rewritten. Pure. */
import type { Pvp } from '../../../main/contract/pvp.ts';
import type { TaskDefinition } from '../../../main/contract/task-library.ts';

export interface TextChange {
  /** Of the definition or of a pair: `title`, `template`, … */
  part: 'title' | 'format' | 'labels' | 'dataset' | 'provenance' | 'template' | 'words' | 'answerNote';
  before: string;
  after: string;
}

export type DefinitionChange =
  | { kind: 'task'; changes: TextChange[] }
  | { kind: 'added' | 'removed'; pvp: Pvp }
  | { kind: 'changed'; id: string; changes: TextChange[] }
  | { kind: 'order' };

export function diffDefinitions(before: TaskDefinition, after: TaskDefinition): DefinitionChange[] {
  const [old, now] = [new Map(before.pvps.map((pvp) => [pvp.id, pvp])), new Map(after.pvps.map((pvp) => [pvp.id, pvp]))];
  const own = changesOf(partsOfTask(before), partsOfTask(after));
  const changed = after.pvps.flatMap((pvp): DefinitionChange[] => {
    const earlier = old.get(pvp.id);
    const changes = earlier === undefined ? [] : changesOf(partsOfPvp(earlier), partsOfPvp(pvp));
    return changes.length === 0 ? [] : [{ kind: 'changed', id: pvp.id, changes }];
  });
  const common = (pvps: readonly Pvp[]): string => pvps.filter(({ id }) => old.has(id) && now.has(id)).map(({ id }) => id).join(' ');
  return [
    ...(own.length === 0 ? [] : [{ kind: 'task' as const, changes: own }]),
    ...after.pvps.filter(({ id }) => !old.has(id)).map((pvp) => ({ kind: 'added' as const, pvp })),
    ...before.pvps.filter(({ id }) => !now.has(id)).map((pvp) => ({ kind: 'removed' as const, pvp })),
    ...changed,
    ...(common(before.pvps) === common(after.pvps) ? [] : [{ kind: 'order' as const }]),
  ];
}

type Parts = readonly (readonly [TextChange['part'], string])[];

function partsOfTask({ title, format, labels, dataset, provenance }: TaskDefinition): Parts {
  const source = dataset === null ? '' : `${dataset.name}${dataset.version === null ? '' : `@${dataset.version}`}`;
  return [['title', title], ['format', format], ['labels', labels?.join(', ') ?? ''], ['dataset', source], ['provenance', provenance]];
}

function partsOfPvp({ title, pattern, verbalizer, answerNote, provenance }: Pvp): Parts {
  return [['title', title], ['template', pattern.template], ['words', wordsText(verbalizer)], ['answerNote', answerNote ?? ''], ['provenance', provenance]];
}

function changesOf(before: Parts, after: Parts): TextChange[] {
  return before.flatMap(([part, text], index) => {
    const now = after[index]?.[1] ?? '';
    return now === text ? [] : [{ part, before: text, after: now }];
  });
}

/** `negative → bad; positive → good, great` */
export function wordsText(verbalizer: Pvp['verbalizer']): string {
  return verbalizer?.labels.map(({ label, words }) => `${label} → ${words.join(', ')}`).join('; ') ?? '';
}
