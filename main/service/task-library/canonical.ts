/** One text and one hash for a definition, whatever the order of its keys. */
import { createHash } from 'node:crypto';
import type { TaskDefinition } from '../../contract/task-library.ts';

/** SHA-256 of the definition as JSON with sorted keys. */
export function hashDefinition(definition: TaskDefinition): string {
  return createHash('sha256').update(canonicalJson(definition)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? sorted(inner) : inner));
}

function sorted(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).sort(([left], [right]) => (left < right ? -1 : Number(left > right))));
}
