/** `npm run pretrain`: the trainer in a process with the workers' allocator settings, which only the environment can give. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { workerEnvironment } from '../../main/service/worker-environment.ts';

const trainer = spawn(process.execPath, [join(import.meta.dirname, 'pretrain.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit', env: { ...process.env, ...workerEnvironment },
});
// A terminal sends Ctrl-C to both: this one only waits. What is sent to this one alone is passed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => trainer.kill('SIGTERM'));
trainer.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
