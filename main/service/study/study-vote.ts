/** The vote of a cell's prompts, from what its runs answered; nothing is written. */
import type { EnsembleOutcome } from '../../contract/study.ts';
import { findMethod } from '../../method/index.ts';
import type { Run } from '../../store/run-row.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { scoreVotes, summariseVotes, voteExamples, type ExampleVote, type MemberAnswers } from '../ensemble-votes.ts';
import { membersAnswers } from '../ensembles.ts';
import { readPredictions } from '../predictions.ts';

export interface CellVote {
  members: readonly MemberAnswers[];
  votes: readonly ExampleVote[];
}

/**
 * @param runs finished, in the order of their seeds, over the same file.
 * @returns null for a single run or a method without prompts.
 * @throws {Problem} as readPredictions and voteExamples
 */
export async function voteInCell(workspace: ReadableWorkspace, runs: readonly Run[], split: 'dev' | 'test'): Promise<CellVote | null> {
  if (runs.length < 2 || runs.some(({ method }) => findMethod(method).trains !== 'prompt')) return null;
  const members: MemberAnswers[] = [];
  for (const run of runs) members.push(membersAnswers(workspace, run, await readPredictions(workspace, run.id, split)));
  return { members, votes: voteExamples(members) };
}

/** @throws {Problem} as scoreVotes */
export function summariseVote({ members, votes }: CellVote): EnsembleOutcome {
  return summariseVotes(votes, { members: members.length, scores: scoreVotes(votes, members).vote.scores });
}
