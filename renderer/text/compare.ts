/** Runs held against each other. */
import { createTexts, plural } from './catalogue.ts';

type Verdict = 'above' | 'tied' | 'too-few' | 'untested';

/** The one ahead comes first; numbers are written already. */
interface Finding {
  verdict: Verdict;
  a: string;
  b: string;
  task: string;
  gap: string;
  isEqual: boolean;
  interval: { low: string; high: string } | null;
  p: string;
  test: 'mcnemar' | 'bootstrap';
  /** Of how many pairs; 1 where nothing had to be corrected. */
  pairs: number;
  examples: number;
}

function englishFinding({ verdict, a, b, task, gap, isEqual, interval, p, test, pairs, examples }: Finding): string {
  const evidence = [
    ...(interval === null ? [] : [`95 % interval ${interval.low} to ${interval.high}`]),
    ...(verdict === 'untested' ? [] : [`${test === 'mcnemar' ? 'McNemar’s test' : 'paired bootstrap'}, ${p}${pairs > 1 ? ` after Holm’s correction for ${pairs} pairs` : ''}`]), `n = ${examples}`,
  ].join('; ');
  switch (verdict) {
    case 'above': return `${a} is ${gap} points above ${b} on ${task} (${evidence}).`;
    case 'tied': return `${a} and ${b} are statistically tied on ${task} (difference ${gap} points; ${evidence}).`;
    case 'too-few': return `Too few examples to tell ${a} and ${b} apart on ${task} (difference ${gap} points; ${evidence}).`;
    case 'untested': return isEqual ? `${a} and ${b} score the same on ${task} (${evidence}).` : `${a} is ${gap} points above ${b} on ${task}, not tested (${evidence}).`;
    default: return verdict satisfies never;
  }
}

function russianFinding({ verdict, a, b, task, gap, isEqual, interval, p, test, pairs, examples }: Finding): string {
  const evidence = [
    ...(interval === null ? [] : [`95-процентный интервал от ${interval.low} до ${interval.high}`]),
    ...(verdict === 'untested' ? [] : [`${test === 'mcnemar' ? 'критерий Макнемара' : 'парный бутстрэп'}, ${p}${pairs > 1 ? ` с поправкой Холма на число пар (${pairs})` : ''}`]), `n = ${examples}`,
  ].join('; ');
  switch (verdict) {
    case 'above': return `На ${task} ${a} выше, чем ${b}, на ${gap} п. (${evidence}).`;
    case 'tied': return `На ${task} ${a} и ${b} статистически неразличимы (разница ${gap} п.; ${evidence}).`;
    case 'too-few': return `На ${task} слишком мало примеров, чтобы различить ${a} и ${b} (разница ${gap} п.; ${evidence}).`;
    case 'untested': return isEqual ? `На ${task} ${a} и ${b} набирают поровну (${evidence}).` : `На ${task} ${a} выше, чем ${b}, на ${gap} п.; проверка невозможна (${evidence}).`;
    default: return verdict satisfies never;
  }
}

