/**
 * One Jinja expression, read by @huggingface/jinja's parser and taken over form by form; whatever is not in the list here is refused by
 * its name. The library's interpreter is never run.
 */
import { parse, tokenize } from '@huggingface/jinja';
import { patternProblem } from './pattern-problem.ts';
import { binaryOperators, filterNames, testNames, type BinaryOperator, type Expression, type FilterName, type TemplatePlace } from './syntax.ts';

/** A node of the library's tree; its classes are not exported, so its fields are looked at one by one. */
interface JinjaNode {
  type: string;
  [field: string]: unknown;
}

/** A sentence in a template nests three or four deep. */
const deepest = 40;

const constants: Readonly<Record<string, boolean | null>> = { true: true, True: true, false: false, False: false, none: null, None: null };
/** Filters and methods that do the same under another name. */
const filterAliases: Readonly<Record<string, FilterName>> = { count: 'length', d: 'default', strip: 'trim', random: 'choice' };
/** Python's methods on texts and lists that templates call. */
const methodNames = ['lower', 'upper', 'strip', 'capitalize', 'title', 'replace', 'split', 'startswith', 'endswith', 'index'] as const;

/**
 * @param inner what stands between `{{` and `}}`
 * @throws {Problem} `pattern-syntax`, `pattern-not-supported`, `pattern-too-deep`
 */
export function parseExpression(inner: string, place: TemplatePlace): Expression {
  return convert(readTag(`{{ ${inner} }}`, place), { place, depth: 0 });
}

/** `names in list`, as in `{% for … %}`. @throws {Problem} as parseExpression */
export function parseLoopHead(inner: string, place: TemplatePlace): { names: string[]; list: Expression } {
  const loop = readTag(`{% for ${inner} %}{% endfor %}`, place);
  const variable = loop['loopvar'];
  if (loop.type !== 'For' || !isNode(variable)) throw unreadable(place);
  const variables = variable.type === 'TupleLiteral' ? nodes(variable['value'], place) : [variable];
  const names = variables.map((one) => (one.type === 'Identifier' && typeof one['value'] === 'string' ? one['value'] : raise(unreadable(place))));
  const list = node(loop['iterable'], place);
  if (list.type === 'SelectExpression') throw notSupported('a condition in for', place, 'Put an if inside the loop.');
  return { names, list: convert(list, { place, depth: 0 }) };
}

/** `name = value`, as in `{% set … %}`. @throws {Problem} as parseExpression */
export function parseAssignment(inner: string, place: TemplatePlace): { name: string; value: Expression } {
  if (!/^\s*\w+\s*=[^=]/.test(inner)) throw notSupported('set with anything but one name and =', place, 'Write {% set name = value %}.');
  const assignment = readTag(`{% set ${inner} %}`, place);
  const assignee = node(assignment['assignee'], place);
  if (assignee.type !== 'Identifier' || typeof assignee['value'] !== 'string') throw unreadable(place);
  return { name: assignee['value'], value: convert(node(assignment['value'], place), { place, depth: 0 }) };
}

