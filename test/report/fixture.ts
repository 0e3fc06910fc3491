/** A made-up study of eleven tasks, four methods and five seeds: the same at every call. */
import type {
  CurvePoint,
  ScoreSummary,
  Scores,
  StudyCell,
  StudyComparison,
  StudyMethod,
  StudyReport,
  StudyRun,
  StudyTask,
} from '../../main/contract/study.ts';
import type { PageExample, StudyPageExtras } from '../../main/report/page-data.ts';
import type { Outcome } from '../../main/report/vote-strip.ts';

/** Mulberry32: uniform numbers from 0 to 1, the same for the same seed. */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const taskParts: readonly (readonly [id: string, title: string, metrics: readonly string[], majority: number | null])[] = [
  ['boolq', 'BoolQ', ['accuracy'], 0.62],
  ['cb', 'CB', ['macro-f1', 'accuracy'], 0.5],
  ['copa', 'COPA', ['accuracy'], 0.5],
  ['multirc', 'MultiRC', ['f1a', 'question-exact-match'], 0.57],
  ['record', 'ReCoRD', ['span-f1', 'span-exact-match'], null],
  ['rte', 'RTE', ['accuracy'], 0.5],
  ['wic', 'WiC', ['accuracy'], 0.5],
  ['wsc', 'WSC', ['referent-accuracy'], 0.55],
  ['sst2', 'SST-2', ['accuracy'], 0.5],
  ['sst5', 'SST-5', ['accuracy', 'macro-f1'], 0.23],
  ['race', 'Four-way multiple choice in the form of RACE', ['accuracy'], 0.25],
];

const methodParts: readonly (readonly [id: string, title: string, parameters: number, gain: number])[] = [
  ['prompt-tuning', 'Prompt tuning', 51_200, 0.68],
  ['full-tuning', 'Full tuning', 9_871_360, 0.86],
  ['prompt-design', 'Hand-written prompt', 0, 0.2],
  ['zero-shot', 'Zero-shot', 0, 0.02],
];

export const fixtureSeeds = [1, 2, 3, 4, 5] as const;

export function makeStudyReport(): StudyReport {
  const uniform = seededUniform(20_211_108);
  const tasks = taskParts.map(makeTask);
  const methods = methodParts.map(makeMethod);
  const cells = tasks.flatMap((task) => methods.map((method) => makeCell(task, method, uniform)));
  return {
    name: 'Built-in library: five prompts beside full tuning',
    model: { name: 'souffleur-tiny', fingerprint: 'sha256:5f0c8a9be7d2411f0a6c', parameterCount: 9_871_360 },
    split: 'test',
    tasks,
    methods,
    cells,
    comparisons: tasks.map((task) => makeComparison(task, cells, uniform)),
  };
}

function makeTask([id, title, metrics, majority]: (typeof taskParts)[number]): StudyTask {
  const scores = majority === null ? null : Object.fromEntries([...metrics, 'score'].map((metric) => [metric, majority]));
  return { id, title, format: id, metrics, majority: scores, examples: { train: 2000, dev: 400, test: 800 } };
}

function makeMethod([id, title, trainableParameters]: (typeof methodParts)[number]): StudyMethod {
  const trained = trainableParameters > 0;
  return {
    id,
    method: id,
    title,
    trainableParameters,
    settings: trained
      ? {
          steps: 600,
          batchSize: 32,
          learningRate: id === 'full-tuning' ? 0.001 : 0.3,
          optimizer: 'adafactor',
          promptLength: id === 'full-tuning' ? 0 : 100,
        }
      : {},
    storageBytesPerTask: trainableParameters * 4,
  };
}

