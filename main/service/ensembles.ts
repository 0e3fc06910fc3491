/**
 * Several prompts of one model as an ensemble: their runs' answers to the same examples, joined by example id and voted on.
 * The table is the paper's (Lester et al. 2021, table 3): average, best and ensemble.
 */
import { resolve } from 'node:path';
import type { ExamplePrediction } from '../contract/prediction.ts';
import { Problem } from '../contract/problem.ts';
import type { EnsembleOutcome, Scores } from '../contract/study.ts';
import type { JobEvent } from '../contract/worker-protocol.ts';
import type { ObjectHash, RunId } from '../store/identifiers.ts';
import type { Run } from '../store/run-row.ts';
import type { ReadableWorkspace, Workspace } from '../store/workspace.ts';
import { hashData } from './data-files.ts';
import { requireSameModelAndTask, requireSameExamples, requireSamePass } from './ensemble-members.ts';
import { scoreVotes, summariseVotes, voteExamples, writeVotes, type MemberAnswers } from './ensemble-votes.ts';
import { evaluateRuns } from './evaluation.ts';
import { readEvaluation } from './evaluation-values.ts';
import { parsePredictions, readPredictions } from './predictions.ts';

export interface EnsembleMember {
  runId: RunId;
  seed: number;
  /** Mean of the task's metrics on dev; null for a run without a dev file. */
  devScore: number | null;
  /** On the examples that were voted on; by metric and `score`. */
  scores: Scores;
  legalRate: number;
}

export interface EnsembleReport {
  /** A task format's id. */
  task: string;
  /** A split of the runs, or the path of a file. */
  data: string;
  examples: number;
  /** In the order of the vote. */
  members: readonly EnsembleMember[];
  average: Scores;
  /** The member that dev chose; null where no member has a dev score. */
  bestByDev: { runId: RunId; scores: Scores } | null;
  /** The member that is best on these very examples, which is the paper's “best”: chosen after looking. */
  bestOnData: { runId: RunId; scores: Scores };
  ensemble: EnsembleOutcome;
  /** Share of votes that have a winner. */
  legalRate: number;
  /** JSON Lines, one vote a line: id, every member's answer, the winner, whether it was a tie and what broke it, abstentions, the right answer. */
  votes: string;
  votesObject: ObjectHash;
}

export interface VoteRequest {
  /** Two or more, in the order that is the last rule for a tie. */
  runs: readonly RunId[];
  split: 'dev' | 'test';
}

/**
 * Votes on what finished runs answered on one of their own splits; no model is run.
 * @throws {Problem} `ensemble-too-small`, `run-not-found`, `run-not-finished`, `runs-not-alike`, `examples-differ`, `predictions-missing`, `predictions-invalid`
 */
export async function voteOnSplit(workspace: Workspace, { runs: ids, split }: VoteRequest): Promise<EnsembleReport> {
  const runs = getMembers(workspace, ids);
  const data = requireSameExamples(workspace, runs, split);
  const answers: MemberAnswers[] = [];
  for (const run of runs) answers.push(membersAnswers(workspace, run, await readPredictions(workspace, run.id, split)));
  return decide(workspace, answers, { data: split, dataHash: data });
}

export interface DataVoteRequest {
  runs: readonly RunId[];
  /** In the runs' task format. */
  dataFile: string;
  onEvent?: (event: JobEvent) => void;
  signal?: AbortSignal;
  workerFile?: string;
}

/**
 * Lets the best prompts of finished runs answer a file in one pass over it, and votes.
 * @throws {Problem} as voteOnSplit but for the predictions; as evaluateRuns
 */
export async function voteOnData(workspace: Workspace, { runs: ids, ...request }: DataVoteRequest): Promise<EnsembleReport> {
  const runs = getMembers(workspace, ids);
  requireSamePass(runs);
  const dataHash = await hashData(resolve(request.dataFile));
  const reports = await evaluateRuns(workspace, { runs: ids, ...request });
  const answers = runs.map((run, i) => membersAnswers(workspace, run, parsePredictions(workspace, reports[i]?.predictionsObject as ObjectHash)));
  return decide(workspace, answers, { data: resolve(request.dataFile), dataHash });
}

/** @throws {Problem} `ensemble-too-small`, `run-not-found`, `run-not-finished`, `runs-not-alike` */
function getMembers(workspace: ReadableWorkspace, ids: readonly RunId[]): Run[] {
  const runs = [...new Set(ids)].map((id) => workspace.runs.get(id));
  if (runs.length < 2 || runs.length < ids.length) {
    throw new Problem({
      code: 'ensemble-too-small',
      found: runs.length < ids.length ? 'a run that is named twice' : `${runs.length} run`,
      expected: 'two or more different runs',
      action: 'Name the runs whose answers are to be voted on: souffleur ensemble vote r0001 r0002 r0003',
    });
  }
  const unfinished = runs.find(({ status }) => status !== 'finished');
  if (unfinished !== undefined) {
    throw new Problem({
      code: 'run-not-finished',
      found: `run ${unfinished.id}, which is ${unfinished.status}`,
      expected: 'finished runs: a vote of half-trained prompts would be mistaken for theirs',
      action: `Let it finish: souffleur tune --resume ${unfinished.id}`,
    });
  }
  requireSameModelAndTask(runs);
  return runs;
}

/** A run's answers with what the tie rule needs of it. */
export function membersAnswers(workspace: ReadableWorkspace, run: Run, predictions: readonly ExamplePrediction[]): MemberAnswers {
  const best = workspace.checkpoints.findBest(run.id);
  return { run, devScore: best === null ? null : (readEvaluation(best.devMetrics)?.score ?? null), predictions };
}

function decide(workspace: Workspace, answers: readonly MemberAnswers[], { data, dataHash }: { data: string; dataHash: ObjectHash }): EnsembleReport {
  const votes = voteExamples(answers);
  const object = workspace.objects.putObject(Buffer.from(writeVotes(votes, answers)));
  workspace.votes.record({ members: answers.map(({ run }) => run.id), data: dataHash, object });
  const { members, vote } = scoreVotes(votes, answers);
  const reported = members.map((scored, i) => describeMember(answers[i] as MemberAnswers, scored));
  const bestByDev = reported.filter(({ devScore }) => devScore !== null).reduce<EnsembleMember | null>(
    (best, member) => (best === null || (member.devScore ?? 0) > (best.devScore ?? 0) ? member : best), null);
  const bestOnData = reported.reduce((best, member) => ((member.scores['score'] ?? 0) > (best.scores['score'] ?? 0) ? member : best));
  return {
    task: answers[0]?.run.task ?? '',
    data,
    examples: votes.length,
    members: reported,
    average: averageOf(reported.map(({ scores }) => scores)),
    bestByDev: bestByDev === null ? null : { runId: bestByDev.runId, scores: bestByDev.scores },
    bestOnData: { runId: bestOnData.runId, scores: bestOnData.scores },
    ensemble: summariseVotes(votes, { members: answers.length, scores: vote.scores }),
    legalRate: vote.legalRate,
    votes: workspace.objects.objectPath(object),
    votesObject: object,
  };
}

function describeMember({ run, devScore }: MemberAnswers, { scores, legalRate }: { scores: Scores; legalRate: number }): EnsembleMember {
  return { runId: run.id, seed: run.seed, devScore, scores, legalRate };
}

function averageOf(all: readonly Scores[]): Scores {
  const [first = {}] = all;
  return Object.fromEntries(Object.keys(first).map((name) => [name, all.reduce((sum, scores) => sum + (scores[name] ?? 0), 0) / all.length]));
}
