/**
 * A study as one HTML file: no script, nothing from the network, and a policy that forbids both. It reads on a phone, on paper, in light
 * and dark, and without its pictures, whose values stand in tables.
 */
import { createHash } from 'node:crypto';
import type { StudyReport } from '../contract/study.ts';
import { drawPatterns } from './chart.ts';
import { writeHeadline } from './headline.ts';
import { element, join, nothing, text, type Markup } from './markup.ts';
import { countText, quantityText, shortCountText } from './number-text.ts';
import {
  drawBarPanels,
  drawConfusionPanels,
  drawCurvePanels,
  drawLegend,
  drawOverlapPanels,
  drawParameters,
  drawSeedPanels,
  drawVotePanels,
  methodsWithCurves,
  pageLooks,
  type Looks,
} from './page-charts.ts';
import { comparedMethods, votes, type StudyPageExtras } from './page-data.ts';
import { drawExamples } from './page-examples.ts';
import { pageStyle } from './page-style.ts';
import { tabulateComparisons, tabulateMethodCosts, tabulateRuns, tabulateTasks, tabulateVerdicts } from './page-tables.ts';
import { tabulateEnsemble, tabulateMethods, tabulateMetrics } from './score-tables.ts';
import { drawTable } from './table.ts';

interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: readonly Markup[];
}

/** @returns a whole HTML document, well-formed as XML too. Everything that the report and the extras say is escaped. */
export function renderStudyPage(report: StudyReport, extras: StudyPageExtras): string {
  const { byMethod, all } = pageLooks(report, extras);
  const sections = [
    resultSection(report, extras, byMethod),
    ensembleSection(report),
    comparisonSection(report),
    differenceSection(report, extras),
    seedSection(report, byMethod),
    curveSection(report, byMethod),
    parameterSection(report, extras, byMethod),
    protocolSection(report, extras),
    readingSection(report),
  ].filter((section) => section !== null);
  const body = element('body', {}, [
    element('svg', { class: 'patterns', 'aria-hidden': 'true' }, drawPatterns(all)),
    drawHeader(report, extras, sections),
    element('main', {}, sections.map(drawSection)),
    element('footer', {}, [
      text(`Written by Souffleur from the study “${report.name}”. This file is complete: it loads nothing and runs no script.`),
    ]),
  ]);
  return `<!DOCTYPE html>\n${element('html', { lang: 'en', xmlns: 'http://www.w3.org/1999/xhtml' }, [drawHead(report), body])}\n`;
}

/** The only style that the policy allows is this one, by its hash; there is no attribute named style. */
const styleHash = createHash('sha256').update(pageStyle).digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;

function drawHead(report: StudyReport): Markup {
  return element('head', {}, [
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('title', {}, [text(`${report.name} · study`)]),
    // A style sheet of our own holds neither “<” nor “&”: an HTML parser would not turn entities back.
    element('style', {}, [pageStyle as Markup]),
  ]);
}

function drawHeader(report: StudyReport, extras: StudyPageExtras, sections: readonly Section[]): Markup {
  const runs = report.cells.flatMap((cell) => cell.runs);
  const finished = runs.filter((run) => run.status === 'finished').length;
  const facts = [
    `${report.model.name}, ${shortCountText(report.model.parameterCount)} parameters`,
    `${quantityText(report.methods.length, 'method')} × ${quantityText(report.tasks.length, 'task')}`,
    finished === runs.length ? quantityText(runs.length, 'run') : `${countText(finished)} of ${quantityText(runs.length, 'run')} finished`,
    `scores on the ${report.split} split, choices on dev`,
  ];
  return element('header', {}, [
    element('h1', {}, [element('bdi', {}, [text(report.name)])]),
    element('p', { class: 'meta' }, [text(facts.join(' · '))]),
    element(
      'ul',
      { class: 'lead' },
      writeHeadline(report, extras).map((sentence) => element('li', {}, [text(sentence)])),
    ),
    element('nav', { 'aria-label': 'Sections' }, [
      element(
        'ul',
        {},
        sections.map(({ id, title }) => element('li', {}, [element('a', { href: `#${id}` }, [text(title)])])),
      ),
    ]),
  ]);
}

function drawSection({ id, title, content }: Section): Markup {
  return element('section', { id, 'aria-labelledby': `${id}-heading` }, [
    element('h2', { id: `${id}-heading` }, [text(title)]),
    ...content,
  ]);
}

function resultSection(report: StudyReport, extras: StudyPageExtras, looks: Looks): Section {
  return {
    id: 'results',
    title: 'Results',
    content: [
      drawTable(tabulateMethods(report, extras)),
      drawLegend(comparedMethods(report), looks, { withBars: true }),
      drawBarPanels(report, extras, looks),
      folded('Every metric, with its interval and seeds', drawTable(tabulateMetrics(report))),
    ],
  };
}

function ensembleSection(report: StudyReport): Section | null {
  const methods = report.methods.filter((method) => votes(report, method.id));
  if (methods.length === 0) return null;
  return {
    id: 'ensemble',
    title: 'Average, best, ensemble',
    content: methods.map((method) => drawTable(tabulateEnsemble(report, method))),
  };
}

