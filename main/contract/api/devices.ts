/** The machine: devices of the runtime, memory, and whether everything is in order. */
import { z } from 'zod';
import { deviceFactsSchema } from '../worker-protocol.ts';
import { procedure } from './procedure.ts';

const checkStatusSchema = z.enum(['ok', 'warn', 'fail']);

export const diagnosisSchema = z.object({
  status: checkStatusSchema,
  checks: z.array(z.object({ id: z.string(), status: checkStatusSchema, detail: z.string(), action: z.string().nullable() })),
});

export const machineMemorySchema = z.object({
  /** That a new process could take without swapping. */
  availableBytes: z.number(),
  /** What this process may use at most: of the machine, or of the container. */
  totalBytes: z.number(),
  processors: z.int(),
  processorModel: z.string(),
});

export const devicesContract = {
  /** Asked in a worker once a core; `again` asks anew. */
  probe: procedure.input(z.object({ cache: z.enum(['use', 'again']).default('use') })).output(deviceFactsSchema),
  memory: procedure.output(machineMemorySchema),
  doctor: procedure.output(diagnosisSchema),
};
