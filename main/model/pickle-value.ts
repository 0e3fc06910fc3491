/** The values that a restricted pickle can hold; see unpickle.ts. */
import { quote } from './strict-json.ts';
import type { TensorDtype } from './tensor-entry.ts';

/** A tensor as the pickle describes it: a view into a storage. */
export interface PickledTensor {
  kind: 'tensor';
  storage: PickledStorage;
  /** In elements, from the storage's start. */
  elementOffset: number;
  shape: readonly PickleValue[];
  /** In elements. */
  strides: readonly PickleValue[];
}

export interface PickledStorage {
  kind: 'storage';
  dtype: TensorDtype;
  /** Names the archive's entry `data/<key>`. */
  key: string;
  elements: number;
}

export interface Global {
  kind: 'global';
  name: string;
}

interface Tuple {
  kind: 'tuple';
  items: PickleValue[];
}

interface List {
  kind: 'list';
  items: PickleValue[];
}

interface Dictionary {
  kind: 'dict';
  entries: Map<string | number, PickleValue>;
}

export type PickleValue = null | boolean | number | string | Tuple | List | Dictionary | Global | PickledStorage | PickledTensor;

/** Narrows a value to one kind of object. */
export function isKind<Kind extends Exclude<PickleValue, null | boolean | number | string>['kind']>(
  value: PickleValue | undefined,
  kind: Kind,
): value is Extract<PickleValue, { kind: Kind }> {
  return typeof value === 'object' && value !== null && value.kind === kind;
}

/** A value as it may stand in a message. */
export function describePickleValue(value: PickleValue): string {
  if (value === null) return 'None';
  if (typeof value !== 'object') return typeof value === 'string' ? `the text ${quote(value)}` : `the value ${String(value)}`;
  return isKind(value, 'global') ? value.name : `a ${value.kind}`;
}
