/** Facts of a prompt: asked of a worker once, then kept as long as the prompt. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../contract/problem.ts';
import { promptFactsOptionsSchema, promptFactsSchema, type PromptFacts, type PromptFactsOptions, type PromptFactsQuestion } from '../../contract/prompt-facts.ts';
import type { JobEvent, PromptFactsJob } from '../../contract/worker-protocol.ts';
import type { Checkpoint } from '../../store/checkpoints-table.ts';
import type { RunInput } from '../../store/run-inputs-table.ts';
import type { PromptFactsKey } from '../../store/prompt-facts-table.ts';
import type { Workspace } from '../../store/workspace.ts';
import { requireUnchanged } from '../data-files.ts';
import { getPresentModel, requireSameTokenizer } from '../model-location.ts';
import { makeTrainJob, readRunConfig } from '../run-config.ts';
import { askWorker } from '../single-answer.ts';
import { findCheckpoint } from './reference.ts';

export interface FactsRequest {
  checkpoint: string;
  options: PromptFactsQuestion;
  onEvent?: (event: JobEvent) => void;
  signal?: AbortSignal;
  workerFile?: string;
}

/** Changes when the meaning of a fact does: what was found before then no longer counts. */
const factsVersion = 1;
const noData = '0'.repeat(64);

/** What was found before for exactly this question. @throws {Problem} as findCheckpoint; `setting-value` for options out of range */
export function readPromptFacts(workspace: Workspace, { checkpoint, options }: Pick<FactsRequest, 'checkpoint' | 'options'>): PromptFacts | null {
  const { key } = prepare(workspace, findCheckpoint(workspace, checkpoint), parseOptions(options));
  return parseFacts(workspace.promptFacts.find(key));
}

/**
 * The same, found by a worker where it was not found before.
 * @throws {Problem} those of readPromptFacts; `method-trains-no-prompt`, `data-changed`, `tokenizer-changed`, `model-folder-missing`, `object-…`,
 * `job-cancelled` and what the worker finds wrong
 */
export async function findPromptFacts(workspace: Workspace, request: FactsRequest): Promise<PromptFacts> {
  const checkpoint = findCheckpoint(workspace, request.checkpoint);
  const { key, job, inputs } = prepare(workspace, checkpoint, parseOptions(request.options));
  const known = parseFacts(workspace.promptFacts.find(key));
  if (known !== null) return known;
  const run = workspace.runs.get(checkpoint.run);
  await workspace.objects.verifyObject(checkpoint.weights);
  await requireSameTokenizer(getPresentModel(workspace, run.model), readRunConfig(run).tokenizerSha256);
  await requireUnchanged(inputs);
  try {
    await askWorker({
      job,
      answer: 'facts-found',
      logFile: join(workspace.folder('logs'), `${run.id}.log`),
      ...(request.onEvent === undefined ? {} : { onEvent: request.onEvent }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(request.workerFile === undefined ? {} : { workerFile: request.workerFile }),
    });
    const facts = promptFactsSchema.parse(JSON.parse(readFileSync(job.factsFile, 'utf8')));
    workspace.promptFacts.record(key, facts);
    return facts;
  } finally {
    rmSync(job.factsFile, { force: true });
  }
}

interface Prepared {
  key: PromptFactsKey;
  job: PromptFactsJob;
  /** Files that the worker will read. */
  inputs: readonly RunInput[];
}

function prepare(workspace: Workspace, { run: id, step, weights }: Checkpoint, options: PromptFactsOptions): Prepared {
  const run = workspace.runs.get(id);
  const config = readRunConfig(run);
  const { members: _members, resume: _resume, kind: _kind, ...job } = makeTrainJob(workspace, [run], { resume: false });
  const all = workspace.runInputs.list(id);
  // What the best was chosen by: the development file, or what was drawn from the training file.
  const read = all.filter(({ role }) => (job.files.dev === null ? role === 'train' && config.sampling !== null : role === 'dev'));
  const inputs = options.examples === 0 ? [] : read;
  const request = {
    factsVersion, options, method: job.method, task: job.task, sampling: job.sampling, seed: run.seed, settings: config.settings, source: config.source,
    tokenizer: config.tokenizerSha256, fingerprint: job.model.fingerprint, convention: job.model.answerConvention,
  };
  const key: PromptFactsKey = { weights, data: inputs[0]?.sha256 ?? noData, request: createHash('sha256').update(JSON.stringify(request)).digest('hex') };
  return {
    key,
    inputs,
    job: {
      ...job, kind: 'prompt-facts', seed: run.seed, options,
      checkpointFile: workspace.objects.objectPath(weights),
      factsFile: join(workspace.runFolder(id), `facts-${step}-${key.request.slice(0, 16)}.json`),
    },
  };
}

function parseOptions(options: PromptFactsQuestion): PromptFactsOptions {
  const parsed = promptFactsOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Problem({
    code: 'setting-value', found: `an option that cannot be: ${issue?.path.join('.') ?? ''}`, expected: issue?.message ?? 'a number in range', action: 'Correct the option, or leave it out.',
  });
}

/** Facts of another version do not count. */
function parseFacts(stored: unknown): PromptFacts | null {
  const parsed = promptFactsSchema.safeParse(stored);
  return parsed.success ? parsed.data : null;
}
