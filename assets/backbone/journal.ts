/** What pre-training writes down on its way: the loss curve (step, stage, tokens, loss) and what each skill answers rightly. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomicSync } from '../../main/store/atomic-file.ts';
import type { Stage } from './mixture/index.ts';
import type { Progress } from './saved-state.ts';

const curveFile = 'curve.csv';
const skillsFile = 'skills.jsonl';

export function appendLoss(folder: string, stage: Stage, { step, tokens, mean }: Progress): void {
  appendFileSync(join(folder, curveFile), `${step},${stage},${tokens},${mean.toFixed(4)}\n`);
}

export function appendSkills(folder: string, stage: Stage, { step, tokens, mean }: Progress, skills: Readonly<Record<string, number>>): void {
  appendFileSync(join(folder, skillsFile), `${JSON.stringify({ step, stage, tokens, loss: mean, skills })}\n`);
}

/** Lines behind the state that is gone on from will be written again. */
export function keepLines(folder: string, lastStep: number): void {
  for (const name of [curveFile, skillsFile]) {
    const file = join(folder, name);
    if (!existsSync(file)) continue;
    const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line !== '' && Number(/\d+/.exec(line)?.[0]) <= lastStep);
    writeFileAtomicSync(file, lines.map((line) => `${line}\n`).join(''));
  }
}
