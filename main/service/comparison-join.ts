/** Answers of several runs brought together by example id. Pure: the order of the files changes nothing. */
import { Problem } from '../contract/problem.ts';

export interface JoinSide<Row extends { readonly id: string }> {
  readonly run: string;
  readonly rows: readonly Row[];
  /** What the example is, apart from its id: two files may use one id for different examples. */
  contentOf(row: Row): string;
}

export interface Join {
  /** In every side, with the same content, in the order of compareIds. */
  readonly ids: readonly string[];
  /** Ids that some side lacks. */
  readonly missing: number;
  /** Ids that every side has, with different content. */
  readonly contradictory: number;
}

/** @param sides ids are unique within a side. */
export function joinSides<Row extends { readonly id: string }>(sides: readonly JoinSide<Row>[]): Join {
  const seen = new Map<string, { sides: number; content: string; isSame: boolean }>();
  for (const side of sides) {
    for (const row of side.rows) {
      const content = side.contentOf(row);
      const earlier = seen.get(row.id);
      if (earlier === undefined) seen.set(row.id, { sides: 1, content, isSame: true });
      else seen.set(row.id, { sides: earlier.sides + 1, content, isSame: earlier.isSame && earlier.content === content });
    }
  }
  const everywhere = [...seen].filter(([, found]) => found.sides === sides.length);
  const ids = everywhere.filter(([, { isSame }]) => isSame).map(([id]) => id).toSorted(compareIds);
  return { ids, missing: seen.size - everywhere.length, contradictory: everywhere.length - ids.length };
}

/**
 * @param scope whether examples that are not common to all may be left out.
 * @throws {Problem} `examples-differ`, `no-common-examples`
 */
export function requireJoin(join: Join, sides: readonly { readonly run: string; readonly rows: readonly unknown[] }[], scope: 'all' | 'common'): void {
  const counts = sides.map(({ run, rows }) => `${run} with ${rows.length}`).join(', ');
  const contradiction = join.contradictory === 0 ? '' : `, and ${join.contradictory} more ids that stand for different examples`;
  if (join.ids.length === 0) {
    throw new Problem({
      code: 'no-common-examples',
      found: `${counts} examples, none in common${contradiction}`,
      expected: 'runs that answered the same examples',
      action: 'Compare runs over one file; souffleur eval --run RUN --data FILE answers another one.',
    });
  }
  if (scope === 'common' || join.missing + join.contradictory === 0) return;
  throw new Problem({
    code: 'examples-differ',
    found: `${counts} examples, ${join.ids.length} in common${contradiction}`,
    expected: 'the same examples in every run',
    action: `Compare runs over one file, or add --common to compare them on the ${join.ids.length} they share.`,
  });
}

/** `row-2` before `row-10`, `3/1` before `12/0`: runs of digits by their value, everything else by code unit. A total order. */
export function compareIds(left: string, right: string): number {
  const [leftParts, rightParts] = [splitId(left), splitId(right)];
  for (const [index, part] of leftParts.entries()) {
    const other = rightParts[index];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return leftParts.length - rightParts.length || compareTexts(left, right);
}

function splitId(id: string): string[] {
  return id.match(/\d+|\D+/g) ?? [];
}

function compareParts(left: string, right: string): number {
  if (!/^\d/.test(left) || !/^\d/.test(right)) return compareTexts(left, right);
  const [leftDigits, rightDigits] = [left.replace(/^0+(?=\d)/, ''), right.replace(/^0+(?=\d)/, '')];
  return leftDigits.length - rightDigits.length || compareTexts(leftDigits, rightDigits);
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
