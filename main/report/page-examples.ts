/** Examples as a person reads them: the input, what was right, what each method said, how the prompts voted. */
import type { StudyReport } from '../contract/study.ts';
import { element, text, type Markup } from './markup.ts';
import { quantityText } from './number-text.ts';
import { methodTitle, taskTitle, type PageExample, type PageVote } from './page-data.ts';

const exampleLimit = 60;
const inputLimit = 1200;
const answerLimit = 300;

/** At most 60 examples, grouped by task in the report's order; what is left out is said. */
export function drawExamples(report: StudyReport, examples: readonly PageExample[]): Markup[] {
  const shown = examples.slice(0, exampleLimit);
  const known = new Set(report.tasks.map((task) => task.id));
  const order = [
    ...report.tasks.map((task) => task.id),
    ...new Set(shown.map((example) => example.task).filter((task) => !known.has(task))),
  ];
  return [
    ...order.flatMap((task) => {
      const own = shown.filter((example) => example.task === task);
      return own.length === 0
        ? []
        : [element('h3', {}, [text(taskTitle(report, task))]), ...own.map((example) => drawExample(report, example))];
    }),
    ...(shown.length < examples.length
      ? [element('p', { class: 'note' }, [text(`${quantityText(examples.length - shown.length, 'more example')} not shown.`)])]
      : []),
  ];
}

function drawExample(report: StudyReport, example: PageExample): Markup {
  const order = [...report.methods.map((method) => method.id), ...Object.keys(example.answers)];
  const answered = [...new Set(order)].filter((method) => Object.hasOwn(example.answers, method));
  return element('article', { class: 'example' }, [
    element('h4', {}, [text('example '), element('code', {}, [element('bdi', {}, [text(example.id)])])]),
    element('p', { class: 'input', dir: 'auto' }, [text(cut(example.input, inputLimit))]),
    element('dl', {}, [
      ...pair('target', [said(example.target ?? 'no label')]),
      ...answered.flatMap((method) => {
        const { answer, right } = example.answers[method] ?? { answer: '', right: false };
        return pair(methodTitle(report, method), [said(answer), verdict(right ? 'right' : 'wrong')]);
      }),
      ...(example.votes === undefined || example.votes.length === 0 ? [] : pair('votes', example.votes.map(drawBallot))),
    ]),
  ]);
}

function pair(name: string, content: readonly Markup[]): Markup[] {
  return [element('dt', {}, [element('bdi', {}, [text(name)])]), element('dd', {}, content)];
}

function said(answer: string): Markup {
  return answer === '' ? element('span', { class: 'quiet' }, [text('(empty)')]) : element('bdi', {}, [text(cut(answer, answerLimit))]);
}

function drawBallot({ member, answer, outcome }: PageVote): Markup {
  return element('span', { class: 'ballot' }, [
    element('bdi', { class: 'quiet' }, [text(member)]),
    text(' '),
    said(answer),
    verdict(outcome),
  ]);
}

function verdict(outcome: 'right' | 'wrong' | 'abstain'): Markup {
  const signs = { right: ' ✓ right', wrong: ' ✕ wrong', abstain: ' – no label' } as const;
  return element('span', { class: outcome === 'abstain' ? 'quiet' : outcome }, [text(signs[outcome])]);
}

function cut(value: string, limit: number): string {
  if (value.length <= limit) return value;
  return `${value.slice(0, limit).toWellFormed()} … (${quantityText(value.length - limit, 'more character')})`;
}
