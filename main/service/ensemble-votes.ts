/** Members' answers joined by example, voted on and scored: no effect, no workspace. */
import type { ExamplePrediction } from '../contract/prediction.ts';
import { Problem } from '../contract/problem.ts';
import type { EnsembleOutcome, Scores } from '../contract/study.ts';
import type { Run } from '../store/run-row.ts';
import type { TaskExample } from '../task/format.ts';
import { computeMetrics } from '../task/metric/metric.ts';
import { voteOn, type VoteResult } from '../task/vote.ts';
import { translateAnswers } from './answer-words.ts';
import { boundFormatOf, taskOfRun, wordsOf } from './run-task.ts';

export interface MemberAnswers {
  readonly run: Run;
  readonly devScore: number | null;
  readonly predictions: readonly ExamplePrediction[];
}

export interface ExampleVote {
  /** The first member's prediction: what all share, and its own answer. */
  readonly example: ExamplePrediction;
  /** In the order of the members. */
  readonly answers: readonly ExamplePrediction[];
  readonly result: VoteResult;
}

/**
 * In the order of the first member's file, and in its words.
 * @throws {Problem} `examples-differ`, naming two runs and the example
 */
export function voteExamples(spoken: readonly MemberAnswers[]): ExampleVote[] {
  const to = spoken[0] === undefined ? null : wordsOf(spoken[0].run);
  const members = spoken.map((member) => ({ ...member, predictions: translateAnswers(member.predictions, { from: wordsOf(member.run), to }) }));
  const [first, ...others] = members;
  if (first === undefined) return [];
  const byId = members.map(({ predictions }) => new Map(predictions.map((prediction) => [prediction.id, prediction])));
  for (const [i, { run, predictions }] of others.entries()) {
    const known = byId[i + 1];
    const missing = first.predictions.find(({ id, target }) => known?.get(id)?.target !== target)?.id;
    const more = missing ?? predictions.find(({ id }) => byId[0]?.has(id) !== true)?.id;
    if (more !== undefined) throw examplesDiffer(first.run, run, more);
  }
  return first.predictions.map((example) => {
    const answers = byId.map((known) => known.get(example.id) as ExamplePrediction);
    return { example, answers, result: voteOn(answers, members) };
  });
}

interface ScoredAnswers {
  /** By metric and `score`. */
  readonly scores: Scores;
  readonly legalRate: number;
}

/** @throws {Problem} `predictions-outdated`, `nothing-to-score` */
export function scoreVotes(votes: readonly ExampleVote[], members: readonly MemberAnswers[]): { members: ScoredAnswers[]; vote: ScoredAnswers } {
  const run = members[0]?.run;
  if (run === undefined) throw new Error('a vote without members');
  const { metrics, labels: words } = boundFormatOf(taskOfRun(run));
  const examples = votes.map(({ example }) => exampleOf(example, { run, isOpen: words === null }));
  const score = (answerOf: (vote: ExampleVote) => string): ScoredAnswers => {
    const report = computeMetrics({ labels: words, metrics }, votes.map((vote, i) => ({ example: examples[i] as TaskExample, answer: answerOf(vote) })));
    return { scores: { ...report.scores, score: report.score }, legalRate: report.legalRate };
  };
  return {
    members: members.map((_, member) => score(({ answers }) => answers[member]?.answer ?? '')),
    // An empty text is no label of any task: a vote without a winner counts as wrong and as illegal.
    vote: score(({ result }) => result.answer ?? ''),
  };
}

/** @param scores of the vote. */
export function summariseVotes(votes: readonly ExampleVote[], { members, scores }: { members: number; scores: Scores }): EnsembleOutcome {
  return {
    members,
    scores,
    ties: votes.filter(({ result }) => result.wasTie).length,
    abstentions: votes.reduce((total, { result }) => total + result.abstentions, 0),
  };
}

/** @returns JSON Lines. */
export function writeVotes(votes: readonly ExampleVote[], members: readonly MemberAnswers[]): string {
  return votes.map(({ example, answers, result }) => `${JSON.stringify({
    id: example.id,
    group: example.group,
    answers: Object.fromEntries(members.map(({ run }, i) => [run.id, answers[i]?.answer ?? ''])),
    winner: result.answer,
    label: result.label,
    votes: result.votes,
    wasTie: result.wasTie,
    decidedBy: result.decidedBy,
    abstentions: result.abstentions,
    target: example.target,
  })}\n`).join('');
}

/** What metrics look at. */
function exampleOf({ id, group, target, label, answers }: ExamplePrediction, { run, isOpen }: { run: Run; isOpen: boolean }): TaskExample {
  if (isOpen && target !== null && answers.length === 0) {
    throw new Problem({
      code: 'predictions-outdated',
      found: `answers of run ${run.id} that do not say which answers are accepted`,
      expected: 'predictions of this version',
      action: `Evaluate the run again: souffleur eval --run ${run.id} --data FILE`,
    });
  }
  return { id, input: '', target, label, group, answers, line: 0 };
}

function examplesDiffer(first: Run, second: Run, id: string): Problem {
  return new Problem({
    code: 'examples-differ',
    found: `example ${id}, which runs ${first.id} and ${second.id} do not both have with the same answer`,
    expected: 'runs that answered the same examples',
    action: 'Let them answer one file: souffleur ensemble run RUN RUN --data FILE',
  });
}
