/** Matrix operations of a graph: what a machine's matrix rate is compared with. */
import { nodesOf, sizeOf, type Node } from '../../main/graph/index.ts';

/** @returns 2·m·n·k summed over every product that the outputs need. */
export function countMatrixFlops(outputs: readonly Node[]): number {
  return nodesOf(outputs).reduce((total, node) => total + flopsOf(node), 0);
}

function flopsOf({ op, inputs, type }: Node): number {
  const [a] = inputs;
  if (op.kind !== 'matmul' || a === undefined) return 0;
  const inner = a.type.shape.at(op.transposeA ? -2 : -1) ?? 0;
  return 2 * sizeOf(type.shape) * inner;
}
