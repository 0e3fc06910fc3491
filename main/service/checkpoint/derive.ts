/** A run that begins with another run's prompt, asked for by that prompt. */
import { Problem } from '../../contract/problem.ts';
import type { UsedPvp } from '../../contract/pvp.ts';
import { findMethod } from '../../method/index.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { softSlotsOf } from '../../task/pattern/soft-slots.ts';
import { defaultSettings } from '../method-settings.ts';
import { choosePvp, type NamedPvp } from '../pvp-reference.ts';
import { readRunConfig } from '../run-config.ts';
import type { TuneRequest } from '../runs.ts';
import { findCheckpoint, nameCheckpoint } from './reference.ts';

export interface DeriveRequest extends Pick<TuneRequest, 'files' | 'settings' | 'labels' | 'fewShot' | 'command'> {
  checkpoint: string;
  /** A task format's id; null leaves it to the pair. */
  format: string | null;
  /** A pattern-verbalizer pair as a person names it; null takes the source run's where the format is its. */
  pvp: NamedPvp | null;
  /** Null takes the source run's. */
  model: string | null;
  /** Null takes the source run's. */
  runtime: TuneRequest['runtime'] | null;
}

/** How the source run itself began. */
const ownInit: ReadonlySet<string> = new Set(['init', 'initCheckpoint', 'initFile', 'initText']);

/**
 * The source run's method, model and settings, with this prompt as the beginning; what is given goes before.
 * @throws {Problem} those of findCheckpoint and choosePvp; `method-trains-no-prompt`, `task-missing`
 */
export async function makeDeriveRequest(workspace: ReadableWorkspace, request: DeriveRequest): Promise<TuneRequest> {
  const { run: id, step } = findCheckpoint(workspace, request.checkpoint);
  const run = workspace.runs.get(id);
  const method = findMethod(run.method);
  if (method.trains !== 'prompt') {
    throw new Problem({
      code: 'method-trains-no-prompt',
      found: `a checkpoint of ${run.method}`,
      expected: 'the prompt of a run that tuned one',
      action: 'Choose another checkpoint: souffleur checkpoints list --trains prompt',
    });
  }
  const { settings, runtime, pvp: ownPvp } = readRunConfig(run);
  const task = await chooseTask(workspace, request, { format: run.task, pvp: ownPvp });
  // The slots of a pattern say how long the prompt is.
  const isPlaced = task.pvp !== null && softSlotsOf(task.pvp.pvp).length > 0;
  const defaults = defaultSettings(method);
  const own = Object.entries(settings)
    .filter(([key, value]) => key in defaults && !ownInit.has(key) && !(isPlaced && key === 'promptLength') && value !== defaults[key])
    .map(([key, value]) => `${key}=${String(value)}`);
  const { files, fewShot, command } = request;
  return {
    model: request.model ?? run.model,
    method: run.method,
    ...task, files, fewShot, command,
    settings: [...own, `init=checkpoint:${nameCheckpoint({ run: id, step })}`, ...request.settings],
    runtime: request.runtime ?? runtime,
  };
}

async function chooseTask(
  workspace: ReadableWorkspace,
  { format, pvp, labels }: DeriveRequest,
  own: { format: string; pvp: UsedPvp | null },
): Promise<Pick<TuneRequest, 'format' | 'labels'> & { pvp: UsedPvp | null }> {
  if (pvp !== null) return choosePvp(workspace, pvp, { format, labels });
  if (format !== null) return { format, labels, pvp: format === own.format ? own.pvp : null };
  throw new Problem({
    code: 'task-missing', found: 'neither a task format nor a pattern', expected: 'one of the two', action: 'Say what the files hold: --task rte, or --pvp TASK/PVP.',
  });
}
