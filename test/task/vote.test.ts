import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { voteOn, type Ballot, type Voter } from '../../main/task/vote.ts';

const labels = ['no', 'yes', 'maybe'];
/** A ballot for a class; −1 is an answer that is no label. */
const ballot = (label: number, logProbabilities: readonly number[] = [-1, -1, -1]): Ballot =>
  ({ answer: label === -1 ? 'perhaps' : labels[label] ?? '', answeredLabel: label, logProbabilities });
const open = (answer: string): Ballot => ({ answer, answeredLabel: null, logProbabilities: null });
const equals = (count: number): Voter[] => Array.from({ length: count }, () => ({ devScore: 0.5 }));

describe('a vote', () => {
  const table: [string, readonly Ballot[], readonly Voter[], Partial<ReturnType<typeof voteOn>>][] = [
    ['goes to the most votes', [ballot(1), ballot(0), ballot(1)], equals(3), { answer: 'yes', label: 1, votes: 2, wasTie: false, decidedBy: null, abstentions: 0 }],
    ['does not need half of them', [ballot(1), ballot(0), ballot(1), ballot(2), ballot(-1)], equals(5), { label: 1, votes: 2, wasTie: false, abstentions: 1 }],
    ['ignores answers that are no label, and counts them', [ballot(-1), ballot(-1), ballot(2)], equals(3), { answer: 'maybe', label: 2, votes: 1, abstentions: 2 }],
    ['has no winner when all abstain', [ballot(-1), ballot(-1)], equals(2), { answer: null, label: null, votes: 0, wasTie: false, decidedBy: null, abstentions: 2 }],
    ['of two equals goes by the sum of log-probabilities over all members', [ballot(0, [-0.5, -0.9, -3]), ballot(1, [-2, -0.1, -3])], equals(2), { label: 1, wasTie: true, decidedBy: 'log-probability' }],
    ['counts the log-probabilities of members that abstain', [ballot(0, [-0.1, -2, -3]), ballot(1, [-2, -0.2, -3]), ballot(-1, [-5, -0.1, -3])], equals(3), { label: 1, wasTie: true, decidedBy: 'log-probability', abstentions: 1 }],
    ['with equal sums goes to the member that was best on dev', [ballot(0), ballot(1)], [{ devScore: 0.6 }, { devScore: 0.7 }], { label: 1, wasTie: true, decidedBy: 'dev-score' }],
    ['puts a member without a dev score behind', [ballot(0), ballot(1)], [{ devScore: null }, { devScore: 0 }], { label: 1, decidedBy: 'dev-score' }],
    ['with nothing else goes to the first member', [ballot(2), ballot(1)], equals(2), { label: 2, wasTie: true, decidedBy: 'order' }],
    ['looks only at the leaders', [ballot(2, [-9, -9, -0.1]), ballot(0), ballot(0), ballot(1), ballot(1)], [{ devScore: 1 }, ...equals(4)], { label: 0, wasTie: true, decidedBy: 'order' }],
    ['takes open answers with the same words for the same', [open('the Lisboa.'), open('Porto'), open('lisboa')], [{ devScore: 0.1 }, { devScore: 0.9 }, { devScore: 0.2 }], { answer: 'lisboa', label: null, votes: 2, wasTie: false }],
    ['takes an empty open answer for an abstention, one of an article alone not', [open(' '), open('The')], equals(2), { answer: 'The', votes: 1, abstentions: 1 }],
    ['between open answers goes by dev score', [open('a cat'), open('dog')], [{ devScore: 0.1 }, { devScore: 0.2 }], { answer: 'dog', wasTie: true, decidedBy: 'dev-score' }],
  ];
  it.each(table)('%s', (_what, ballots, voters, expected) => {
    expect(voteOn(ballots, voters)).toMatchObject(expected);
  });

  const member = fc.record({
    label: fc.integer({ min: -1, max: 2 }),
    logProbabilities: fc.tuple(...labels.map(() => fc.constantFrom(-0.1, -0.7, -2.3, -0.30000000000000004))),
    devScore: fc.option(fc.constantFrom(0, 0.5, 0.75)),
  });

  it('does not depend on the order of its members, but where the order is what decides', () => {
    fc.assert(fc.property(fc.array(member, { minLength: 1, maxLength: 7 }), fc.infiniteStream(fc.nat()), (members, keys) => {
      const vote = (list: typeof members) => voteOn(list.map(({ label, logProbabilities }) => ballot(label, logProbabilities)), list.map(({ devScore }) => ({ devScore })));
      const shuffled = members.map((each) => ({ each, key: keys.next().value ?? 0 })).toSorted((a, b) => a.key - b.key).map(({ each }) => each);
      const [first, second] = [vote(members), vote(shuffled)];
      if (first.decidedBy === 'order') expect(second).toMatchObject({ votes: first.votes, wasTie: true, decidedBy: 'order', abstentions: first.abstentions });
      else expect(second).toEqual(first);
    }));
  });

  it('that is unanimous wins, whatever the scores and probabilities, and the winner always has the most votes', () => {
    fc.assert(fc.property(fc.array(member, { minLength: 1, maxLength: 7 }), fc.integer({ min: 0, max: 2 }), (members, label) => {
      const voters = members.map(({ devScore }) => ({ devScore }));
      expect(voteOn(members.map(({ logProbabilities }) => ballot(label, logProbabilities)), voters)).toMatchObject({ label, votes: members.length, wasTie: false, abstentions: 0 });
      const result = voteOn(members.map((each) => ballot(each.label, each.logProbabilities)), voters);
      const counts = labels.map((_, id) => members.filter((each) => each.label === id).length);
      expect(result.votes).toBe(Math.max(...counts));
      expect(result.wasTie).toBe(result.votes > 0 && counts.filter((count) => count === result.votes).length > 1);
      expect(result.label === null ? 0 : counts[result.label]).toBe(result.votes);
    }));
  });
});
