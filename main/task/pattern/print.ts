/** Nodes as a template again; reading what this writes gives the same nodes, places aside. */
import type { Expression, PatternNode } from './syntax.ts';

export function printPattern(nodes: readonly PatternNode[]): string {
  return nodes.map(printNode).join('');
}

function printNode(node: PatternNode): string {
  switch (node.kind) {
    case 'text': return printText(node.text);
    case 'output': return `{{ ${printExpression(node.expression)} }}`;
    case 'soft': return `{{ soft(${node.rows}${node.from === null ? '' : `, ${quote(node.from)}`}) }}`;
    case 'answer': return '{{ answer }}';
    case 'separator': return '|||';
    case 'if': {
      const branches = node.branches.map(({ test, body }, index) => `{% ${index === 0 ? 'if' : 'elif'} ${printExpression(test)} %}${printPattern(body)}`);
      return `${branches.join('')}${printOtherwise(node.otherwise)}{% endif %}`;
    }
    case 'for': return `{% for ${node.names.join(', ')} in ${printExpression(node.list)} %}${printPattern(node.body)}${printOtherwise(node.otherwise)}{% endfor %}`;
    case 'set': return `{% set ${node.name} = ${printExpression(node.value)} %}`;
    default: return node satisfies never;
  }
}

function printOtherwise(nodes: readonly PatternNode[]): string {
  return nodes.length === 0 ? '' : `{% else %}${printPattern(nodes)}`;
}

/** Braces and bars that would be read as syntax stand in quotes; so does what might become one beside its neighbour. */
function printText(text: string): string {
  return text.replaceAll(/\{+[{%#]*|\|{2,}|^\||\|$/g, (syntax) => `{{ ${quote(syntax)} }}`);
}

/** Brackets around every compound, so that no rule of precedence is needed. */
function printExpression(expression: Expression): string {
  const inner = (one: Expression): string => (isSimple(one) ? printExpression(one) : `(${printExpression(one)})`);
  switch (expression.kind) {
    case 'literal': return printLiteral(expression.value);
    case 'name': return expression.name;
    case 'member': return `${inner(expression.object)}${printKey(expression.key)}`;
    case 'slice': return `${inner(expression.object)}[${edge(expression.start)}:${edge(expression.stop)}]`;
    case 'list': return `[${expression.items.map(printExpression).join(', ')}]`;
    case 'dictionary': return `{${expression.entries.map(({ key, value }) => `${quote(key)}: ${printExpression(value)}`).join(', ')}}`;
    case 'unary': return `${expression.operator === 'not' ? 'not ' : '-'}${inner(expression.operand)}`;
    case 'binary': return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`;
    case 'conditional': return `${inner(expression.yes)} if ${inner(expression.test)}${expression.no === null ? '' : ` else ${inner(expression.no)}`}`;
    case 'filter': return `${inner(expression.operand)} ${printFilter(expression)}`;
    case 'test': return `${inner(expression.operand)} is ${expression.isNegated ? 'not ' : ''}${expression.test}`;
    default: return expression satisfies never;
  }
  function edge(one: Expression | null): string {
    return one === null ? '' : inner(one);
  }
}

/** A dictionary is none: the library's lexer takes + behind its brace for a sign. */
function isSimple({ kind }: Expression): boolean {
  return kind === 'literal' || kind === 'name' || kind === 'member' || kind === 'list';
}

function printLiteral(value: string | number | boolean | null): string {
  if (typeof value === 'string') return quote(value);
  if (value === null) return 'none';
  return String(value);
}

function printKey(key: Expression): string {
  return key.kind === 'literal' && typeof key.value === 'string' && /^[A-Za-z_]\w*$/.test(key.value) ? `.${key.value}` : `[${printExpression(key)}]`;
}

function printFilter({ filter, args, attribute }: Expression & { kind: 'filter' }): string {
  if (filter === 'map') return `| map(attribute=${quote(attribute ?? '')})`;
  return `| ${filter}${args.length === 0 ? '' : `(${args.map(printExpression).join(', ')})`}`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\t': '\\t', '\r': '\\r' };

function quote(text: string): string {
  return `"${text.replaceAll(/[\\"\n\t\r]/g, (character) => escapes[character] ?? character)}"`;
}
