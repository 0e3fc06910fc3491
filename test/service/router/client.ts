/** The contract as a client has it, and what its refusals say. */
import { expect } from 'vitest';
import type { ProblemRecord } from '../../../main/contract/problem.ts';

/** @returns the problem that a call was refused with; fails for anything else that it ended with. */
export async function refusal(call: Promise<unknown>): Promise<ProblemRecord> {
  const thrown: unknown = await call.then(() => null, (error: unknown) => error);
  expect(thrown).toMatchObject({ code: 'PROBLEM', data: { code: expect.any(String) } });
  return (thrown as { data: ProblemRecord }).data;
}