function makeCell(task: StudyTask, method: StudyMethod, uniform: () => number): StudyCell {
  const gain = methodParts.find(([id]) => id === method.id)?.[3] ?? 0;
  const floor = task.majority?.['score'] ?? 0.3;
  const level = floor + (0.97 - floor) * gain * (0.75 + 0.35 * uniform());
  const seeds = method.trainableParameters > 0 ? fixtureSeeds : fixtureSeeds.slice(0, 1);
  const runs = seeds.map((seed) => makeRun({ task, method, seed, level, uniform }));
  const summary = Object.fromEntries(
    [...task.metrics, 'score'].map((metric) => [metric, summarise(runs.map((run) => run.test?.[metric] ?? 0))]),
  );
  const best = runs.toSorted((a, b) => (b.dev?.['score'] ?? 0) - (a.dev?.['score'] ?? 0))[0];
  const isPrompt = method.id === 'prompt-tuning';
  return {
    task: task.id,
    method: method.id,
    runs,
    summary,
    best: best?.test === null || best === undefined ? null : { runId: best.runId, scores: best.test },
    ensemble: isPrompt
      ? {
          members: runs.length,
          ties: Math.floor(uniform() * 9),
          abstentions: Math.floor(uniform() * 30),
          scores: mapScores(runs[0]?.test ?? {}, (metric) => Math.min(1, (summary[metric]?.mean ?? 0) + 0.012)),
        }
      : null,
    legalRate: task.majority === null ? null : method.trainableParameters > 0 ? 0.995 : 0.61,
  };
}

function makeRun({
  task,
  method,
  seed,
  level,
  uniform,
}: {
  task: StudyTask;
  method: StudyMethod;
  seed: number;
  level: number;
  uniform: () => number;
}): StudyRun {
  const noise = (): number => (uniform() - 0.5) * 0.05;
  const draw = (): Scores => {
    const metrics = task.metrics.map((metric) => [metric, Math.min(1, Math.max(0, level + noise()))] as const);
    return { ...Object.fromEntries(metrics), score: metrics.reduce((sum, [, value]) => sum + value, 0) / metrics.length };
  };
  const trained = method.trainableParameters > 0;
  return {
    runId: `run-${task.id}-${method.id}-${seed}`,
    seed,
    status: 'finished',
    dev: draw(),
    test: draw(),
    legalRate: task.majority === null ? null : 0.99 + uniform() * 0.01,
    seconds: trained ? 40 + uniform() * 30 : 3 + uniform(),
    peakMemoryBytes: 400_000_000 + Math.floor(uniform() * 1e8),
    curve: trained ? { loss: lossCurve(uniform), dev: devCurve(level, uniform) } : { loss: [], dev: [] },
  };
}

function lossCurve(uniform: () => number): CurvePoint[] {
  return Array.from({ length: 600 }, (_, index) => ({
    step: index + 1,
    value: 0.15 + 3.2 * Math.exp(-index / 90) + 0.4 * uniform() * Math.exp(-index / 400),
  }));
}

function devCurve(level: number, uniform: () => number): CurvePoint[] {
  return Array.from({ length: 12 }, (_, index) => ({
    step: (index + 1) * 50,
    value: Math.min(1, level * (1 - 0.5 * Math.exp(-index / 3)) + (uniform() - 0.5) * 0.03),
  }));
}

function mapScores(scores: Scores, value: (metric: string) => number): Scores {
  return Object.fromEntries(Object.keys(scores).map((metric) => [metric, value(metric)]));
}

/** Student's t for four degrees of freedom at 97.5 %. */
const studentFour = 2.776_445_105;

export function summarise(values: readonly number[]): ScoreSummary {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { values, mean, standardDeviation: null, interval: null };
  const standardDeviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  const half = (studentFour * standardDeviation) / Math.sqrt(values.length);
  return { values, mean, standardDeviation, interval: { low: mean - half, high: mean + half } };
}