function readTag(source: string, place: TemplatePlace): JinjaNode {
  // The library's lexer drops this tag of chat templates even inside quotes.
  if (/\{%-?\s*(?:end)?generation/.test(source)) throw notSupported('the tag generation', place, 'Leave it out.');
  let body: unknown;
  try {
    body = parse(tokenize(source)).body;
  } catch (cause) {
    throw cause instanceof RangeError ? tooDeep(place) : unreadable(place, cause);
  }
  // Braces that close early would leave more than one thing.
  const [only, ...more] = nodes(body, place);
  if (only === undefined || more.length > 0) throw unreadable(place);
  return only;
}

interface Position {
  place: TemplatePlace;
  depth: number;
}

function convert(one: JinjaNode, { place, depth }: Position): Expression {
  if (depth > deepest) throw tooDeep(place);
  const inner = { place, depth: depth + 1 };
  const child = (field: string): Expression => convert(node(one[field], place), inner);
  switch (one.type) {
    case 'StringLiteral': return { kind: 'literal', value: String(one['value']) };
    case 'IntegerLiteral':
    case 'FloatLiteral': return { kind: 'literal', value: finite(one['value'], place) };
    case 'Identifier': return convertName(String(one['value']), place);
    case 'MemberExpression': return convertMember(one, inner);
    case 'ArrayLiteral':
    case 'TupleLiteral': return { kind: 'list', items: nodes(one['value'], place).map((item) => convert(item, inner)) };
    case 'ObjectLiteral': return convertDictionary(one, inner);
    case 'UnaryExpression': return convertUnary(one, inner);
    case 'BinaryExpression': return { kind: 'binary', operator: operatorOf(one, place), left: child('left'), right: child('right') };
    case 'Ternary': return { kind: 'conditional', test: child('condition'), yes: child('trueExpr'), no: child('falseExpr') };
    case 'SelectExpression': return { kind: 'conditional', test: child('test'), yes: child('lhs'), no: null };
    case 'FilterExpression': return convertFilter(one, inner);
    case 'CallExpression': return convertCall(one, inner);
    case 'TestExpression': return convertTest(one, inner);
    default: throw notSupported(`a ${one.type}`, place, 'Write it with fields, filters, if, for and set.');
  }
}

function convertName(name: string, place: TemplatePlace): Expression {
  if (Object.hasOwn(constants, name)) return { kind: 'literal', value: constants[name] ?? null };
  refusePrivate(name, place);
  return { kind: 'name', name };
}

function convertMember(one: JinjaNode, inner: Position): Expression {
  const { place } = inner;
  const object = convert(node(one['object'], place), inner);
  const property = node(one['property'], place);
  if (one['computed'] !== true) {
    const name = String(property['value']);
    refusePrivate(name, place);
    return { kind: 'member', object, key: { kind: 'literal', value: property.type === 'IntegerLiteral' ? Number(name) : name } };
  }
  if (property.type !== 'SliceExpression') return { kind: 'member', object, key: convert(property, inner) };
  if (property['step'] !== undefined) throw notSupported('a slice with a step', place, 'Use [start:stop].');
  const edge = (field: string): Expression | null => (property[field] === undefined ? null : convert(node(property[field], place), inner));
  return { kind: 'slice', object, start: edge('start'), stop: edge('stop') };
}

function convertDictionary(one: JinjaNode, inner: Position): Expression {
  if (!(one['value'] instanceof Map)) throw unreadable(inner.place);
  const entries = [...one['value'] as Map<unknown, unknown>].map(([key, value]) => {
    const literal = convert(node(key, inner.place), inner);
    if (literal.kind !== 'literal') throw notSupported('a dictionary key that is no text or number', inner.place, 'Write the key in quotes.');
    return { key: String(literal.value), value: convert(node(value, inner.place), inner) };
  });
  return { kind: 'dictionary', entries };
}

function convertUnary(one: JinjaNode, inner: Position): Expression {
  const operator = tokenText(one['operator']);
  const operand = convert(node(one['argument'], inner.place), inner);
  if (operator === '+') return operand;
  if (operator === 'not' || operator === '-') return { kind: 'unary', operator, operand };
  throw notSupported(`the operator ${operator}`, inner.place, 'Use not or -.');
}

function operatorOf(one: JinjaNode, place: TemplatePlace): BinaryOperator {
  const text = tokenText(one['operator']);
  return binaryOperators.find((operator) => operator === text) ?? raise(notSupported(`the operator ${text}`, place, `Use one of ${binaryOperators.join(' ')}.`));
}

function convertFilter(one: JinjaNode, inner: Position): Expression {
  const filter = node(one['filter'], inner.place);
  const operand = convert(node(one['operand'], inner.place), inner);
  const callee = filter.type === 'CallExpression' ? node(filter['callee'], inner.place) : filter;
  if (callee.type !== 'Identifier') throw unreadable(inner.place);
  const written = String(callee['value']);
  const name = findFilter(written);
  if (name === undefined) {
    throw notSupported(`the filter ${written}`, inner.place, `Use one of ${filterNames.join(', ')}.`);
  }
  const args = filter.type === 'CallExpression' ? nodes(filter['args'], inner.place) : [];
  return withArguments(name, operand, args, inner);
}

function findFilter(written: string): FilterName | undefined {
  if (Object.hasOwn(filterAliases, written)) return filterAliases[written];
  return filterNames.find((known) => known === written);
}

function withArguments(filter: FilterName, operand: Expression, args: readonly JinjaNode[], inner: Position): Expression {
  const { place } = inner;
  const [only] = args;
  if (filter === 'map') {
    const value = only?.type === 'KeywordArgumentExpression' && node(only['key'], place)['value'] === 'attribute' ? convert(node(only['value'], place), inner) : null;
    if (args.length !== 1 || value?.kind !== 'literal' || typeof value.value !== 'string') {
      throw notSupported('map in this form', place, 'Write map(attribute="name").');
    }
    refusePrivate(value.value, place);
    return { kind: 'filter', filter, operand, args: [], attribute: value.value };
  }
  return { kind: 'filter', filter, operand, args: args.map((argument) => convert(argument, inner)), attribute: null };
}

function convertCall(one: JinjaNode, inner: Position): Expression {
  const { place } = inner;
  const callee = node(one['callee'], place);
  if (callee.type !== 'MemberExpression' || callee['computed'] === true) {
    const name = callee.type === 'Identifier' ? String(callee['value']) : 'here';
    throw notSupported(`a call of ${name}`, place, name === 'soft' ? 'A soft slot stands alone: {{ soft(20) }}.' : 'Functions cannot be called; use filters.');
  }
  const written = String(node(callee['property'], place)['value']);
  const known = methodNames.find((method) => method === written);
  if (known === undefined) throw notSupported(`the method ${written}`, place, `Use one of ${methodNames.join(', ')}.`);
  const object = convert(node(callee['object'], place), inner);
  return withArguments(findFilter(known) ?? raise(unreadable(place)), object, nodes(one['args'], place), inner);
}

function convertTest(one: JinjaNode, inner: Position): Expression {
  const written = String(node(one['test'], inner.place)['value']);
  const test = testNames.find((known) => known === written);
  if (test === undefined) throw notSupported(`the test ${written}`, inner.place, `Use one of ${testNames.join(', ')}.`);
  return { kind: 'test', test, isNegated: one['negate'] === true, operand: convert(node(one['operand'], inner.place), inner) };
}

/** Python's inner names; no row has such a field. */
function refusePrivate(name: string, place: TemplatePlace): void {
  if (name.startsWith('__')) throw notSupported(`the name ${name}`, place, 'Name a field of the rows.');
}

function finite(value: unknown, place: TemplatePlace): number {
  const number = Number(value);
  return Number.isFinite(number) ? number : raise(notSupported('a number of this size', place, 'Write a smaller one.'));
}

function tokenText(token: unknown): string {
  return typeof token === 'object' && token !== null && 'value' in token ? String(token.value) : '';
}

function isNode(value: unknown): value is JinjaNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function node(value: unknown, place: TemplatePlace): JinjaNode {
  return isNode(value) ? value : raise(unreadable(place));
}

function nodes(value: unknown, place: TemplatePlace): JinjaNode[] {
  return Array.isArray(value) && value.every(isNode) ? value : raise(unreadable(place));
}

function raise(problem: Error): never {
  throw problem;
}

function unreadable(place: TemplatePlace, cause?: unknown): Error {
  return patternProblem(place, 'pattern-syntax', {
    found: `${place.source}, which cannot be read`,
    expected: 'a field, a filter, a slot or a statement, as in {{ premise | trim }} or {% if question %}',
    action: 'Correct it: brackets and quotes must match, and texts stand in quotes.',
    cause,
  });
}

function notSupported(what: string, place: TemplatePlace, action: string): Error {
  return patternProblem(place, 'pattern-not-supported', { found: `${what} in ${place.source}`, expected: 'the subset of Jinja that patterns use', action });
}

function tooDeep(place: TemplatePlace): Error {
  return patternProblem(place, 'pattern-too-deep', {
    found: `more than ${deepest} levels of brackets, filters or operators in ${place.source}`,
    expected: 'a few',
    action: 'Write it in several steps with {% set … %}.',
  });
}
