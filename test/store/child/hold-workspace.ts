/** Opens the workspace named by the first argument, says so or why not, and keeps it until its input ends. */
import { toProblem } from '../../../main/contract/problem.ts';
import { openWorkspace } from '../../../main/store/workspace.ts';

try {
  const workspace = openWorkspace(process.argv[2] ?? '');
  process.stdin.resume().once('end', () => workspace.close());
  process.stdout.write('held\n');
} catch (error) {
  process.stdout.write(`${JSON.stringify(toProblem(error).toRecord())}\n`);
}
