/**
 * Whether a run that was made again came out the same. Equal files are `identical`. Numbers that differ are `within-tolerance` up to these
 * bounds, which hold what another order of float32 additions does to a run that ends at the same answers:
 * weights and log-probabilities 1e-3 of the largest among them, losses 1e-3 of the loss, scores half a point of 100; every answer the same.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ReproductionReport } from '../contract/api/reproductions.ts';
import { Problem } from '../contract/problem.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';
import { readEvaluation, type EvaluationScores } from './evaluation-values.ts';
import { findKeptCheckpoint, parsePredictions, type StoredPrediction } from './predictions.ts';
import { readRunConfig } from './run-config.ts';
import { measureDifference } from './tensor-difference.ts';

type Finding = ReproductionReport['findings'][number];
type Verdict = Finding['verdict'];
type Circumstance = ReproductionReport['circumstances'][number];

interface Pair {
  original: Run;
  reproduction: Run;
}

const relativeTolerance = 1e-3;
const scoreTolerance = 0.005;

/** @throws {Problem} `not-a-reproduction` for runs of different settings, `object-missing`, `object-corrupt`, `predictions-invalid` */
export async function compareReproduction(workspace: ReadableWorkspace, pair: Pair): Promise<ReproductionReport> {
  requireSameQuestion(pair);
  const findings = [
    await compareWeights(workspace, pair),
    compareBestSteps(pair),
    ...(['dev', 'test'] as const).flatMap((split) => compareAnswers(workspace, pair, split) ?? []),
    ...compareAllScores(workspace, pair),
    compareLosses(workspace, pair),
  ].filter((finding) => finding !== null);
  const verdict = worstOf(findings.map((finding) => finding.verdict));
  const circumstances = compareCircumstances(workspace, pair);
  return {
    original: pair.original.id,
    reproduction: pair.reproduction.id,
    verdict,
    findings,
    circumstances,
    sentence: describe(pair, { verdict, findings, circumstances }),
  };
}

function requireSameQuestion({ original, reproduction }: Pair): void {
  const { runtime: _own, ...wanted } = readRunConfig(original);
  const { runtime: _other, ...found } = readRunConfig(reproduction);
  const parts = {
    method: [original.method, reproduction.method], task: [original.task, reproduction.task], seed: [original.seed, reproduction.seed], settings: [wanted, found],
  };
  const differing = Object.entries(parts).find(([, [one, other]]) => !isDeepStrictEqual(one, other));
  if (differing === undefined) return;
  throw new Problem({
    code: 'not-a-reproduction',
    found: `runs ${original.id} and ${reproduction.id}, which differ in their ${differing[0]}`,
    expected: 'two runs of the same method, task, settings and seed',
    action: `Make one: souffleur runs reproduce ${original.id}`,
  });
}

async function compareWeights(workspace: ReadableWorkspace, { original, reproduction }: Pair): Promise<Finding | null> {
  const [one, other] = [original, reproduction].map(({ id }) => findKeptCheckpoint(workspace, id)?.weights ?? null);
  if (one === undefined || other === undefined || (one === null && other === null)) return null;
  if (one === other) return { what: 'weights', verdict: 'identical', largestDifference: 0, detail: `the same bytes (${one?.slice(0, 12)})` };
  const found = one === null || other === null ? null : await measureDifference(workspace.objects.objectPath(one), workspace.objects.objectPath(other));
  if (found === null) return { what: 'weights', verdict: 'different', largestDifference: null, detail: 'tensors of other names or shapes' };
  return {
    what: 'weights',
    verdict: verdictOf(found.largestDifference, relativeTolerance * found.largestValue),
    largestDifference: found.largestDifference,
    detail: `numbers up to ${numberText(found.largestValue)} that differ by at most ${numberText(found.largestDifference)}`,
  };
}

function compareBestSteps({ original, reproduction }: Pair): Finding | null {
  const [one, other] = [original.bestStep, reproduction.bestStep];
  if (one === null && other === null) return null;
  return one === other
    ? { what: 'best-step', verdict: 'identical', largestDifference: 0, detail: `step ${one}` }
    : { what: 'best-step', verdict: 'different', largestDifference: one === null || other === null ? null : Math.abs(one - other), detail: `step ${one ?? 'none'} and step ${other ?? 'none'}` };
}

function compareAnswers(workspace: ReadableWorkspace, { original, reproduction }: Pair, split: 'dev' | 'test'): Finding | null {
  const [one, other] = [original, reproduction].map(({ id }) => {
    const checkpoint = findKeptCheckpoint(workspace, id);
    return checkpoint === null ? null : (workspace.predictions.find({ run: id, step: checkpoint.step, split })?.object ?? null);
  });
  const what = `${split}-answers` as const;
  if (one === undefined || other === undefined || (one === null && other === null)) return null;
  if (one === null || other === null) return { what, verdict: 'different', largestDifference: null, detail: `only one of the runs answered the ${split} file` };
  if (one === other) return { what, verdict: 'identical', largestDifference: 0, detail: 'the same bytes' };
  const known = new Map(parsePredictions(workspace, other).map((row) => [row.id, row]));
  const rows = parsePredictions(workspace, one).map((row) => [row, known.get(row.id)] as const);
  const same = rows.filter(([row, twin]) => twin?.answer === row.answer).length;
  const largest = Math.max(0, ...rows.map(([row, twin]) => differenceOfProbabilities(row, twin)));
  const scale = Math.max(1, ...rows.map(([{ logProbabilities }]) => Math.max(0, ...(logProbabilities ?? []).filter(Number.isFinite).map(Math.abs))));
  const isSame = same === rows.length && known.size === rows.length;
  return {
    what,
    verdict: isSame ? verdictOf(largest, relativeTolerance * scale) : 'different',
    largestDifference: Number.isFinite(largest) ? largest : null,
    detail: `${same} of ${rows.length} answers the same; log-probabilities differ by at most ${numberText(largest)}`,
  };
}