function makeComparison(task: StudyTask, cells: readonly StudyCell[], uniform: () => number): StudyComparison {
  const mean = (method: string): number =>
    cells.find((cell) => cell.task === task.id && cell.method === method)?.summary['score']?.mean ?? 0;
  const difference = mean('prompt-tuning') - mean('full-tuning');
  const pValue = Math.min(1, Math.exp(-Math.abs(difference) * 90) * (0.5 + uniform()));
  const adjusted = Math.min(1, pValue * 6);
  const points = Math.abs(difference * 100).toFixed(1);
  return {
    task: task.id,
    a: 'prompt-tuning',
    b: 'full-tuning',
    difference,
    mcnemar: { pValue, onlyA: 20 + Math.floor(uniform() * 20), onlyB: 40 + Math.floor(uniform() * 40) },
    bootstrap: { pValue: pValue * 0.9, low: difference - 0.03, high: difference + 0.03 },
    permutation: { pValue: 1 / 126 + uniform() * 0.2 },
    adjustedPValue: adjusted,
    effect: 0.1 + uniform() * 0.2,
    sentence:
      adjusted < 0.05
        ? `Prompt tuning is ${points} points ${difference > 0 ? 'above' : 'below'} full tuning (p ${adjusted < 0.001 ? '< 0.001' : `= ${adjusted.toFixed(3)}`})`
        : 'statistically tied',
  };
}

const outcomes: readonly Outcome[] = ['right', 'right', 'right', 'right', 'wrong', 'wrong', 'abstain'];

export function makeExtras(): StudyPageExtras {
  const uniform = seededUniform(7);
  const pick = (): Outcome => outcomes[Math.floor(uniform() * outcomes.length)] ?? 'right';
  return {
    facts: [
      { label: 'Device', value: 'CPU, 2 threads' },
      { label: 'Versions', value: 'Souffleur 0.1.0, Node 24.21.0, onnxruntime 1.30.0' },
      { label: 'Time', value: '8 min 12 s for 132 runs' },
      { label: 'Command', value: 'npm run demo -- --full' },
    ],
    overlaps: taskParts
      .slice(0, 3)
      .map(([task]) => ({
        task,
        a: 'prompt-tuning',
        b: 'full-tuning',
        bothRight: 560 + Math.floor(uniform() * 90),
        onlyA: 31,
        onlyB: 74,
        bothWrong: 45,
      })),
    confusions: [
      {
        task: 'cb',
        rowTitle: 'Prompt tuning',
        columnTitle: 'target',
        rows: ['entailment', 'contradiction', 'neutral', 'no label'],
        columns: ['entailment', 'contradiction', 'neutral'],
        counts: [
          [210, 12, 9],
          [8, 240, 17],
          [3, 22, 270],
          [1, 0, 8],
        ],
      },
    ],
    votes: ['boolq', 'rte', 'wic'].map((task) => ({
      task,
      title: 'five prompts',
      members: fixtureSeeds.map((seed) => `seed ${seed}`),
      examples: Array.from({ length: 120 }, (_, index) => {
        const members = fixtureSeeds.map(pick);
        const right = members.filter((outcome) => outcome === 'right').length;
        return { id: `${task}-${index}`, members, vote: right >= 3 ? ('right' as const) : ('wrong' as const) };
      }),
    })),
    examples: ['boolq', 'boolq', 'rte', 'wic'].map(makeExample),
    parameterCounts: [
      { title: 'Prefix tuning', family: 'prefix-tuning', trainedParameters: 819_200, keptParameters: 204_800 },
      { title: 'WARP', family: 'warp', trainedParameters: 5_120 },
    ],
  };
}

function makeExample(task: string, index: number): PageExample {
  return {
    task,
    id: `${task}-test-${index + 17}`,
    input:
      'question: did mira leave the bakery before noon? passage: The bakery in Orvel opens at six. Mira, who sells the bread, went home after lunch because the oven had not been repaired. Her brother stayed until the evening.',
    target: 'False',
    answers: {
      'prompt-tuning': { answer: 'True', right: false },
      'full-tuning': { answer: 'False', right: true },
      'prompt-design': { answer: 'noon', right: false },
    },
    votes: fixtureSeeds.map((seed) => ({
      member: `seed ${seed}`,
      answer: seed === 4 ? 'maybe' : seed > 2 ? 'False' : 'True',
      outcome: seed === 4 ? 'abstain' : seed > 2 ? 'right' : 'wrong',
    })),
  };
}
