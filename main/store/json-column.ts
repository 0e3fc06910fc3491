/** JSON in text columns, and whole rows, checked on the way out: a workspace may have been edited or damaged meanwhile. */
import { z } from 'zod';
import { Problem } from '../contract/problem.ts';

/** An object whose form belongs to somebody else (a method's settings, a model's config.json). */
export type JsonObject = Readonly<Record<string, unknown>>;
/** Name → value; null where the value is not a finite number (a diverged loss). */
export type MetricValues = Readonly<Record<string, number | null>>;

export const jsonObject = z.record(z.string(), z.unknown());
export const metricValues = z.record(z.string(), z.number().nullable());

/** A text column that holds JSON of a given form. */
export function jsonColumn<Value>(schema: z.ZodType<Value>): z.ZodType<Value, string> {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/**
 * @param table for the message
 * @throws {Problem} `workspace-row-invalid`, naming the table, the column and what is wrong
 */
export function parseRow<Schema extends z.ZodType>(schema: Schema, row: unknown, table: string): z.output<Schema> {
  const result = schema.safeParse(row);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Problem({
    code: 'workspace-row-invalid',
    kind: 'failure',
    found: `a row of table ${table} with an invalid ${issue?.path.join('.') || 'value'} (${issue?.message ?? 'unknown'})`,
    expected: 'rows as Souffleur writes them',
    action: 'The database was changed by another program or is damaged; put back a copy of it.',
    cause: result.error,
  });
}

/** @returns NaN and infinities as null, which is what JSON makes of them. */
export function writeJson(value: JsonObject | readonly unknown[]): string {
  return JSON.stringify(value);
}
