/** Prompts of runs, or an imported pack, as a file to give away. */
import { resolve } from 'node:path';
import type { PackExport } from '../../contract/api/packs.ts';
import type { PackDraft } from '../../contract/prompt-pack.ts';
import { Problem } from '../../contract/problem.ts';
import { findMethod } from '../../method/index.ts';
import type { Checkpoint } from '../../store/checkpoints-table.ts';
import type { Run } from '../../store/run-row.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { findFormat } from '../../task/index.ts';
import { findCheckpoint, nameCheckpoint } from '../checkpoint/reference.ts';
import { requireSameModelAndTask, requireSamePass } from '../ensemble-members.ts';
import { readEvaluation, type EvaluationScores } from '../evaluation-values.ts';
import { getPresentModel } from '../model-location.ts';
import { readRunConfig } from '../run-config.ts';
import { boundFormatOf, taskOfRun } from '../run-task.ts';
import { describeBase } from './pack-base.ts';
import { writtenBy } from './pack-source.ts';
import { writePackFile } from './pack-worker.ts';
import { requirePackId } from './packs.ts';

export interface PackExportRequest {
  source: { kind: 'checkpoints'; checkpoints: readonly string[] } | { kind: 'pack'; pack: string };
  path: string;
  form: 'file' | 'folder';
  /** The four are of runs only: a pack is given on as it is. Null takes the task's id. */
  title: string | null;
  licence: string | null;
  hubId: string | null;
}

/**
 * Replaces a file that is there, but no folder. The same prompts give the same bytes.
 * @throws {Problem} `pack-export-fixed`, `method-without-prompt`, `runs-not-alike`, `checkpoint-repeated`, `object-corrupt`, `pack-target-exists`, those of findCheckpoint
 */
export async function exportPack(workspace: ReadableWorkspace, request: PackExportRequest): Promise<PackExport> {
  const { source, form } = request;
  const path = resolve(request.path);
  if (source.kind === 'pack') return exportImported(workspace, { ...request, path }, source.pack);
  const members = source.checkpoints.map((text) => {
    const checkpoint = findCheckpoint(workspace, text);
    return { checkpoint, run: workspace.runs.get(checkpoint.run) };
  });
  requireMembers(members);
  for (const { checkpoint } of members) await workspace.objects.verifyObject(checkpoint.weights);
  const files = members.map(({ checkpoint }) => workspace.objects.objectPath(checkpoint.weights));
  return writePackFile({ source: { kind: 'prompts', draft: await draftOf(workspace, members, request), files }, form, path });
}

async function exportImported(workspace: ReadableWorkspace, { path, form, title, licence, hubId }: PackExportRequest, text: string): Promise<PackExport> {
  if (title !== null || licence !== null || hubId !== null) {
    throw new Problem({
      code: 'pack-export-fixed', found: 'a title, licence or hub id for a pack that somebody else made', expected: 'none: it is given on byte for byte', action: 'Leave them out.',
    });
  }
  const row = workspace.packs.get(requirePackId(text));
  const hashes = row.prompts.flatMap(({ adapterConfig, adapterWeights }) => [adapterConfig, adapterWeights]);
  for (const hash of hashes) await workspace.objects.verifyObject(hash);
  const { entries } = JSON.parse(row.manifestText) as PackExport['manifest'];
  const files = hashes.map((hash, i) => ({ path: entries[i]?.path ?? '', file: workspace.objects.objectPath(hash) }));
  return writePackFile({ source: { kind: 'entries', manifestText: row.manifestText, entries: files }, form, path });
}

interface Member {
  checkpoint: Checkpoint;
  run: Run;
}

function requireMembers(members: readonly Member[]): void {
  const runs = members.map(({ run }) => run);
  requireSameModelAndTask(runs);
  requireSamePass(runs);
  const names = members.map(({ checkpoint }) => nameCheckpoint(checkpoint));
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw new Problem({ code: 'checkpoint-repeated', found: `${repeated} twice`, expected: 'different prompts', action: 'Name each prompt once.' });
}

async function draftOf(workspace: ReadableWorkspace, members: readonly Member[], { title, licence, hubId }: PackExportRequest): Promise<PackDraft> {
  const [first] = members;
  if (first === undefined) throw new Error('a pack without prompts');
  const { run } = first;
  const { settings, tokenizerSha256 } = readRunConfig(run);
  const base = await describeBase(getPresentModel(workspace, run.model), hubId);
  const values = findFormat(run.task).labels;
  const task = taskOfRun(run);
  const words = boundFormatOf(task).labels;
  return {
    format: 'souffleur-prompt-pack', version: 1, title: title ?? task.pvp?.version?.task ?? run.task, writtenBy: writtenBy(), licence,
    // The model's folder may hold another tokenizer by now, the name another model.
    base: { ...base, fingerprint: run.modelFingerprint, tokenizerSha256 },
    task: {
      format: run.task, labels: words?.map((word, i) => ({ value: task.labels?.[i]?.value ?? values?.[i] ?? word, word })) ?? null, pvp: task.pvp,
      maxSourceTokens: Number(settings['maxSourceTokens']), maxTargetTokens: Number(settings['maxTargetTokens']),
    },
    policy: { answers: 'greedy', stepChosenBy: String(settings['selectBy'] ?? 'score') },
    prompts: members.map((member) => describePrompt(workspace, member)),
  };
}

function describePrompt(workspace: ReadableWorkspace, { checkpoint, run }: Member): PackDraft['prompts'][number] {
  const { settings, sampling } = readRunConfig(run);
  // Paths of this machine say nothing elsewhere, and would make the bytes differ.
  const { initFile: _file, ...portable } = settings;
  const inputs = workspace.runInputs.list(run.id);
  const isBest = run.bestStep === checkpoint.step;
  const scores = { dev: readEvaluation(checkpoint.devMetrics), test: isBest ? readEvaluation(run.finalMetrics ?? {}, 'test/') : null };
  return {
    rows: Number(settings['promptLength']), step: checkpoint.step, seed: run.seed,
    method: { id: findMethod(run.method).id, settings: JSON.parse(JSON.stringify(portable)) as Record<string, never> },
    sampling,
    metrics: (['dev', 'test'] as const).flatMap((split) => {
      const input = inputs.find(({ role }) => role === split);
      const found: EvaluationScores | null = scores[split];
      return input === undefined || found === null ? [] : [{ split, sha256: input.sha256, rows: input.rowCount, ...found }];
    }),
  };
}
