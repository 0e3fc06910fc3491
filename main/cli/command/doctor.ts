/** `souffleur doctor` */
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { formatTable } from '../table.ts';

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program.command('doctor').description('check this machine and the workspace, and say what to do').action(() => examine(context));
}

async function examine(context: CommandContext): Promise<void> {
  const { diagnose } = await import('../../service/doctor.ts');
  const diagnosis = await diagnose(context.workspaceDirectory());
  if (diagnosis.status === 'fail') context.output.exitCode = 1;
  context.output.result(diagnosis, () => formatTable([
    ['check', 'state', 'found', 'what to do'],
    ...diagnosis.checks.map(({ id, status, detail, action }) => [id, status, detail, action ?? '']),
  ]));
}
