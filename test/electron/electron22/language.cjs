/** ECMAScript 2023 to 2025, as far as the program uses it, for V8 10.8. */
'use strict';

function define(target, name, value) {
  if (target[name] === undefined) Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

define(Symbol, 'dispose', Symbol.for('Symbol.dispose'));
define(Symbol, 'asyncDispose', Symbol.for('Symbol.asyncDispose'));
define(Array.prototype, 'toSorted', function (compare) { return [...this].sort(compare); });
define(Array.prototype, 'toReversed', function () { return [...this].reverse(); });
define(Array.prototype, 'toSpliced', function (...values) { const copy = [...this]; copy.splice(...values); return copy; });
define(Array.prototype, 'with', function (index, value) { const copy = [...this]; copy[index < 0 ? copy.length + index : index] = value; return copy; });
for (const { prototype } of [Float32Array, Float64Array, Int32Array, Uint8Array, BigInt64Array]) {
  define(prototype, 'toSorted', function (compare) { return this.slice().sort(compare); });
  define(prototype, 'toReversed', function () { return this.slice().reverse(); });
}
define(Array, 'fromAsync', async (source) => { const values = []; for await (const value of source) values.push(value); return values; });
define(Object, 'groupBy', (source, keyOf) => { const groups = Object.create(null); let index = 0; for (const value of source) (groups[keyOf(value, index++)] ??= []).push(value); return groups; });
define(Map, 'groupBy', (source, keyOf) => {
  const groups = new Map();
  let index = 0;
  for (const value of source) {
    const key = keyOf(value, index++);
    if (groups.has(key)) groups.get(key).push(value);
    else groups.set(key, [value]);
  }
  return groups;
});
define(Promise, 'withResolvers', () => { let resolve; let reject; const promise = new Promise((yes, no) => { resolve = yes; reject = no; }); return { promise, resolve, reject }; });
define(Promise, 'try', async (body, ...values) => body(...values));
define(Set.prototype, 'union', function (other) { return new Set([...this, ...other.keys()]); });
define(Set.prototype, 'intersection', function (other) { return new Set([...this].filter((value) => other.has(value))); });
define(Set.prototype, 'difference', function (other) { return new Set([...this].filter((value) => !other.has(value))); });
define(Set.prototype, 'isSubsetOf', function (other) { return [...this].every((value) => other.has(value)); });
define(Set.prototype, 'isDisjointFrom', function (other) { return [...this].every((value) => !other.has(value)); });
define(String.prototype, 'isWellFormed', function () { return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(this); });
define(String.prototype, 'toWellFormed', function () { return this.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD'); });

/** Iterators of all built-in kinds have one prototype. */
const iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
if (globalThis.Iterator === undefined) {
  globalThis.Iterator = class Iterator {};
  globalThis.Iterator.from = (source) => source[Symbol.iterator]();
}
define(iterator, 'map', function* (change) { let index = 0; for (const value of this) yield change(value, index++); });
define(iterator, 'filter', function* (isWanted) { let index = 0; for (const value of this) if (isWanted(value, index++)) yield value; });
define(iterator, 'flatMap', function* (change) { let index = 0; for (const value of this) yield* change(value, index++); });
define(iterator, 'take', function* (count) { let index = 0; if (count > 0) for (const value of this) { yield value; if (++index >= count) return; } });
define(iterator, 'drop', function* (count) { let index = 0; for (const value of this) if (index++ >= count) yield value; });
define(iterator, 'toArray', function () { return [...this]; });
define(iterator, 'some', function (test) { for (const value of this) if (test(value)) return true; return false; });
define(iterator, 'every', function (test) { for (const value of this) if (!test(value)) return false; return true; });
define(iterator, 'find', function (test) { for (const value of this) if (test(value)) return value; return undefined; });
define(iterator, 'reduce', function (...values) { return [...this].reduce(...values); });
define(iterator, 'forEach', function (body) { for (const value of this) body(value); });
