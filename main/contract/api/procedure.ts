/** The base of every procedure: whatever goes wrong crosses the border as a `ProblemRecord`, never as a stack trace. */
import { oc } from '@orpc/contract';
import { problemRecordSchema } from '../worker-protocol.ts';

export const procedure = oc.errors({ PROBLEM: { data: problemRecordSchema } });
