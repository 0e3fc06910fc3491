/** The value of an expression on a row. */
import type { RenderBudget } from './budget.ts';
import { applyFilter } from './filter.ts';
import type { Expression, TestName } from './syntax.ts';
import { areEqual, isDictionary, isList, isTrue, memberOf, requireNumber, requireText, textOf, valueProblem, type Value } from './value.ts';

export interface Scope {
  budget: RenderBudget;
  /** @returns undefined for a name that nothing has. */
  lookUp(name: string): Value;
  /** For messages. */
  known(): readonly string[];
}

/** @throws {Problem} `pattern-value`, `pattern-unknown-field`, `pattern-too-much-work` */
export function evaluate(expression: Expression, scope: Scope): Value {
  scope.budget.spendSteps(1);
  const value = (inner: Expression): Value => evaluate(inner, scope);
  switch (expression.kind) {
    case 'literal': return expression.value;
    case 'name': return requireKnown(scope.lookUp(expression.name), expression.name, scope);
    case 'member': return memberOf(value(expression.object), value(expression.key));
    case 'slice': return sliceOf(value(expression.object), [expression.start, expression.stop].map((edge) => (edge === null ? undefined : requireNumber(value(edge), 'a slice'))), scope);
    case 'list': return expression.items.map(value);
    // fromEntries makes own properties, also of a key named __proto__.
    case 'dictionary': return Object.fromEntries(expression.entries.map((entry) => [entry.key, value(entry.value)]));
    case 'unary': return expression.operator === 'not' ? !isTrue(value(expression.operand)) : -requireNumber(value(expression.operand), '-');
    case 'binary': return evaluateBinary(expression, scope);
    case 'conditional': return isTrue(value(expression.test)) ? value(expression.yes) : expression.no === null ? '' : value(expression.no);
    case 'filter': {
      const { filter, operand, args, attribute } = expression;
      const operandValue = filter === 'default' ? evaluateLoosely(operand, scope) : value(operand);
      return applyFilter({ filter, value: operandValue, args: args.map(value), attribute, budget: scope.budget });
    }
    case 'test': return test(expression.test, evaluateLoosely(expression.operand, scope)) !== expression.isNegated;
    default: return expression satisfies never;
  }
}

/** A name that nothing has is undefined here, not an error: it is asked whether it is defined. */
function evaluateLoosely(expression: Expression, scope: Scope): Value {
  return expression.kind === 'name' ? scope.lookUp(expression.name) : evaluate(expression, scope);
}

function evaluateBinary({ operator, left, right }: Expression & { kind: 'binary' }, scope: Scope): Value {
  const first = evaluate(left, scope);
  if (operator === 'and') return isTrue(first) ? evaluate(right, scope) : first;
  if (operator === 'or') return isTrue(first) ? first : evaluate(right, scope);
  const second = evaluate(right, scope);
  const numbers = (): [number, number] => [requireNumber(first, operator), requireNumber(second, operator)];
  switch (operator) {
    case '~': return textOf(first, '~', scope.budget) + textOf(second, '~', scope.budget);
    case '+': return add(first, second, scope);
    case '-': return numbers().reduce((a, b) => a - b);
    case '*': return numbers().reduce((a, b) => a * b);
    case '/': return divide(numbers());
    case '//': return Math.floor(divide(numbers()));
    case '%': return modulo(numbers());
    case '==': return areEqual(first, second);
    case '!=': return !areEqual(first, second);
    case '<': return compare(first, second) < 0;
    case '>': return compare(first, second) > 0;
    case '<=': return compare(first, second) <= 0;
    case '>=': return compare(first, second) >= 0;
    case 'in': return contains(second, first, scope);
    case 'not in': return !contains(second, first, scope);
    default: return operator satisfies never;
  }
}

function add(first: Value, second: Value, scope: Scope): Value {
  if (typeof first === 'string' && typeof second === 'string') return textOf(first, '+', scope.budget) + textOf(second, '+', scope.budget);
  if (isList(first) && isList(second)) {
    scope.budget.spendSteps(first.length + second.length);
    return [...first, ...second];
  }
  if (typeof first === 'string' || typeof second === 'string') throw valueProblem('a text and something else for +', 'two texts or two numbers', 'Use ~, which makes texts of both.');
  return requireNumber(first, '+') + requireNumber(second, '+');
}

function divide([dividend, divisor]: readonly [number, number]): number {
  if (divisor !== 0) return dividend / divisor;
  throw valueProblem('a division by zero', 'another divisor', 'Check the numbers of the pattern.');
}

/** With the sign of the divisor, as in Python. */
function modulo(numbers: readonly [number, number]): number {
  return numbers[0] - numbers[1] * Math.floor(divide(numbers));
}

function compare(first: Value, second: Value): number {
  if (typeof first === 'string' && typeof second === 'string') return first < second ? -1 : Number(first > second);
  return requireNumber(first, 'a comparison') - requireNumber(second, 'a comparison');
}

function contains(container: Value, item: Value, { budget }: Scope): boolean {
  if (typeof container === 'string') {
    budget.spendCharacters(container.length);
    return container.includes(requireText(item, 'in'));
  }
  if (isDictionary(container)) return memberOf(container, item) !== undefined;
  if (!isList(container)) throw valueProblem('something that is no list behind in', 'a list or a text', 'Check the field that the pattern names.');
  budget.spendSteps(container.length);
  return container.some((one) => areEqual(one, item));
}

function sliceOf(object: Value, [start, stop]: readonly (number | undefined)[], { budget }: Scope): Value {
  if (typeof object === 'string') {
    budget.spendCharacters(object.length);
    return object.slice(start, stop);
  }
  if (!isList(object)) throw valueProblem('a slice of something else than a list or a text', 'one of the two', 'Check the field that the pattern names.');
  budget.spendSteps(object.length);
  return object.slice(start, stop);
}

function test(name: TestName, value: Value): boolean {
  switch (name) {
    case 'defined': return value !== undefined;
    case 'undefined': return value === undefined;
    case 'none': return value === null;
    case 'string': return typeof value === 'string';
    case 'number': return typeof value === 'number';
    case 'even': return requireNumber(value, 'even') % 2 === 0;
    case 'odd': return Math.abs(requireNumber(value, 'odd') % 2) === 1;
    default: return name satisfies never;
  }
}

function requireKnown(value: Value, name: string, scope: Scope): Value {
  if (value !== undefined) return value;
  const known = scope.known();
  throw valueProblem(
    `no field ${JSON.stringify(name.slice(0, 60))} in this row`,
    `one of ${known.slice(0, 20).join(', ')}${known.length > 20 ? ` and ${known.length - 20} more` : ''}`,
    `Correct the name, or ask first: {% if ${name.slice(0, 60)} is defined %}.`,
  );
}
