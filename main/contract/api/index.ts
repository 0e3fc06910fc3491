/** The whole contract: one router a service. The window, the browser and the terminal speak it over three transports. */
import { eventsContract } from './events.ts';
import { modelsContract } from './models.ts';

export const contract = {
  events: eventsContract,
  models: modelsContract,
};
