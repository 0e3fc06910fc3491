/** Opening the workspace for the length of a command. */
import type { ReadableWorkspace, Workspace } from '../store/workspace.ts';
import type { Core } from '../service/core.ts';
import type { CommandContext } from './context.ts';

/** Works beside a process that trains. */
export async function reading<Result>(context: CommandContext, body: (workspace: ReadableWorkspace) => Result | Promise<Result>): Promise<Result> {
  const { openWorkspace } = await import('../store/workspace.ts');
  const workspace = openWorkspace(context.workspaceDirectory(), { access: 'read' });
  try {
    return await body(workspace);
  } finally {
    workspace.close();
  }
}

/** As the only one that writes, with everything that a core has. */
export async function withCore<Result>(context: CommandContext, body: (core: Core) => Result | Promise<Result>): Promise<Result> {
  const { openCore } = await import('../service/core.ts');
  const core = openCore(context.workspaceDirectory(), { create: 'never' });
  try {
    return await body(core);
  } finally {
    core.workspace.close();
  }
}

/** As the only one that writes. Runs that a killed process left behind are told of, unless the command itself goes on with them. */
export async function writing<Result>(
  context: CommandContext,
  options: { create: 'if-missing' | 'never'; goesOn?: boolean },
  body: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const { openCore } = await import('../service/core.ts');
  const { workspace, lostRuns } = openCore(context.workspaceDirectory(), options);
  try {
    for (const id of options.goesOn === true ? [] : lostRuns) context.output.note(`Run ${id} was interrupted earlier; go on with: souffleur tune --resume ${id}`);
    return await body(workspace);
  } finally {
    workspace.close();
  }
}
