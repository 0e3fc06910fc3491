/** Runs, their queue and their forms. */
import { createTexts } from './catalogue.ts';

type Phase = 'prepare' | 'train' | 'evaluate';
const english: Record<Phase, (done: number, total: number) => string> = {
  prepare: () => 'preparing', train: (done, total) => `step ${done} of ${total}`, evaluate: (done, total) => `evaluating ${done}/${total}`,
};
const russian: Record<Phase, (done: number, total: number) => string> = {
  prepare: () => 'подготовка', train: (done, total) => `шаг ${done} из ${total}`, evaluate: (done, total) => `оценка ${done}/${total}`,
};

export const runsText = createTexts(
  {
    phase: (phase: Phase, done: number, total: number) => english[phase](done, total),
    perSecond: (phase: Phase) => (phase === 'train' ? 'steps/s' : 'examples/s'),
  },
  {
    phase: (phase: Phase, done: number, total: number) => russian[phase](done, total),
    perSecond: (phase: Phase) => (phase === 'train' ? 'шагов/с' : 'примеров/с'),
  },
);
