/** Which column plays which role, as a person changes it in the headings. Pure. */
import type { ColumnMapping } from '../../../main/contract/api/datasets.ts';

/** A role has one column and a column one role: whoever had it before steps aside. @param role null leaves the column a column of its own */
export function assignRole(mapping: ColumnMapping, column: string, role: string | null): ColumnMapping {
  const others = mapping.columns.filter((assigned) => assigned.column !== column && assigned.role !== role);
  return { ...mapping, columns: role === null ? others : [...others, { column, role }] };
}

export function roleOf(mapping: ColumnMapping, column: string): string | null {
  return mapping.columns.find((assigned) => assigned.column === column)?.role ?? null;
}

/** Roles that must be played and are not. */
export function missingRoles(mapping: ColumnMapping, roles: readonly { role: string; isOptional: boolean }[]): readonly string[] {
  return roles.filter(({ role, isOptional }) => !isOptional && !mapping.columns.some((assigned) => assigned.role === role)).map(({ role }) => role);
}
