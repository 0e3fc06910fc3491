/** The study in a few sentences, each counted from the report: what a reader tells a colleague. */
import type { StudyComparison, StudyMethod, StudyReport } from '../contract/study.ts';
import { countText, scoreText, shareText } from './number-text.ts';
import { comparedMethods, findCell, meanOver, votes, zeroShotScore, type StudyPageExtras } from './page-data.ts';
import { familyOf } from './palette.ts';

const significant = 0.05;
/** Points above the majority answer that count as having learned the task. */
const clearMargin = 0.15;

/** @returns one to five sentences; one that says so while nothing is finished. */
export function writeHeadline(report: StudyReport, extras: StudyPageExtras): string[] {
  const methods = comparedMethods(report).filter((method) =>
    report.tasks.some((task) => meanScore(report, task.id, method.id) !== undefined),
  );
  const full = methods.find((method) => familyOf(method.method) === 'full-tuning');
  const prompt = methods.find((method) => votes(report, method.id)) ?? methods.find((method) => method !== full);
  if (prompt === undefined) return full === undefined ? ['No run is finished yet.'] : [costSentence(report, full, undefined)];
  return [
    costSentence(report, prompt, full),
    ...baselineSentences(report, extras, prompt),
    ...voteSentence(report, prompt),
    ...(full === undefined ? [] : verdictSentence(report, prompt, full)),
  ];
}

function meanScore(report: StudyReport, task: string, method: string): number | undefined {
  return findCell(report, task, method)?.summary['score']?.mean;
}

function costSentence(report: StudyReport, method: StudyMethod, other: StudyMethod | undefined): string {
  const shared = report.tasks.filter((task) =>
    [method, ...(other === undefined ? [] : [other])].every(({ id }) => meanScore(report, task.id, id) !== undefined),
  );
  const mean = (id: string): string => scoreText(meanOver(shared, (task) => meanScore(report, task.id, id)));
  const cost = `${method.title} trains ${countText(method.trainableParameters)} parameters a task, ${shareText(method.trainableParameters / report.model.parameterCount)} of the model`;
  if (shared.length === 0) return `${cost}.`;
  const over = shared.length === 1 ? 'on one task' : `on average over ${shared.length} tasks`;
  const beside =
    other === undefined
      ? ''
      : `, against ${mean(other.id)} for ${lowered(other.title)}, which trains ${shareText(other.trainableParameters / report.model.parameterCount)}`;
  return `${cost}, and scores ${mean(method.id)} ${over}${beside}.`;
}

function baselineSentences(report: StudyReport, extras: StudyPageExtras, method: StudyMethod): string[] {
  const scored = report.tasks.flatMap((task) => {
    const score = meanScore(report, task.id, method.id);
    return score === undefined ? [] : [{ score, majority: task.majority?.['score'], zeroShot: zeroShotScore(report, extras, task.id) }];
  });
  const closed = scored.filter(({ majority }) => majority !== undefined);
  const clear = closed.filter(({ score, majority }) => majority !== undefined && score - majority >= clearMargin - 1e-9);
  const asked = scored.filter(({ zeroShot }) => zeroShot !== null);
  const above = asked.filter(({ score, zeroShot }) => zeroShot !== null && score > zeroShot);
  const parts = [
    ...(closed.length === 0
      ? []
      : [
          `beats the majority answer by 15 points or more on ${ofAll(clear.length, closed.length)}${closed.length < scored.length ? ' that have one' : ''}`,
        ]),
    ...(asked.length === 0 ? [] : [`scores above zero-shot on ${ofAll(above.length, asked.length)}`]),
  ];
  return parts.length === 0 ? [] : [`It ${parts.join(' and ')}.`];
}

function voteSentence(report: StudyReport, method: StudyMethod): string[] {
  const voted = report.tasks.flatMap((task) => {
    const cell = findCell(report, task.id, method.id);
    const average = cell?.summary['score']?.mean;
    const vote = cell?.ensemble?.scores['score'];
    return average === undefined || vote === undefined ? [] : [{ average, vote, members: cell?.ensemble?.members ?? 0 }];
  });
  if (voted.length === 0) return [];
  const kept = voted.filter(({ average, vote }) => vote >= average - 1e-9);
  const members = new Set(voted.map((one) => one.members));
  const whose = members.size === 1 ? `${numberWord([...members][0] ?? 0)} prompts` : 'the prompts';
  return [`The vote of ${whose} is at or above their average on ${ofAll(kept.length, voted.length)}.`];
}

function verdictSentence(report: StudyReport, prompt: StudyMethod, full: StudyMethod): string[] {
  const pairs = report.comparisons.filter(({ a, b }) => (a === prompt.id && b === full.id) || (a === full.id && b === prompt.id));
  const tested = pairs.filter(({ adjustedPValue }) => adjustedPValue !== null);
  if (tested.length === 0) return [];
  const ahead = (method: StudyMethod): number =>
    tested.filter((pair) => isSignificant(pair) && (pair.a === method.id ? pair.difference > 0 : pair.difference < 0)).length;
  const [fullAhead, promptAhead] = [ahead(full), ahead(prompt)];
  const tied = tested.length - fullAhead - promptAhead;
  return [
    `${full.title} is significantly ahead on ${fullAhead}, ${lowered(prompt.title)} on ${promptAhead}, and ${tied} of ${tested.length} ${tested.length === 1 ? 'task is' : 'tasks are'} statistically tied (Holm-adjusted p\u00a0<\u00a00.05).`,
  ];
}

/** After Holm's correction, at 5 %. */
export function isSignificant(comparison: StudyComparison): boolean {
  return comparison.adjustedPValue !== null && comparison.adjustedPValue < significant;
}

function ofAll(count: number, all: number): string {
  if (count === all) return all === 1 ? 'the one task' : `all ${all} tasks`;
  return `${count} of ${all} tasks`;
}

function numberWord(count: number): string {
  return ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'][count] ?? String(count);
}

/** “Full tuning” in mid-sentence; “PT” and “WARP” stay as they are. */
function lowered(title: string): string {
  return /^\p{Lu}\p{Ll}/u.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}
