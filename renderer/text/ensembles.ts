/** Votes of several prompts. */
import { createTexts, plural } from './catalogue.ts';

type Rule = 'log-probability' | 'dev-score' | 'order';
const english: Readonly<Record<Rule, string>> = {
  'log-probability': 'the higher sum of log-probabilities over all members decided', 'dev-score': 'log-probabilities were equal too; the member with the best dev score decided', order: 'nothing else told them apart; the member that comes first decided',
};
const russian: Readonly<Record<Rule, string>> = {
  'log-probability': 'решила бо́льшая сумма логарифмов вероятностей по всем участникам', 'dev-score': 'суммы логарифмов тоже равны; решил участник с лучшей оценкой на dev', order: 'больше их ничто не различает; решил участник, стоящий первым',
};
const ruleOf = (rules: Readonly<Record<Rule, string>>, rule: string | null): string => rules[rule as Rule] ?? '';

export const ensemblesText = createTexts(
  {
    title: 'Ensembles', list: 'Votes', newVote: 'New vote …', when: 'When', task: 'Task', data: 'Data', members: 'Prompts', file: 'a file',
    emptyTitle: 'No votes yet', emptyText: 'Several prompts of one frozen model vote on every example: the majority of their answers counts. It costs one pass of the model, and is usually better than the best of them.', choose: 'Choose a vote, or let prompts vote anew.', runsFirst: 'Tune five prompts first',
    chooseTitle: 'Let prompts vote', chooseText: 'Two or more finished runs of one model and task. The order of their numbers is the last rule for a tie.', group: (runs: string, count: number) => `The ${count} seeds of ${runs}`, on: 'Vote on', splitTest: 'the test split', splitDev: 'the dev split', dataset: 'an imported data set', chosenFile: 'a file …', chooseFile: 'Choose a file …', path: 'Data set and split',
    start: (count: number) => `Let ${plural('en', count, { one: 'prompt', other: 'prompts' })} vote`, voting: 'Voting', cancelled: 'The vote was cancelled', run: 'Run', method: 'Method', model: 'Model', seed: 'Seed', dev: 'Dev', filterRuns: 'Filter by id, method, model, task, note or tag',
    table: 'Average, best, ensemble', metric: 'Metric', average: 'Average', best: 'Best', bestByDev: 'Best by dev', ensemble: 'Ensemble', tableNote: 'Average and best of single prompts, as in Lester et al. 2021, table 3. “Best” is chosen after looking at these very examples; “best by dev” is not.', scores: 'Single prompts and their vote', points: 'points of 100',
    ties: (count: number) => plural('en', count, { one: 'tie', other: 'ties' }), abstentions: (count: number) => plural('en', count, { one: 'abstention', other: 'abstentions' }), memberList: 'Members', legal: 'Legal answers', score: 'Score',
    examples: 'Votes by example', all: 'all', divided: 'divided', onlyTies: 'ties', onlyAbstentions: 'with abstentions', wrong: 'vote is wrong', which: 'Which votes', find: 'Find an id or an answer', id: 'Example', votes: 'Votes', winner: 'Winner', right: 'Right answer', signs: 'Signs',
    tie: 'tie', abstained: (count: number) => `${count} abstained`, found: (count: string) => `${count} found`, noFound: 'No vote passes the filter.', chooseExample: 'Choose an example to see who said what.', nobody: 'Nobody gave an answer that counts.', isRight: 'right', isWrong: 'wrong', agrees: 'with the vote', dissents: 'against the vote', abstains: 'abstained', empty: '(empty)',
    decided: (votes: number, members: number) => `${votes} of ${members} said so.`, tieRule: (rule: string | null) => `Equally many votes: ${ruleOf(english, rule)}.`, abstentionRule: 'An answer that is no label abstains.', noReport: 'The scores of a vote on a file are shown while this page is open. Vote again to see them.',
    pack: 'Export as a pack', compare: 'Compare the members', signNote: 'Filled: with the vote. Hollow with a bar: against it. Dash: abstained.',
  },
  {
    title: 'Ансамбли', list: 'Голосования', newVote: 'Новое голосование …', when: 'Когда', task: 'Задача', data: 'Данные', members: 'Подсказки', file: 'файл',
    emptyTitle: 'Голосований пока нет', emptyText: 'Несколько подсказок одной замороженной модели голосуют по каждому примеру: засчитывается ответ большинства. Это стоит одного прохода модели и обычно лучше лучшей из них.', choose: 'Выберите голосование или проведите новое.', runsFirst: 'Сначала обучить пять подсказок',
    chooseTitle: 'Провести голосование', chooseText: 'Два или больше готовых запуска одной модели и задачи. Порядок номеров – последнее правило при равенстве.', group: (runs: string, count: number) => `Сиды ${runs} (${count})`, on: 'На чём', splitTest: 'часть test', splitDev: 'часть dev', dataset: 'загруженный набор данных', chosenFile: 'файл …', chooseFile: 'Выбрать файл …', path: 'Набор и часть',
    start: (count: number) => `Голосовать: ${plural('ru', count, { one: 'подсказка', few: 'подсказки', many: 'подсказок', other: 'подсказки' })}`, voting: 'Идёт голосование', cancelled: 'Голосование отменено', run: 'Запуск', method: 'Метод', model: 'Модель', seed: 'Сид', dev: 'Dev', filterRuns: 'Фильтр по номеру, методу, модели, задаче, заметке или метке',
    table: 'Среднее, лучшая, ансамбль', metric: 'Метрика', average: 'Среднее', best: 'Лучшая', bestByDev: 'Лучшая по dev', ensemble: 'Ансамбль', tableNote: 'Среднее и лучшая из отдельных подсказок, как в Lester et al. 2021, таблица 3. «Лучшая» выбрана уже по этим примерам, «лучшая по dev» – нет.', scores: 'Отдельные подсказки и их голос', points: 'пункты из 100',
    ties: (count: number) => plural('ru', count, { one: 'ничья', few: 'ничьи', many: 'ничьих', other: 'ничьи' }), abstentions: (count: number) => plural('ru', count, { one: 'воздержание', few: 'воздержания', many: 'воздержаний', other: 'воздержания' }), memberList: 'Участники', legal: 'Допустимые ответы', score: 'Оценка',
    examples: 'Голоса по примерам', all: 'все', divided: 'без единогласия', onlyTies: 'ничьи', onlyAbstentions: 'с воздержавшимися', wrong: 'итог неверен', which: 'Какие голоса', find: 'Искать номер или ответ', id: 'Пример', votes: 'Голоса', winner: 'Итог', right: 'Верный ответ', signs: 'Знаки',
    tie: 'ничья', abstained: (count: number) => `воздержались: ${count}`, found: (count: string) => `найдено: ${count}`, noFound: 'Через фильтр не проходит ни одно голосование.', chooseExample: 'Выберите пример, чтобы увидеть, кто что ответил.', nobody: 'Засчитываемого ответа не дал никто.', isRight: 'верно', isWrong: 'неверно', agrees: 'как большинство', dissents: 'против большинства', abstains: 'воздержалась', empty: '(пусто)',
    decided: (votes: number, members: number) => `Так ответили ${votes} из ${members}.`, tieRule: (rule: string | null) => `Голосов поровну: ${ruleOf(russian, rule)}.`, abstentionRule: 'Ответ, который не является меткой, считается воздержанием.', noReport: 'Оценки голосования по файлу видны, пока открыта эта страница. Чтобы увидеть их снова, проведите голосование ещё раз.',
    pack: 'Экспорт пакетом', compare: 'Сравнить участников', signNote: 'Закрашен: как большинство. Пустой с чертой: против. Тире: воздержалась.',
  },
);
