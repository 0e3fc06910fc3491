/** What a pattern is made of, once it is read: closed unions, so that rendering, printing and checking handle every form. */

/** Where a tag stands in the template, both from 1, and the tag itself, shortened, for messages. */
export interface TemplatePlace {
  readonly line: number;
  readonly column: number;
  readonly source: string;
}

export const filterNames = [
  'lower', 'upper', 'trim', 'capitalize', 'title', 'length', 'join', 'replace', 'first', 'last', 'choice', 'list', 'unique', 'sort', 'string', 'int',
  'default', 'map', 'split', 'startswith', 'endswith', 'index',
] as const;
export type FilterName = (typeof filterNames)[number];

export const testNames = ['defined', 'undefined', 'none', 'string', 'number', 'even', 'odd'] as const;
export type TestName = (typeof testNames)[number];

export const binaryOperators = ['+', '-', '*', '/', '//', '%', '~', '==', '!=', '<', '>', '<=', '>=', 'in', 'not in', 'and', 'or'] as const;
export type BinaryOperator = (typeof binaryOperators)[number];

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly object: Expression; readonly key: Expression }
  | { readonly kind: 'slice'; readonly object: Expression; readonly start: Expression | null; readonly stop: Expression | null }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'dictionary'; readonly entries: readonly { readonly key: string; readonly value: Expression }[] }
  | { readonly kind: 'unary'; readonly operator: 'not' | '-'; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
  /** Without `no` an unmet condition is the empty text. */
  | { readonly kind: 'conditional'; readonly test: Expression; readonly yes: Expression; readonly no: Expression | null }
  /** `attribute` belongs to `map` alone. */
  | { readonly kind: 'filter'; readonly filter: FilterName; readonly operand: Expression; readonly args: readonly Expression[]; readonly attribute: string | null }
  | { readonly kind: 'test'; readonly test: TestName; readonly isNegated: boolean; readonly operand: Expression };

export type PatternNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly expression: Expression; readonly place: TemplatePlace }
  | { readonly kind: 'soft'; readonly rows: number; readonly from: string | null; readonly place: TemplatePlace }
  | { readonly kind: 'answer'; readonly place: TemplatePlace }
  /** `|||`: what follows is the target. */
  | { readonly kind: 'separator'; readonly place: TemplatePlace }
  | { readonly kind: 'if'; readonly branches: readonly PatternBranch[]; readonly otherwise: readonly PatternNode[]; readonly place: TemplatePlace }
  | {
    readonly kind: 'for'; readonly names: readonly string[]; readonly list: Expression; readonly body: readonly PatternNode[];
    readonly otherwise: readonly PatternNode[]; readonly place: TemplatePlace;
  }
  | { readonly kind: 'set'; readonly name: string; readonly value: Expression; readonly place: TemplatePlace };

export interface PatternBranch {
  readonly test: Expression;
  readonly body: readonly PatternNode[];
}
