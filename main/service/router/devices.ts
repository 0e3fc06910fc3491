/** The devices router. */
import { diagnose } from '../doctor.ts';
import { readDevices, readMachineMemory } from '../machine.ts';
import { service } from './base.ts';

export const devicesRouter = service.devices.router({
  probe: service.devices.probe.handler(({ input }) => readDevices(input)),
  memory: service.devices.memory.handler(() => readMachineMemory()),
  doctor: service.devices.doctor.handler(({ context }) => diagnose(context.core.workspace.directory)),
});
