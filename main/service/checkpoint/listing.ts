/** Checkpoints as a person or a script is told of them. */
import { statSync } from 'node:fs';
import type { CheckpointDetails, CheckpointListInput, CheckpointReport } from '../../contract/api/checkpoints.ts';
import { promptFactsSchema } from '../../contract/prompt-facts.ts';
import { methods } from '../../method/index.ts';
import type { CatalogueRow } from '../../store/checkpoint-catalogue.ts';
import { parseRunId, type ObjectHash } from '../../store/identifiers.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { readEvaluation } from '../evaluation-values.ts';
import { readRunConfig } from '../run-config.ts';
import { readEffect } from '../run-report.ts';
import { readStoredPrompt } from './prompt-file.ts';
import { findCheckpoint, nameCheckpoint } from './reference.ts';

/** @throws {Problem} `run-id-invalid` */
export function listCheckpoints(workspace: ReadableWorkspace, input: CheckpointListInput): { total: number; checkpoints: CheckpointReport[] } {
  const { run, trains, sort, direction, ...query } = input;
  const { total, rows } = workspace.checkpointCatalogue.list({
    ...query,
    ...(run === undefined ? {} : { run: parseRunId(run) }),
    ...(trains === undefined ? {} : { methods: methods.filter((method) => method.trains === trains).map(({ id }) => id) }),
    sort: { by: sort, direction },
  });
  return { total, checkpoints: rows.map((row) => reportCheckpoint(workspace, row)) };
}

export function reportCheckpoint(workspace: ReadableWorkspace, row: CatalogueRow): CheckpointReport {
  const dev = readEvaluation(row.devMetrics);
  return {
    checkpoint: nameCheckpoint(row),
    run: row.run,
    step: row.step,
    method: row.method,
    trains: methods.find(({ id }) => id === row.method)?.trains ?? 'unknown',
    model: row.model,
    task: row.task,
    seed: row.seed,
    isBest: row.isBest,
    score: dev?.score ?? null,
    scores: dev?.scores ?? {},
    legalRate: dev?.legalRate ?? null,
    loss: dev?.loss ?? null,
    trainLoss: row.trainLoss,
    bytes: sizeOf(workspace, row.weights),
    sha256: row.weights,
    createdAt: new Date(row.createdAtMs).toISOString(),
    pin: row.pin === null ? null : { name: row.pin.name, note: row.pin.note, pinnedAt: new Date(row.pin.pinnedAtMs).toISOString() },
    trash: row.trashedAtMs !== null ? 'checkpoint' : row.isRunTrashed ? 'run' : 'none',
  };
}

/** @throws {Problem} those of findCheckpoint; `object-missing`, `object-corrupt` for a prompt */
export function showCheckpoint(workspace: ReadableWorkspace, text: string): CheckpointDetails {
  const { run: id, step } = findCheckpoint(workspace, text);
  const report = reportCheckpoint(workspace, workspace.checkpointCatalogue.get(id, step));
  const run = workspace.runs.get(id);
  const { source } = readRunConfig(run);
  const weights = report.sha256 as ObjectHash;
  const prompt = report.trains === 'prompt' ? readStoredPrompt(workspace, weights, { byteLength: report.bytes ?? 0 }) : null;
  const facts = promptFactsSchema.safeParse(workspace.promptFacts.findNewest(weights));
  return {
    ...report,
    file: workspace.objects.objectPath(weights),
    modelFingerprint: run.modelFingerprint,
    shape: prompt === null ? null : [prompt.rows, prompt.width],
    source: source === null ? null : {
      checkpoint: source.run === null || source.step === null ? null : nameCheckpoint({ run: parseRunId(source.run), step: source.step }),
      sha256: source.weights,
    },
    derivedRuns: workspace.checkpointCatalogue.listDerivedRuns(weights),
    effect: report.isBest ? readEffect(run.finalMetrics ?? {}) : null,
    facts: facts.success ? facts.data : null,
  };
}

function sizeOf(workspace: ReadableWorkspace, weights: ObjectHash): number | null {
  return statSync(workspace.objects.objectPath(weights), { throwIfNoEntry: false })?.size ?? null;
}
