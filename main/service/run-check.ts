/** What a run would be, before it exists: every setting explained, what it needs and what is free, and how long it may take. */
import type { RunCheck } from '../contract/api/runs.ts';
import { findMethod } from '../method/index.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { readFreeMemory, type FreeMemory } from './free-memory.ts';
import { estimateGroupMemory } from './group-memory.ts';
import { defaultSettings, describeSettings } from './method-settings.ts';
import { estimateSecondsLeft } from './queue/run-rate.ts';
import { bytesText, describeMemory, neededBytes, suggestLess, type RunMemory } from './run-memory.ts';
import { newRunOf, planRun, type RunPlan, type TuneRequest } from './runs.ts';

/** @throws {Problem} as planRun: everything that making the runs would refuse */
export async function checkRun(workspace: ReadableWorkspace, request: TuneRequest, options: { seeds: readonly number[]; together: boolean }): Promise<Omit<RunCheck, 'command'>> {
  const plan = await planRun(workspace, request);
  const { model, method, format, config, inputs } = plan;
  const memory = await estimateGroupMemory(workspace, options.seeds.slice(0, options.together ? undefined : 1).map((seed) => unmadeRun(plan, seed)), inputs);
  const isOnProcessor = config.runtime.provider === 'cpu';
  const free = isOnProcessor ? readFreeMemory() : null;
  const fits = memory === null || free === null ? null : neededBytes(memory) <= free.freeBytes;
  const seconds = estimateSecondsLeft(workspace, unmadeRun(plan, options.seeds[0] ?? 0));
  return {
    model: { name: model.name, fingerprint: model.fingerprint, parameterCount: model.parameterCount },
    method, format, labels: config.labels, inputs: [...inputs], settings: explainSettings(plan), epochs: epochsOf(plan), runtime: config.runtime,
    memory, free: free === null ? null : { freeBytes: free.freeBytes, totalBytes: free.totalBytes }, fits,
    sentence: verdict({ memory, free, fits, method }),
    secondsExpected: seconds === null ? null : seconds * options.seeds.length,
  };
}

function unmadeRun(plan: RunPlan, seed: number): Parameters<typeof estimateSecondsLeft>[1] {
  const { inputs: _inputs, ...run } = newRunOf(plan, seed);
  return {
    ...run, id: 'r0000' as ReturnType<typeof newRunOf>['parent'] & string, status: 'queued', device: null, createdAtMs: 0, startedAtMs: null, endedAtMs: null, problem: null,
    worker: null, generation: 0, bestStep: null, finalMetrics: null, group: null, trashedAtMs: null,
  };
}

function explainSettings({ method: id, config }: RunPlan): RunCheck['settings'] {
  const method = findMethod(id);
  const defaults = defaultSettings(method);
  const forms = describeSettings(method);
  return Object.entries(config.settings).map(([key, value]) => ({
    key, value, isDefault: value === defaults[key], default: defaults[key] ?? null,
    description: forms[key]?.description ?? null,
    takes: forms[key]?.takes ?? '',
  }));
}

function epochsOf({ config: { settings, sampling }, inputs }: RunPlan): number | null {
  const { steps, batchSize } = settings;
  const rows = sampling?.trainExamples ?? inputs.find(({ role }) => role === 'train')?.rowCount ?? 0;
  return typeof steps === 'number' && typeof batchSize === 'number' && rows > 0 ? (steps * batchSize) / rows : null;
}

function verdict({ memory, free, fits, method }: { memory: RunMemory | null; free: FreeMemory | null; fits: boolean | null; method: string }): string {
  if (memory === null) return 'How much memory it needs is not known: too little is known of the model.';
  if (free === null || fits === null) return `It needs about ${describeMemory(memory)}; how much the device has free is not known.`;
  const sentence = `It needs about ${describeMemory(memory)}; ${bytesText(free.freeBytes)} are free.`;
  return fits ? sentence : `${sentence} ${suggestLess(memory, method)}`;
}
