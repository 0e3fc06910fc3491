/**
 * A majority vote on decoded answers (Lester et al. 2021 §6). The paper leaves ties and illegal answers open; here an answer that is no
 * label abstains, and of equally many votes the first of these decides: the sum of the label's log-probabilities over all members, the
 * member with the best dev score, the member that comes first.
 */
import { normalizeSpan } from './metric/span.ts';

/** What one member said of an example. */
export interface Ballot {
  /** Decoded. */
  readonly answer: string;
  /** Class id, −1 for an answer that is no label; null for open answers. */
  readonly answeredLabel: number | null;
  /** log p(label | input) in class-id order; null for open answers. */
  readonly logProbabilities: readonly (number | null)[] | null;
}

export interface Voter {
  /** Score on dev; null where there was none: behind every other. */
  readonly devScore: number | null;
}

export type TieRule = 'log-probability' | 'dev-score' | 'order';

export interface VoteResult {
  /** As one of its voters wrote it; null when all abstained. */
  readonly answer: string | null;
  /** Class id; null for open answers and when all abstained. */
  readonly label: number | null;
  /** Of the winner. */
  readonly votes: number;
  readonly wasTie: boolean;
  /** What broke the tie; null where there was none. */
  readonly decidedBy: TieRule | null;
  /** Members whose answer is no label, or empty where answers are open. */
  readonly abstentions: number;
}

/** @param ballots one a voter, in their order. */
export function voteOn(ballots: readonly Ballot[], voters: readonly Voter[]): VoteResult {
  const supporters = new Map<string, number[]>();
  for (const [voter, ballot] of ballots.entries()) {
    const choice = choiceOf(ballot);
    if (choice !== null) supporters.set(choice, [...(supporters.get(choice) ?? []), voter]);
  }
  const cast = [...supporters.values()];
  const abstentions = ballots.length - cast.reduce((total, group) => total + group.length, 0);
  const most = Math.max(0, ...cast.map((group) => group.length));
  const leaders = cast.filter((group) => group.length === most);
  if (leaders.length === 0) return { answer: null, label: null, votes: 0, wasTie: false, decidedBy: null, abstentions };
  const { winner, decidedBy } = breakTie(leaders, ballots, voters);
  const speaker = ballots[bestVoter(winner, voters)];
  return { answer: speaker?.answer ?? null, label: speaker?.answeredLabel ?? null, votes: most, wasTie: leaders.length > 1, decidedBy, abstentions };
}

/** What is counted as the same answer; null for an abstention. Open answers are the same when SQuAD's normalised texts are. */
function choiceOf({ answer, answeredLabel }: Ballot): string | null {
  if (answeredLabel !== null) return answeredLabel === -1 ? null : String(answeredLabel);
  if (answer.trim() === '') return null;
  // An answer of articles and punctuation alone is an answer all the same.
  return normalizeSpan(answer) || answer.trim();
}

/** @param leaders supporters of each answer with the most votes. */
function breakTie(leaders: readonly (readonly number[])[], ballots: readonly Ballot[], voters: readonly Voter[]): { winner: readonly number[]; decidedBy: TieRule | null } {
  if (leaders.length === 1) return { winner: leaders[0] ?? [], decidedBy: null };
  const likely = leadersBy(leaders, (group) => sumOfLogProbabilities(group, ballots));
  if (likely.length === 1) return { winner: likely[0] ?? [], decidedBy: 'log-probability' };
  const best = leadersBy(likely, (group) => Math.max(...group.map((voter) => devScoreOf(voters, voter))));
  if (best.length === 1) return { winner: best[0] ?? [], decidedBy: 'dev-score' };
  return { winner: leadersBy(best, (group) => -bestVoter(group, voters))[0] ?? [], decidedBy: 'order' };
}

function leadersBy<Item>(items: readonly Item[], valueOf: (item: Item) => number): Item[] {
  const values = items.map(valueOf);
  const most = Math.max(...values);
  return items.filter((_, i) => values[i] === most);
}

/** Over all members, also those that said something else. In order of size, so that the order of the members cannot show in the last bit. */
function sumOfLogProbabilities(group: readonly number[], ballots: readonly Ballot[]): number {
  const label = ballots[group[0] ?? -1]?.answeredLabel ?? null;
  if (label === null || ballots.some(({ logProbabilities }) => logProbabilities === null)) return 0;
  // JSON writes −∞ as null.
  const terms = ballots.map(({ logProbabilities }) => logProbabilities?.[label] ?? Number.NEGATIVE_INFINITY);
  return terms.toSorted((a, b) => a - b).reduce((sum, term) => sum + term, 0);
}

function devScoreOf(voters: readonly Voter[], voter: number): number {
  return voters[voter]?.devScore ?? Number.NEGATIVE_INFINITY;
}

/** The one with the best dev score, the first of equals. */
function bestVoter(group: readonly number[], voters: readonly Voter[]): number {
  return group.reduce((best, voter) => (devScoreOf(voters, voter) > devScoreOf(voters, best) ? voter : best));
}
