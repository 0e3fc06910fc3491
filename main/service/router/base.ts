/** What every router is built on: the core as context, and errors that cross the border as problems. */
import { implement, ORPCError, os } from '@orpc/server';
import { z } from 'zod';
import { contract } from '../../contract/api/index.ts';
import { Problem, toProblem } from '../../contract/problem.ts';
import type { Core } from '../core.ts';
import type { PathPolicy } from '../file-grants.ts';

export interface RouterContext {
  core: Core;
  /** Whether this client may name files by path: `context.core.files.resolve(text, context.paths)`. */
  paths: PathPolicy;
}

/** Everything thrown becomes a `PROBLEM` with a record: a code, what was found, what was expected, what to do. */
const asProblem = os.$context<RouterContext>().middleware(async ({ next }) => {
  try {
    return await next();
  } catch (thrown) {
    if (thrown instanceof ORPCError && thrown.code === 'PROBLEM') throw thrown;
    const problem = thrown instanceof ORPCError && thrown.code === 'BAD_REQUEST' ? requestInvalid(thrown) : toProblem(thrown);
    throw new ORPCError('PROBLEM', { defined: true, data: problem.toRecord() });
  }
});

const issuesSchema = z.object({ issues: z.array(z.object({ message: z.string(), path: z.array(z.union([z.string(), z.number()])).optional() })).min(1) });

/** What the contract's schema refuses. Only its own words and field names are repeated, never the input. */
function requestInvalid(error: ORPCError<string, unknown>): Problem {
  const [issue] = issuesSchema.safeParse(error.data).data?.issues ?? [];
  const place = issue?.path === undefined || issue.path.length === 0 ? 'the request' : issue.path.slice(0, 6).join('.').slice(0, 120);
  return new Problem({
    code: 'request-invalid',
    found: `${place}: ${(issue?.message ?? 'not as agreed').slice(0, 300)}`,
    expected: 'a request as the contract says',
    action: 'Correct the value. From the window this is a defect of Souffleur; please report it.',
  });
}

/** The contract, to be filled in service by service. */
export const service = implement(contract).$context<RouterContext>().use(asProblem);
