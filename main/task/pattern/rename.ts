/** Puts other expressions in the place of names: for templates whose data set calls its fields otherwise. */
import type { Expression, PatternNode } from './syntax.ts';

/** @returns null to keep the name. */
export type NameRule = (name: string) => Expression | null;

/** Names that the pattern itself sets, or loops over, stay what they are. */
export function renameNames(nodes: readonly PatternNode[], rule: NameRule): PatternNode[] {
  const own = new Set<string>();
  collectOwn(nodes, own);
  return renameAll(nodes, (name) => (own.has(name) ? null : rule(name)));
}

function collectOwn(nodes: readonly PatternNode[], own: Set<string>): void {
  for (const node of nodes) {
    if (node.kind === 'set') own.add(node.name);
    if (node.kind === 'for') for (const name of node.names) own.add(name);
    if (node.kind === 'if') for (const { body } of node.branches) collectOwn(body, own);
    if (node.kind === 'for') collectOwn(node.body, own);
    if (node.kind === 'if' || node.kind === 'for') collectOwn(node.otherwise, own);
  }
}

function renameAll(nodes: readonly PatternNode[], rule: NameRule): PatternNode[] {
  return nodes.map((node): PatternNode => {
    switch (node.kind) {
      case 'text':
      case 'soft':
      case 'answer':
      case 'separator': return node;
      case 'output': return { ...node, expression: rename(node.expression, rule) };
      case 'set': return { ...node, value: rename(node.value, rule) };
      case 'if': return {
        ...node, branches: node.branches.map(({ test, body }) => ({ test: rename(test, rule), body: renameAll(body, rule) })), otherwise: renameAll(node.otherwise, rule),
      };
      case 'for': return { ...node, list: rename(node.list, rule), body: renameAll(node.body, rule), otherwise: renameAll(node.otherwise, rule) };
      default: return node satisfies never;
    }
  });
}

function rename(expression: Expression, rule: NameRule): Expression {
  const inner = (one: Expression): Expression => rename(one, rule);
  const innerOrNull = (one: Expression | null): Expression | null => (one === null ? null : rename(one, rule));
  switch (expression.kind) {
    case 'literal': return expression;
    case 'name': return rule(expression.name) ?? expression;
    case 'member': return { ...expression, object: inner(expression.object), key: inner(expression.key) };
    case 'slice': return { ...expression, object: inner(expression.object), start: innerOrNull(expression.start), stop: innerOrNull(expression.stop) };
    case 'list': return { ...expression, items: expression.items.map(inner) };
    case 'dictionary': return { ...expression, entries: expression.entries.map(({ key, value }) => ({ key, value: inner(value) })) };
    case 'unary':
    case 'test': return { ...expression, operand: inner(expression.operand) };
    case 'binary': return { ...expression, left: inner(expression.left), right: inner(expression.right) };
    case 'conditional': return { ...expression, test: inner(expression.test), yes: inner(expression.yes), no: innerOrNull(expression.no) };
    case 'filter': return { ...expression, operand: inner(expression.operand), args: expression.args.map(inner) };
    default: return expression satisfies never;
  }
}
