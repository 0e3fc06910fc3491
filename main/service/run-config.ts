/** What a run's row keeps so that the same job can be made again: the column belongs to the core, its content is checked on the way out. */
import { z } from 'zod';
import { usedPvpSchema } from '../contract/pvp.ts';
import { samplingSchema, type TrainJob } from '../contract/worker-protocol.ts';
import { parseObjectHash } from '../store/identifiers.ts';
import type { ReadableWorkspace, Workspace } from '../store/workspace.ts';
import type { Run } from '../store/run-row.ts';
import type { Split } from '../store/run-inputs-table.ts';
import { Problem } from '../contract/problem.ts';
import { locateModel } from './model-location.ts';

const promptSourceSchema = z.object({
  /** Null for a prompt that came from outside. */
  run: z.string().nullable(),
  step: z.int().nullable(),
  /** SHA-256 of the object. */
  weights: z.string().transform(parseObjectHash),
});
export type PromptSource = z.infer<typeof promptSourceSchema>;

const runConfigSchema = z.object({
  /** The method's own, complete. */
  settings: z.record(z.string(), z.unknown()),
  /** Classes in id order where the task has none of its own: what the data files write and what the model says. */
  labels: z.array(z.object({ value: z.string(), word: z.string() })).nullable(),
  /** The pattern-verbalizer pair that the run speaks by, whole, so that it means the same for ever; null for the format's own form. */
  pvp: usedPvpSchema.nullable().default(null),
  /** A few-shot run's draw; null takes the files whole. */
  sampling: samplingSchema.nullable().default(null),
  /** Of the model's tokenizer file: the weights' fingerprint says nothing of it, and other ids would train another prompt. */
  tokenizerSha256: z.string(),
  /** The prompt that the run begins with, where it is another's: it is kept as long as this run. */
  source: promptSourceSchema.nullable().default(null),
  runtime: z.object({ provider: z.enum(['cpu', 'cuda', 'webgpu', 'dml', 'coreml']), threads: z.number().int().min(1) }),
});
export type RunConfig = z.infer<typeof runConfigSchema>;
export type RuntimeChoice = RunConfig['runtime'];

/** @throws {Problem} `run-config-invalid` */
export function readRunConfig(run: Run): RunConfig {
  const parsed = runConfigSchema.safeParse(run.config);
  if (parsed.success) return parsed.data;
  throw new Problem({
    code: 'run-config-invalid',
    kind: 'failure',
    found: `run ${run.id} with a configuration that cannot be read (${parsed.error.issues[0]?.path.join('.') ?? ''})`,
    expected: 'one that this Souffleur wrote',
    action: 'The workspace was changed by another program or is damaged; put back a copy of it.',
  });
}

/** @returns the steps that a run is to make; null for a method that makes none. */
export function plannedStepsOf(run: Run): number | null {
  const { steps } = readRunConfig(run).settings;
  return typeof steps === 'number' ? steps : null;
}

/** A run's settings with the place of the prompt that it begins with: the workspace may have moved since the run was made. */
export function settingsForWorker(workspace: ReadableWorkspace, { settings, source }: RunConfig): RunConfig['settings'] {
  return source === null ? settings : { ...settings, initFile: workspace.objects.objectPath(source.weights) };
}

/**
 * The job of runs that were found alike in everything but their seeds, from nothing but the workspace.
 * @throws {Problem} as readRunConfig
 */
export function makeTrainJob(workspace: Workspace, runs: readonly [Run, ...Run[]], { resume }: { resume: boolean }): TrainJob {
  const [first] = runs;
  const config = readRunConfig(first);
  const { labels, pvp, sampling, runtime } = config;
  const inputs = workspace.runInputs.list(first.id);
  const fileOf = (role: Split): string | null => inputs.find((input) => input.role === role)?.path ?? null;
  return {
    kind: 'train',
    members: runs.map(({ id, seed }) => ({ runId: id, runDirectory: workspace.runFolder(id), seed })),
    model: locateModel(workspace, first.model),
    method: first.method,
    config: settingsForWorker(workspace, config),
    task: { format: first.task, labels, ...(pvp === null ? {} : { pvp: pvp.pvp }) },
    files: { train: fileOf('train') ?? '', dev: fileOf('dev'), test: fileOf('test') },
    sampling,
    resume,
    runtime,
  };
}
