/** Runs that begin with another run's prompt: prompt transfer (Vu et al. 2022, SPoT). */
import { statSync } from 'node:fs';
import { Problem } from '../../contract/problem.ts';
import { parseObjectHash } from '../../store/identifiers.ts';
import type { JsonObject } from '../../store/json-column.ts';
import type { ModelRow } from '../../store/models-table.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import type { PromptSource } from '../run-config.ts';
import { readStoredPrompt } from './prompt-file.ts';
import { findCheckpoint, nameCheckpoint } from './reference.ts';

/** `init=checkpoint:r0001/300` says which checkpoint in the same breath. */
export function expandInit(assignments: readonly string[]): string[] {
  return assignments.flatMap((assignment) => {
    const reference = /^\s*init\s*=\s*checkpoint:(.*)$/s.exec(assignment)?.[1];
    return reference === undefined ? [assignment] : ['init=checkpoint', `initCheckpoint=${reference}`];
  });
}

/**
 * Finds the prompt that the settings name and holds it against the model. A longer prompt gives its first rows, a shorter one leaves the
 * rest to sampled pieces of the vocabulary (main/method/part/prompt-initialisation).
 * @param parts `settings` complete. @returns the settings with the checkpoint's full name, and no source where they name none
 * @throws {Problem} `init-checkpoint-missing`, `init-checkpoint-width` with both widths, those of findCheckpoint, `checkpoint-in-trash`, `checkpoint-without-prompt`
 */
export function settleSource(
  workspace: ReadableWorkspace,
  { settings, model }: { settings: JsonObject; model: Pick<ModelRow, 'name' | 'config'> },
): { settings: JsonObject; source: PromptSource | null } {
  if (settings['init'] !== 'checkpoint') return { settings, source: null };
  const text = String(settings['initCheckpoint'] ?? '');
  if (text === '') throw missing();
  const { name, source } = findSource(workspace, text);
  const file = workspace.objects.objectPath(source.weights);
  const { rows, width } = readStoredPrompt(workspace, source.weights, { byteLength: statSync(file, { throwIfNoEntry: false })?.size ?? 0 });
  const modelWidth = model.config['width'];
  if (width !== modelWidth) throw wrongWidth({ name, rows, width }, { name: model.name, width: Number(modelWidth) });
  return { settings: { ...settings, initCheckpoint: name }, source };
}

function findSource(workspace: ReadableWorkspace, text: string): { name: string; source: PromptSource } {
  // An imported prompt has no run: it is named by what it is.
  if (/^[0-9a-f]{64}$/.test(text)) return { name: text, source: { run: null, step: null, weights: parseObjectHash(text) } };
  const { run, step, weights, trashedAtMs } = findCheckpoint(workspace, text);
  const name = nameCheckpoint({ run, step });
  if (trashedAtMs === null && workspace.runs.get(run).trashedAtMs === null) return { name, source: { run, step, weights } };
  throw new Problem({
    code: 'checkpoint-in-trash',
    found: `the checkpoint ${name}, which is in the trash`,
    expected: 'one outside the trash',
    action: 'Restore it, or its run, first.',
  });
}

function missing(): Problem {
  return new Problem({
    code: 'init-checkpoint-missing',
    found: 'no checkpoint to start from',
    expected: 'run and step in init or initCheckpoint',
    action: 'Name it: --set init=checkpoint:r0001/300.',
  });
}

function wrongWidth(prompt: { name: string; rows: number; width: number }, model: { name: string; width: number }): Problem {
  return new Problem({
    code: 'init-checkpoint-width',
    found: `the prompt ${prompt.name}, ${prompt.rows} rows of width ${prompt.width}`,
    expected: `rows of width ${model.width}, the model ${model.name}’s`,
    action: 'Start from a prompt that was tuned on a model of this width.',
  });
}