/** In nats; infinity where only one has numbers. */
function differenceOfProbabilities(one: StoredPrediction, other: StoredPrediction | undefined): number {
  const [a, b] = [one.logProbabilities, other?.logProbabilities ?? null];
  if (a === null && b === null) return 0;
  if (a === null || b === null || a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Math.max(0, ...a.map((value, index) => distance(value, b[index])));
}

function compareAllScores(workspace: ReadableWorkspace, { original, reproduction }: Pair): Finding[] {
  const [dev, otherDev] = [original, reproduction].map(({ id }) => readEvaluation(workspace.checkpoints.findBest(id)?.devMetrics ?? {}));
  const [test, otherTest] = [original, reproduction].map(({ finalMetrics }) => readEvaluation(finalMetrics ?? {}, 'test/'));
  return [compareScores('dev-scores', dev ?? null, otherDev ?? null), compareScores('test-scores', test ?? null, otherTest ?? null)].filter((finding) => finding !== null);
}

function compareScores(what: 'dev-scores' | 'test-scores', one: EvaluationScores | null, other: EvaluationScores | null): Finding | null {
  if (one === null && other === null) return null;
  if (one === null || other === null) return { what, verdict: 'different', largestDifference: null, detail: 'only one of the runs has scores' };
  const names = [...new Set([...Object.keys(one.scores), ...Object.keys(other.scores)])];
  const largest = Math.max(...names.map((name) => distance(one.scores[name], other.scores[name])), distance(one.score, other.score));
  const told = names.map((name) => `${name} ${numberText(one.scores[name])} and ${numberText(other.scores[name])}`).join(', ');
  return { what, verdict: verdictOf(largest, scoreTolerance), largestDifference: Number.isFinite(largest) ? largest : null, detail: told };
}

function compareLosses(workspace: ReadableWorkspace, { original, reproduction }: Pair): Finding | null {
  const [one, other] = [original, reproduction].map(({ id }) => workspace.metrics.readCurve(id, 'train/loss'));
  if (one === undefined || other === undefined || (one.length === 0 && other.length === 0)) return null;
  let largest = one.length === other.length ? 0 : Number.POSITIVE_INFINITY;
  let largestShare = largest;
  for (const [index, { value }] of one.entries()) {
    const difference = distance(value, other[index]?.value);
    largest = Math.max(largest, difference);
    largestShare = Math.max(largestShare, difference === 0 ? 0 : difference / Math.max(Math.abs(value), 1e-6));
  }
  return {
    what: 'losses',
    verdict: verdictOf(largestShare, relativeTolerance),
    largestDifference: Number.isFinite(largest) ? largest : null,
    detail: `${one.length} and ${other.length} training losses, at most ${numberText(largest)} apart`,
  };
}

/** What may explain a difference, and what may not be said to be the same though the results are. */
function compareCircumstances(workspace: ReadableWorkspace, { original, reproduction }: Pair): Circumstance[] {
  const circumstancesOf = (run: Run): Record<string, string> => ({
    ...run.versions,
    threads: String(readRunConfig(run).runtime.threads),
    provider: readRunConfig(run).runtime.provider,
    device: run.device?.replace(/, \d+ threads/, '') ?? 'unknown',
    model: run.modelFingerprint,
    together: run.group === null ? 'alone' : 'in a group',
    ...Object.fromEntries(workspace.runInputs.list(run.id).map(({ role, sha256 }) => [`${role} file`, sha256])),
  });
  const [before, after] = [circumstancesOf(original), circumstancesOf(reproduction)];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((what) => before[what] !== after[what])
    .map((what) => ({ what, original: before[what] ?? 'not recorded', reproduction: after[what] ?? 'not recorded' }));
}

function describe({ original, reproduction }: Pair, { verdict, findings, circumstances }: Pick<ReproductionReport, 'verdict' | 'findings' | 'circumstances'>): string {
  const differing = circumstances.length === 0 ? 'the same circumstances' : `other ${circumstances.map(({ what }) => what).join(', ')}`;
  const names = (wanted: Verdict): string => findings.filter((finding) => finding.verdict === wanted).map(({ what }) => what.replace('-', ' ')).join(', ');
  switch (verdict) {
    case 'identical': return `Run ${reproduction.id} is run ${original.id} again, bit for bit, under ${differing}.`;
    case 'within-tolerance': return `Run ${reproduction.id} came out as run ${original.id} within tolerance (not the same bits: ${names('within-tolerance')}), under ${differing}.`;
    case 'different': return `Run ${reproduction.id} came out differently from run ${original.id} (${names('different')}), under ${differing}.`;
    default: return verdict satisfies never;
  }
}

function verdictOf(difference: number, tolerance: number): Verdict {
  if (difference === 0) return 'identical';
  return difference <= tolerance ? 'within-tolerance' : 'different';
}

function worstOf(verdicts: readonly Verdict[]): Verdict {
  return (['different', 'within-tolerance'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'identical';
}

/** 0 for two that are both missing or both no number (a diverged run diverges again); infinity where only one is. */
function distance(one: number | null | undefined, other: number | null | undefined): number {
  const [a, b] = [one ?? Number.NaN, other ?? Number.NaN];
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
  return a === b ? 0 : Math.abs(a - b);
}

function numberText(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? 'no number' : String(Number(value.toPrecision(3)));
}
