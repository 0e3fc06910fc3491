/**
 * `npm test`: every check and every test, whatever fails on the way, and a closing line with the counts.
 * A check (types, lint, layers, …) counts as one.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** The build comes first: the page's tests open what it makes. */
const checks = ['build', 'check:types', 'check:svelte', 'check:lint', 'check:layers', 'check:unused'] as const;

interface Count {
  passed: number;
  failed: number;
}

function runCheck(script: string): Count {
  console.log(`\n── ${script}`);
  const { status } = spawnSync('npm', ['run', '-s', script], { stdio: 'inherit', shell: process.platform === 'win32' });
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A run that dies without a report counts as one failure. */
function runTests(): Count {
  console.log('\n── tests');
  const folder = mkdtempSync(join(tmpdir(), 'souffleur-test-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const { status } = spawnSync('npx', ['vitest', 'run', ...reporters, ...process.argv.slice(2)], { stdio: 'inherit', shell: process.platform === 'win32' });
    const counts = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numFailedTestSuites: z.number() }).parse(JSON.parse(readFileSync(report, 'utf8')));
    const failed = Math.max(counts.numFailedTests, counts.numFailedTestSuites > 0 || status !== 0 ? 1 : 0);
    return { passed: counts.numPassedTests, failed };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const counts = [...checks.map(runCheck), runTests()];
const passed = counts.reduce((total, count) => total + count.passed, 0);
const failed = counts.reduce((total, count) => total + count.failed, 0);
process.exitCode = failed === 0 ? 0 : 1;
console.log(`\n${passed} passed, ${failed} failed`);