export const compareText = createTexts(
  {
    title: 'Compare', tabs: 'Parts of the comparison', overview: 'Overview', examples: 'Examples', scale: 'Size', settings: 'Settings',
    chooseTitle: 'Runs to compare', chooseText: 'Mark two or more finished runs of one task: full tuning against prompt tuning, or five seeds against two. They are held against each other example by example.',
    emptyTitle: 'Nothing to compare yet', emptyText: 'Here finished runs are held against each other, down to the single answer: means over seeds, a paired test in words, and every example where they differ. The built-in demo study makes runs to begin with.', toHome: 'Start with the demo study', toRuns: 'To the runs',
    compare: (count: number) => `Compare ${plural('en', count, { one: 'run', other: 'runs' })}`, allOf: (task: string, count: number) => `All of ${task} (${count})`, change: 'Change runs …', clear: 'Clear the marks', mostRuns: 'At most 16 runs of one task are compared at once.', filterRuns: 'Filter by id, method, model, task, note or tag',
    run: 'Run', method: 'Method', model: 'Model', task: 'Task', seed: 'Seed', dev: 'Dev', test: 'Test', metric: 'Metric', split: 'Split', testSplit: 'test', devSplit: 'dev', ended: 'Finished',
    finding: (finding: Finding) => englishFinding(finding), pair: 'Two runs', a: 'A', b: 'B', swap: 'Swap A and B', answersOf: (run: string) => `Answers of ${run}`, runName: (id: string, method: string, seed: number) => `${id} (${method}, seed ${seed})`,
    byQuestion: (sentence: string) => `By whole questions: ${sentence}`, allPairs: 'All pairs', difference: 'A − B', interval: '95 % interval', pValue: 'p', effect: 'Cohen’s g', pairsNote: 'p after Holm’s correction over all pairs of this table. The interval is of the difference, from 10,000 resamples.',
    means: 'Means over seeds', byMethod: 'by method', byRun: 'by run', columns: 'Columns', meanNote: 'Mean ± one standard deviation over seeds, in points of 100; n is the number of runs.', legal: 'Legal answers', seconds: 'Training time', memory: 'Peak memory', trained: 'Trained parameters', stored: 'Kept a task', scores: 'Scores', points: 'points of 100',
    showPublished: (count: number) => `Show ${count} published`, publishedNote: 'Dashed: as printed in papers, of much larger models. They are part of no mean and no test.', ofPaper: (paper: string, place: string, model: string) => `${paper}, ${place}, ${model}`, lost: 'lost in the source',
    parameters: 'Parameters that get gradients', storage: 'Kept for a task', parametersAxis: 'trained parameters', storageAxis: 'bytes kept a task', sizeNote: 'Bold: the runs compared here. The rest by formula for the same model.', sizeNone: 'These runs are of several models: there is no one size to compare with.', measured: 'measured',
    differing: 'Settings that differ', same: 'These runs have the same settings but for what the table above says.', setting: 'Setting',
    quadrants: 'Who is right', bothRight: 'both right', onlyA: 'only A', onlyB: 'only B', bothWrong: 'both wrong', confusionPair: 'Answers of A and B', confusionOf: (run: string) => `Right answer and ${run}`, gold: 'Right answer', answers: (run: string) => run, filters: 'Filters',
    find: 'Find in input or answers', marks: 'Marks', anyMark: 'all', starred: 'starred', noted: 'with a note', clearFilters: 'Clear filters', found: (found: string, all: string) => `${found} of ${all}`, list: 'Examples', id: 'Example', input: 'Input', star: 'Star', unstar: 'Remove the star', note: 'Note', noteHint: 'Kept with the example of this file, whatever runs are compared. Ctrl+Enter saves.', noteSaved: 'The note is saved',
    noInput: 'The data file is gone or was changed: only answers are known.', noFound: 'No example passes the filters.', chooseExample: 'Choose an example: arrow keys or j and k move through the list.', answer: 'Answer', margin: 'Margin', marginNote: 'Margin: log-probability of the right label less that of the likeliest other, in nats; above zero the right one is preferred.', isRight: 'right', isWrong: 'wrong', empty: '(empty)',
    wordDiff: 'From A’s answer to B’s', sameAnswer: 'A and B say the same.', group: 'Group', inVotes: 'See how the ensemble votes', filterCell: (row: string, column: string) => `${row} × ${column}`,
    exportTitle: 'Export the comparison', format: 'Format', latexTabular: 'LaTeX table', latexDocument: 'LaTeX document', markdown: 'Markdown', csvRuns: 'CSV of the runs', csvPairs: 'CSV of the pairs', csvExamples: 'CSV of the examples', json: 'JSON, everything', exportNote: 'The same as “souffleur compare” writes. Charts have their own SVG and PNG beside their titles.', commandCopied: 'The command is copied',
    unlabelled: (count: number) => `${plural('en', count, { one: 'example', other: 'examples' })} without a label left out`, leftOut: (count: number) => `${plural('en', count, { one: 'example', other: 'examples' })} not in all runs left out`, common: 'Compare what they share', single: (task: string, run: string) => `${run} is the only run of ${task}: it has nothing to be compared with.`,
  },
  {
    title: 'Сравнение', tabs: 'Части сравнения', overview: 'Обзор', examples: 'Примеры', scale: 'Размер', settings: 'Настройки',
    chooseTitle: 'Какие запуски сравнить', chooseText: 'Отметьте два или больше готовых запуска одной задачи: дообучение модели и обучение подсказки или пять сидов против двух. Они сравниваются пример за примером.',
    emptyTitle: 'Сравнивать пока нечего', emptyText: 'Здесь готовые запуски сравниваются вплоть до отдельного ответа: средние по сидам, парная проверка словами и каждый пример, где они расходятся. Первые запуски даст встроенное демонстрационное исследование.', toHome: 'Начать с демонстрации', toRuns: 'К запускам',
    compare: (count: number) => `Сравнить ${plural('ru', count, { one: 'запуск', few: 'запуска', many: 'запусков', other: 'запуска' })}`, allOf: (task: string, count: number) => `Все с ${task} (${count})`, change: 'Выбрать запуски …', clear: 'Снять отметки', mostRuns: 'За один раз сравнивается не больше 16 запусков одной задачи.', filterRuns: 'Фильтр по номеру, методу, модели, задаче, заметке или метке',
    run: 'Запуск', method: 'Метод', model: 'Модель', task: 'Задача', seed: 'Сид', dev: 'Dev', test: 'Test', metric: 'Метрика', split: 'Часть данных', testSplit: 'test', devSplit: 'dev', ended: 'Закончен',
    finding: (finding: Finding) => russianFinding(finding), pair: 'Два запуска', a: 'A', b: 'B', swap: 'Поменять A и B местами', answersOf: (run: string) => `Ответы ${run}`, runName: (id: string, method: string, seed: number) => `${id} (${method}, сид ${seed})`,
    byQuestion: (sentence: string) => `По вопросам целиком: ${sentence}`, allPairs: 'Все пары', difference: 'A − B', interval: '95-процентный интервал', pValue: 'p', effect: 'g Коэна', pairsNote: 'p с поправкой Холма по всем парам этой таблицы. Интервал – для разницы, по 10 000 повторных выборок.',
    means: 'Средние по сидам', byMethod: 'по методам', byRun: 'по запускам', columns: 'Столбцы', meanNote: 'Среднее ± одно стандартное отклонение по сидам, в пунктах из 100; n – число запусков.', legal: 'Допустимые ответы', seconds: 'Время обучения', memory: 'Пик памяти', trained: 'Обучаемые параметры', stored: 'Хранится на задачу', scores: 'Оценки', points: 'пункты из 100',
    showPublished: (count: number) => `Показать опубликованные (${count})`, publishedNote: 'Пунктир: как напечатано в статьях, для намного больших моделей. Ни в средние, ни в проверки они не входят.', ofPaper: (paper: string, place: string, model: string) => `${paper}, ${place}, ${model}`, lost: 'утрачено в источнике',
    parameters: 'Параметры, получающие градиент', storage: 'Хранится на задачу', parametersAxis: 'обучаемые параметры', storageAxis: 'байт на задачу', sizeNote: 'Полужирным – запуски этого сравнения. Остальное по формуле для той же модели.', sizeNone: 'Запуски на разных моделях: общего размера для сравнения нет.', measured: 'измерено',
    differing: 'Чем различаются настройки', same: 'Настройки запусков одинаковы, кроме того, что сказано в таблице выше.', setting: 'Настройка',
    quadrants: 'Кто прав', bothRight: 'оба верно', onlyA: 'только A', onlyB: 'только B', bothWrong: 'оба неверно', confusionPair: 'Ответы A и B', confusionOf: (run: string) => `Верный ответ и ${run}`, gold: 'Верный ответ', answers: (run: string) => run, filters: 'Фильтры',
    find: 'Искать в тексте и ответах', marks: 'Отметки', anyMark: 'все', starred: 'со звездой', noted: 'с заметкой', clearFilters: 'Сбросить фильтры', found: (found: string, all: string) => `${found} из ${all}`, list: 'Примеры', id: 'Пример', input: 'Вход', star: 'Отметить звездой', unstar: 'Снять звезду', note: 'Заметка', noteHint: 'Хранится при примере этого файла, какие бы запуски ни сравнивались. Ctrl+Enter сохраняет.', noteSaved: 'Заметка сохранена',
    noInput: 'Файла с данными нет или он изменён: известны только ответы.', noFound: 'Через фильтры не проходит ни один пример.', chooseExample: 'Выберите пример: по списку ходят стрелки или j и k.', answer: 'Ответ', margin: 'Запас', marginNote: 'Запас: логарифм вероятности верной метки минус то же для вероятнейшей из остальных, в натах; выше нуля предпочтена верная.', isRight: 'верно', isWrong: 'неверно', empty: '(пусто)',
    wordDiff: 'От ответа A к ответу B', sameAnswer: 'A и B отвечают одинаково.', group: 'Группа', inVotes: 'Как голосует ансамбль', filterCell: (row: string, column: string) => `${row} × ${column}`,
    exportTitle: 'Экспорт сравнения', format: 'Формат', latexTabular: 'Таблица LaTeX', latexDocument: 'Документ LaTeX', markdown: 'Markdown', csvRuns: 'CSV по запускам', csvPairs: 'CSV по парам', csvExamples: 'CSV по примерам', json: 'JSON целиком', exportNote: 'То же, что пишет «souffleur compare». У рисунков свои SVG и PNG рядом с заголовком.', commandCopied: 'Команда скопирована',
    unlabelled: (count: number) => `без ответа и потому не в счёт: ${plural('ru', count, { one: 'пример', few: 'примера', many: 'примеров', other: 'примера' })}`, leftOut: (count: number) => `есть не у всех запусков и потому не в счёт: ${plural('ru', count, { one: 'пример', few: 'примера', many: 'примеров', other: 'примера' })}`, common: 'Сравнить общее', single: (task: string, run: string) => `${run} – единственный запуск задачи ${task}: сравнить не с чем.`,
  },
);
