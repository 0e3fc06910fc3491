/** Votes that were kept, as lists and page by page. */
import { voteRowSchema, type ShownVote, type VoteRow } from '../contract/api/ensembles.ts';
import { Problem } from '../contract/problem.ts';
import { answerClass } from '../task/metric/metric.ts';
import { boundFormatOf, taskOfRun } from './run-task.ts';
import type { ObjectHash, RunId } from '../store/identifiers.ts';
import type { Split } from '../store/run-inputs-table.ts';
import type { ReadableWorkspace } from '../store/workspace.ts';

export interface VoteListing {
  members: RunId[];
  task: string;
  dataSha256: ObjectHash;
  split: Split | null;
  votesObject: ObjectHash;
  createdAt: string;
}

/** Every vote, the latest first; members whose run was deleted for good are left out of the names. */
export function listVotes(workspace: ReadableWorkspace): VoteListing[] {
  return workspace.votes.listAll().map(({ members, data, object, createdAtMs }) => {
    const runs = members.map((id) => workspace.runs.find(id)).filter((run) => run !== null);
    const inputs = runs.flatMap(({ id }) => workspace.runInputs.list(id));
    return {
      members: [...members],
      task: runs[0]?.task ?? 'unknown',
      dataSha256: data,
      split: inputs.find(({ sha256, role }) => sha256 === data && role !== 'train')?.role ?? inputs.find(({ sha256 }) => sha256 === data)?.role ?? null,
      votesObject: object,
      createdAt: new Date(createdAtMs).toISOString(),
    };
  });
}

export interface VotePageRequest {
  votesObject: string;
  which: 'all' | 'divided' | 'ties' | 'abstentions' | 'wrong';
  text: string;
  offset: number;
  limit: number;
}

/** In the order of the file. @throws {Problem} `vote-not-found`, `votes-invalid`, `object-missing`, `object-corrupt` */
export function pageVotes(workspace: ReadableWorkspace, { votesObject, which, text, offset, limit }: VotePageRequest): { total: number; rows: ShownVote[] } {
  // A client names an object only as the votes that it is: nothing else in the workspace is readable this way.
  const vote = workspace.votes.listAll().find(({ object }) => object === votesObject);
  if (vote === undefined) {
    throw new Problem({
      code: 'vote-not-found', found: `no votes ${JSON.stringify(votesObject.slice(0, 80))}`, expected: 'votes that were kept', action: 'List the votes, or vote again.',
    });
  }
  const wanted = text.trim().toLocaleLowerCase('en');
  const rows = readVotes(workspace, vote.object).filter((row) => isOfKind(row, which) && (wanted === '' || textsOf(row).some((each) => each.toLocaleLowerCase('en').includes(wanted))));
  const labels = labelsOf(workspace, vote.members);
  return { total: rows.length, rows: rows.slice(offset, offset + limit).map((row) => ({ ...row, abstained: abstainersOf(row, labels) })) };
}

/** In the words of the first member, which every answer of a vote is in. @returns null for open answers, or where no member is left */
function labelsOf(workspace: ReadableWorkspace, members: readonly RunId[]): readonly string[] | null {
  const run = members.map((id) => workspace.runs.find(id)).find((found) => found !== null);
  return run === undefined ? null : boundFormatOf(taskOfRun(run)).labels;
}

function abstainersOf({ answers }: VoteRow, labels: readonly string[] | null): string[] {
  return Object.entries(answers).filter(([, answer]) => (labels === null ? answer.trim() === '' : answerClass(answer, labels) === -1)).map(([run]) => run);
}

function isOfKind({ answers, winner, wasTie, abstentions, target }: VoteRow, which: VotePageRequest['which']): boolean {
  switch (which) {
    case 'all': return true;
    case 'divided': return new Set(Object.values(answers)).size > 1;
    case 'ties': return wasTie;
    case 'abstentions': return abstentions > 0;
    case 'wrong': return target !== null && winner !== target;
    default: return which satisfies never;
  }
}

function textsOf({ id, answers, target }: VoteRow): string[] {
  return [id, target ?? '', ...Object.values(answers)];
}

function readVotes(workspace: ReadableWorkspace, object: ObjectHash): VoteRow[] {
  const lines = workspace.objects.readObject(object).toString('utf8').split('\n').filter((line) => line !== '');
  return lines.map((line, index) => {
    const parsed = voteRowSchema.safeParse(parseJson(line));
    if (parsed.success) return parsed.data;
    throw new Problem({
      code: 'votes-invalid', kind: 'failure', found: `a line whose ${parsed.error.issues[0]?.path.join('.') || 'content'} cannot be read`, expected: 'votes as Souffleur writes them',
      action: 'Vote again: souffleur ensemble vote', place: { file: workspace.objects.objectPath(object), line: index + 1 },
    });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
