/** The models router. */
import { listModels } from '../models.ts';
import { service } from './base.ts';

export const modelsRouter = service.models.router({
  list: service.models.list.handler(({ context }) => listModels(context.core.workspace)),
});
