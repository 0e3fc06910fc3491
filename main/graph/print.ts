/** A graph as text, one node a line: for snapshots, reviews and bug reports. */
import { formatType } from './type.ts';
import type { Node, Op } from './op.ts';
import { nodesOf } from './walk.ts';

/** @returns for example `%4 f32[2,3] = matmul(%1, %3) {"transposeB":true,…}  # encoder.0.attention.q`. */
export function printGraph(outputs: readonly Node[]): string {
  return nodesOf(outputs).map(printNode).join('\n');
}

function printNode(node: Node): string {
  const operands = node.inputs.map((input) => `%${input.id}`).join(', ');
  const scope = node.scope === '' ? '' : `  # ${node.scope}`;
  return `%${node.id} ${formatType(node.type)} = ${node.op.kind}(${operands})${attributesOf(node.op)}${scope}`;
}

function attributesOf(op: Op): string {
  if (op.kind === 'constant') return op.data.length <= 8 ? ` [${op.data.join(',')}]` : ` ${op.data.length} elements`;
  const { kind: _kind, ...attributes } = op;
  return Object.keys(attributes).length === 0 ? '' : ` ${JSON.stringify(attributes)}`;
}
