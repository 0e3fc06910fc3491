/** Orders over a graph. */
import type { Node } from './op.ts';

/** @returns every node that `outputs` need, inputs before users (ids grow along edges, so sorting by id is an order). */
export function nodesOf(outputs: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
