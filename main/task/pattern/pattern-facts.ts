/** What a pattern holds, and the rules that its parts keep with each other. */
import { patternProblem } from './pattern-problem.ts';
import type { Expression, PatternNode, TemplatePlace } from './syntax.ts';

export interface PatternFacts {
  /** Rows of every soft slot, in order: the prompt has their sum. Empty puts the whole prompt in front. */
  readonly softRows: readonly number[];
  readonly hasAnswerSlot: boolean;
  /** Whether `|||` ends the input. */
  readonly hasTarget: boolean;
  /** Fields that it names, in order of appearance, without what it sets itself. `row.x` counts as x. */
  readonly fields: readonly string[];
}

/** What the target may know and the input may not. */
const targetNames = ['label', 'label_text', 'answers'] as const;
/** Names that are no fields: `answer_choices` are the words of the labels. */
const ownNames: ReadonlySet<string> = new Set([...targetNames, 'answer_choices', 'row', 'loop']);

/** @throws {Problem} `pattern-soft-slot`, `pattern-answer-slot`, `pattern-separator`, `pattern-leak` */
export function checkNodes(nodes: readonly PatternNode[]): PatternFacts {
  const walk = new Walk();
  walk.visitAll(nodes, { isInBlock: false, isInLoop: false, names: new Set() });
  return { softRows: walk.softRows, hasAnswerSlot: walk.hasAnswerSlot, hasTarget: walk.hasTarget, fields: [...walk.fields] };
}

interface Surroundings {
  isInBlock: boolean;
  isInLoop: boolean;
  /** Set by the pattern. */
  names: Set<string>;
}

class Walk {
  readonly softRows: number[] = [];
  readonly fields = new Set<string>();
  hasAnswerSlot = false;
  hasTarget = false;

  visitAll(nodes: readonly PatternNode[], around: Surroundings): void {
    for (const node of nodes) this.#visit(node, around);
  }

  #visit(node: PatternNode, around: Surroundings): void {
    switch (node.kind) {
      case 'text': return;
      case 'output': return this.#visitExpression(node.expression, around, node.place);
      case 'soft': return this.#visitSoft(node.rows, around, node.place);
      case 'answer': return this.#visitAnswer(around, node.place);
      case 'separator': return this.#visitSeparator(around, node.place);
      case 'set':
        this.#visitExpression(node.value, around, node.place);
        around.names.add(node.name);
        return;
      case 'if': return this.#visitIf(node, around);
      case 'for': {
        this.#visitExpression(node.list, around, node.place);
        this.visitAll(node.body, { isInBlock: true, isInLoop: true, names: new Set([...around.names, ...node.names]) });
        return this.visitAll(node.otherwise, { ...around, isInBlock: true });
      }
      default: return node satisfies never;
    }
  }

  /** Each branch begins where the if does; behind it, ||| may have been. */
  #visitIf({ branches, otherwise, place }: PatternNode & { kind: 'if' }, around: Surroundings): void {
    const hadTarget = this.hasTarget;
    let hasTarget = hadTarget;
    for (const { test } of branches) this.#visitExpression(test, around, place);
    for (const body of [...branches.map((branch) => branch.body), otherwise]) {
      this.hasTarget = hadTarget;
      this.visitAll(body, { ...around, isInBlock: true });
      hasTarget ||= this.hasTarget;
    }
    this.hasTarget = hasTarget;
  }

  #visitSoft(rows: number, { isInBlock }: Surroundings, place: TemplatePlace): void {
    if (isInBlock || this.hasTarget) {
      throw patternProblem(place, 'pattern-soft-slot', {
        found: `a soft slot ${this.hasTarget ? 'in the target' : 'inside if or for'}`,
        expected: 'soft slots in the input, outside of if and for: every row has the same prompt',
        action: 'Move it out.',
      });
    }
    this.softRows.push(rows);
  }

  #visitAnswer({ isInLoop, isInBlock }: Surroundings, place: TemplatePlace): void {
    // Two branches of an if may each have one; that only one is written is seen when a row is.
    if (this.hasTarget || isInLoop || (this.hasAnswerSlot && !isInBlock)) {
      throw patternProblem(place, 'pattern-answer-slot', {
        found: this.hasTarget ? 'an answer slot in the target' : isInLoop ? 'an answer slot in a loop' : 'a second answer slot',
        expected: 'one, in the input',
        action: 'Remove it; a field that is called answer is {{ row.answer }}.',
      });
    }
    this.hasAnswerSlot = true;
  }

  #visitSeparator({ isInLoop }: Surroundings, place: TemplatePlace): void {
    if (isInLoop) {
      throw patternProblem(place, 'pattern-separator', { found: '||| in a loop', expected: 'it once, between input and target', action: 'Move it out of the loop.' });
    }
    this.hasTarget = true;
  }

  #visitExpression(expression: Expression, around: Surroundings, place: TemplatePlace): void {
    const visit = (inner: Expression): void => this.#visitExpression(inner, around, place);
    switch (expression.kind) {
      case 'literal': return;
      case 'name': return this.#visitName(expression.name, around, place);
      case 'member':
        if (expression.object.kind === 'name' && expression.object.name === 'row' && expression.key.kind === 'literal') {
          this.fields.add(String(expression.key.value));
        }
        visit(expression.object);
        return visit(expression.key);
      case 'slice':
        visit(expression.object);
        if (expression.start !== null) visit(expression.start);
        if (expression.stop !== null) visit(expression.stop);
        return;
      case 'list': return expression.items.forEach(visit);
      case 'dictionary': return expression.entries.forEach(({ value }) => visit(value));
      case 'unary':
      case 'test': return visit(expression.operand);
      case 'binary':
        visit(expression.left);
        return visit(expression.right);
      case 'conditional':
        visit(expression.test);
        visit(expression.yes);
        if (expression.no !== null) visit(expression.no);
        return;
      case 'filter':
        visit(expression.operand);
        return expression.args.forEach(visit);
      default: return expression satisfies never;
    }
  }

  #visitName(name: string, { names }: Surroundings, place: TemplatePlace): void {
    if (names.has(name)) return;
    if (name === 'answer' || name === 'soft') {
      throw patternProblem(place, name === 'answer' ? 'pattern-answer-slot' : 'pattern-soft-slot', {
        found: `${name} inside ${place.source}`,
        expected: name === 'answer' ? 'the answer slot alone, {{ answer }}' : 'the soft slot alone, {{ soft(20) }}',
        action: `If a field of the rows is meant, write row.${name}.`,
      });
    }
    if (!this.hasTarget && targetNames.some((hidden) => hidden === name)) {
      throw patternProblem(place, 'pattern-leak', {
        found: `${name}, which holds the answer, in the input`,
        expected: 'it behind ||| alone',
        action: `Remove it; if a field of the rows is meant, write row.${name}.`,
      });
    }
    if (!ownNames.has(name)) this.fields.add(name);
  }
}
