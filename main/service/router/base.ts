/** What every router is built on: the core as context, and errors that cross the border as problems. */
import { implement, ORPCError, os } from '@orpc/server';
import { contract } from '../../contract/api/index.ts';
import { toProblem } from '../../contract/problem.ts';
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
    if (thrown instanceof ORPCError) throw thrown;
    throw new ORPCError('PROBLEM', { defined: true, data: toProblem(thrown).toRecord() });
  }
});

/** The contract, to be filled in service by service. */
export const service = implement(contract).$context<RouterContext>().use(asProblem);
