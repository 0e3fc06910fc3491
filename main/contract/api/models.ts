/** Models of the workspace. */
import { z } from 'zod';
import { answerConventionSchema } from '../worker-protocol.ts';
import { procedure } from './procedure.ts';

export const modelReportSchema = z.object({
  name: z.string(),
  directory: z.string(),
  architecture: z.string(),
  parameterCount: z.number(),
  weightKind: z.string(),
  fingerprint: z.string(),
  convention: answerConventionSchema,
  sizes: z.record(z.string(), z.unknown()),
  addedAt: z.iso.datetime(),
});

export const modelsContract = {
  list: procedure.output(z.array(modelReportSchema)),
};
