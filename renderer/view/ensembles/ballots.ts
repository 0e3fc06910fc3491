/** One vote as marks: who stood where. Pure. */
import type { ShownVote } from '../../../main/contract/api/ensembles.ts';
import type { Ballot } from '../../ui/chart/vote-strip.svelte';

/** @param title of a member, by run id */
export function ballotsOf({ answers, winner, abstained }: ShownVote, members: readonly string[], title: (run: string) => string): Ballot[] {
  return members.map((id) => {
    const answer = answers[id] ?? '';
    const stand = abstained.includes(id) ? 'abstains' : winner !== null && sameAnswer(answer, winner) ? 'agrees' : 'dissents';
    return { id, title: title(id), answer, stand };
  });
}

/** As votes are counted: white space, case, articles and signs of an open answer are its spelling, not its answer. */
function sameAnswer(a: string, b: string): boolean {
  return normalise(a) === normalise(b);
}

function normalise(text: string): string {
  const bare = text.toLowerCase().replaceAll(/[!-/:-@[-`{-~]/g, '').replaceAll(/\b(a|an|the)\b/g, ' ').split(/\s+/).filter((word) => word !== '').join(' ');
  return bare === '' ? text.trim() : bare;
}
