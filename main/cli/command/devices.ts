/** `souffleur devices` */
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { formatTable } from '../table.ts';

export function addDevicesCommand(program: Command, context: CommandContext): void {
  program.command('devices').description('say which devices onnxruntime can use here, and why not the others').action(() => list(context));
}

async function list({ output }: CommandContext): Promise<void> {
  const { probeDevices } = await import('../../service/devices.ts');
  const devices = await probeDevices();
  output.result(devices, () => [
    formatTable([
      ['provider', 'available', 'reason'],
      ...devices.providers.map(({ provider, available, reason }) => [provider, available ? 'yes' : 'no', reason ?? '']),
    ]),
    `onnxruntime ${devices.runtimeVersion}`,
  ].join('\n'));
}