function comparisonSection(report: StudyReport): Section | null {
  if (report.comparisons.length === 0) return null;
  return {
    id: 'comparisons',
    title: 'Comparisons',
    content: [
      drawTable(tabulateVerdicts(report)),
      folded(
        'Every test',
        join([
          drawTable(tabulateComparisons(report)),
          note('Cohen’s g: of the examples that only one of the two methods got right, the larger share less one half.'),
        ]),
      ),
    ],
  };
}

function differenceSection(report: StudyReport, extras: StudyPageExtras): Section | null {
  const { examples = [], overlaps = [], confusions = [], votes: strips = [] } = extras;
  if (examples.length + overlaps.length + confusions.length + strips.length === 0) return null;
  return {
    id: 'examples',
    title: 'Example by example',
    content: [
      ...(overlaps.length === 0 ? [] : [heading('Who is right where'), drawOverlapPanels(report, extras)]),
      ...(confusions.length === 0 ? [] : [heading('Answer against answer'), drawConfusionPanels(report, extras)]),
      ...(strips.length === 0
        ? []
        : [
            heading('How the prompts voted'),
            note(
              'A column is an example, a row a prompt, the last row the vote. Filled: right; cross: wrong; dash: an answer that is no label, which abstains.',
            ),
            drawVotePanels(report, extras),
          ]),
      ...drawExamples(report, examples),
    ],
  };
}

function seedSection(report: StudyReport, looks: Looks): Section | null {
  const panels = drawSeedPanels(report, looks);
  if (panels === null) return null;
  return {
    id: 'seeds',
    title: 'Seeds',
    content: [
      note(
        'Zoomed axes. A marker is a seed, the upright bar the mean, the box one standard deviation, the whisker the 95\u00a0% interval of the mean, the triangle the run that dev chose, the diamond the vote.',
      ),
      panels,
    ],
  };
}

function curveSection(report: StudyReport, looks: Looks): Section | null {
  const panels = drawCurvePanels(report, looks);
  if (panels === null) return null;
  return {
    id: 'curves',
    title: 'Learning curves',
    content: [
      note('Thin lines are seeds, thick ones their mean. Long curves are thinned; their peaks are kept.'),
      drawLegend(methodsWithCurves(report), looks, { withBars: false }),
      panels,
    ],
  };
}

function parameterSection(report: StudyReport, extras: StudyPageExtras, looks: Looks): Section {
  return {
    id: 'parameters',
    title: 'Parameters',
    content: [drawParameters(report, extras, looks), drawTable(tabulateMethodCosts(report))],
  };
}

function protocolSection(report: StudyReport, extras: StudyPageExtras): Section {
  const seeds = [...new Set(report.cells.flatMap((cell) => cell.runs.map((run) => run.seed)))].sort((a, b) => a - b);
  const facts = [
    { label: 'Model', value: `${report.model.name}, ${countText(report.model.parameterCount)} parameters` },
    { label: 'Model fingerprint', value: report.model.fingerprint },
    { label: 'Seeds', value: seeds.length === 0 ? 'none yet' : seeds.join(', ') },
    ...(extras.facts ?? []),
  ];
  return {
    id: 'protocol',
    title: 'What was run',
    content: [
      element(
        'dl',
        { class: 'facts' },
        facts.flatMap(({ label, value }) => [element('dt', {}, [text(label)]), element('dd', {}, [element('bdi', {}, [text(value)])])]),
      ),
      drawTable(tabulateTasks(report)),
      folded('Every run', drawTable(tabulateRuns(report))),
    ],
  };
}

function readingSection(report: StudyReport): Section {
  const rules = [
    ['Score', 'The mean of a task’s metrics, as SuperGLUE counts it, in percent.'],
    [
      'Average, best, ensemble',
      'Average is the mean over seeds. Best is the run that scored highest on dev, with its score here. Ensemble is the majority vote of all seeds’ prompts over one frozen model.',
    ],
    [
      'Majority',
      'What always giving one answer would score, the one that scores best on the training file. A method near it has learned nothing; open answers have none.',
    ],
    ['Legal', 'The share of answers that are one of the task’s labels. An answer that is none counts as wrong and abstains in a vote.'],
    ['±', 'One sample standard deviation (n − 1) over seeds. Intervals are 95 % of the mean, by Student’s t.'],
    ['Tied', 'No significant difference at 5 % after Holm’s correction: not proof that two methods are equal.'],
    [
      'Dev and test',
      report.split === 'test'
        ? 'Dev chose every checkpoint and the best run; the test split was looked at once, at the end.'
        : 'Scores are of dev, which also made the choices: they are a little too kind. The test split was not looked at.',
    ],
  ];
  return {
    id: 'reading',
    title: 'How to read this',
    content: [
      element(
        'dl',
        { class: 'facts' },
        rules.flatMap(([name, rule]) => [element('dt', {}, [text(name ?? '')]), element('dd', {}, [text(rule ?? '')])]),
      ),
    ],
  };
}

function heading(title: string): Markup {
  return element('h3', {}, [text(title)]);
}

function note(words: string): Markup {
  return element('p', { class: 'note' }, [text(words)]);
}

function folded(title: string, content: Markup): Markup {
  return content === nothing ? nothing : element('details', {}, [element('summary', {}, [text(title)]), join([content])]);
}
