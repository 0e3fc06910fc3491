/** A run that begins with another run's prompt, asked for by that prompt. */
import { Problem } from '../../contract/problem.ts';
import { findMethod } from '../../method/index.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { defaultSettings } from '../method-settings.ts';
import { readRunConfig } from '../run-config.ts';
import type { TuneRequest } from '../runs.ts';
import { findCheckpoint, nameCheckpoint } from './reference.ts';

export interface DeriveRequest extends Pick<TuneRequest, 'format' | 'files' | 'settings' | 'labels' | 'fewShot' | 'command'> {
  checkpoint: string;
  /** Null takes the source run's. */
  model: string | null;
  /** Null takes the source run's. */
  runtime: TuneRequest['runtime'] | null;
}

/** How the source run itself began. */
const ownInit: ReadonlySet<string> = new Set(['init', 'initCheckpoint', 'initFile', 'initText']);

/**
 * The source run's method, model and settings, with this prompt as the beginning; what is given goes before.
 * @throws {Problem} those of findCheckpoint; `method-trains-no-prompt`
 */
export function makeDeriveRequest(workspace: ReadableWorkspace, request: DeriveRequest): TuneRequest {
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
  const { settings, runtime } = readRunConfig(run);
  const defaults = defaultSettings(method);
  const own = Object.entries(settings)
    .filter(([key, value]) => key in defaults && !ownInit.has(key) && value !== defaults[key])
    .map(([key, value]) => `${key}=${String(value)}`);
  const { format, files, labels, fewShot, command } = request;
  return {
    model: request.model ?? run.model,
    method: run.method,
    format, files, labels, fewShot, command,
    settings: [...own, `init=checkpoint:${nameCheckpoint({ run: id, step })}`, ...request.settings],
    runtime: request.runtime ?? runtime,
  };
}
