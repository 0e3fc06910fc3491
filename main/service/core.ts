/** Opening a workspace as its one core: runs that an earlier core left behind become `lost` and can be resumed. */
import type { RunId } from '../store/identifiers.ts';
import { openWorkspace, type Workspace } from '../store/workspace.ts';
import { createEventHub, type EventHub } from './event-hub.ts';
import { createFileGrants, type FileGrants } from './file-grants.ts';
import { Queue } from './queue/queue.ts';
import { createWorkRegistry, type WorkRegistry } from './work-registry.ts';

export interface Core {
  workspace: Workspace;
  /** Everything that changes, for whoever watches. */
  events: EventHub;
  /** What a person dropped or chose; stands for paths that come over the contract. */
  files: FileGrants;
  /** What takes long and is no run. To be closed before the workspace. */
  work: WorkRegistry;
  /** Runs what waits once it is started; to be shut down before the workspace closes. */
  queue: Queue;
  /** Found without a living worker. */
  lostRuns: RunId[];
}

/** @throws {Problem} as openWorkspace: `workspace-locked`, `workspace-missing`, … */
export function openCore(directory: string, { create }: { create: 'if-missing' | 'never' }): Core {
  const workspace = openWorkspace(directory, { create });
  try {
    const events = createEventHub();
    const work = createWorkRegistry((event) => events.publish(event));
    const { lost, alive } = workspace.runs.markLostRuns();
    const queue = new Queue({ workspace, events, orphans: alive });
    return { workspace, events, files: createFileGrants(), work, queue, lostRuns: lost.map(({ id }) => id) };
  } catch (thrown) {
    workspace.close();
    throw thrown;
  }
}

/** Lets what is at work save its state, tells the watchers, and closes the workspace. */
export async function closeCore({ workspace, events, work, queue }: Core): Promise<void> {
  try {
    await queue.shutDown();
    await work.close();
  } finally {
    events.close();
    workspace.close();
  }
}
