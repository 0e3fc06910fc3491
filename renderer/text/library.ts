/** The task library: tasks, their patterns and verbalizers. */
import type { PvpKind } from '../view/library/pvp-kind.ts';
import { createTexts, plural } from './catalogue.ts';

const englishKinds: Record<PvpKind, string> = { soft: 'soft', hard: 'hard', hybrid: 'hybrid', unified: 'unified' };
const russianKinds: Record<PvpKind, string> = { soft: 'мягкий', hard: 'словесный', hybrid: 'смешанный', unified: 'единый' };
type Severity = 'error' | 'warning' | 'note';
const englishSeverities: Record<Severity, string> = { error: 'error', warning: 'warning', note: 'note' };
const russianSeverities: Record<Severity, string> = { error: 'ошибка', warning: 'внимание', note: 'заметка' };
type Part = 'title' | 'format' | 'labels' | 'dataset' | 'provenance' | 'template' | 'words' | 'answerNote';
const englishParts: Record<Part, string> = { title: 'Title', format: 'Format', labels: 'Labels', dataset: 'Data set', provenance: 'Provenance', template: 'Pattern', words: 'Words', answerNote: 'Note' };
const russianParts: Record<Part, string> = { title: 'Заголовок', format: 'Формат', labels: 'Метки', dataset: 'Набор данных', provenance: 'Источник', template: 'Шаблон', words: 'Слова', answerNote: 'Примечание' };

export const libraryText = createTexts(
  {
    title: 'Library', list: 'Tasks and their patterns', name: 'Task', pairs: 'Patterns', version: 'Version', filterLabel: 'Filter tasks and patterns',
    newTask: 'New task …', import: 'Import …', exportAll: 'Export all', exportTask: 'Export', addBuiltIn: 'Add the built-in tasks', trash: 'Trash', backToList: 'Back to the tasks',
    emptyTitle: 'No tasks yet', emptyText: 'A task is a data format with its patterns: how a row becomes text, where the soft prompt stands, and which word says which label. Eleven tasks come with the program, each with the patterns that papers used.',
    emptyTrash: 'The trash is empty', emptyTrashText: 'Tasks that you move to the trash wait here; runs keep what they used.',
    builtInAdded: (count: number) => (count === 0 ? 'Every built-in task is here already' : `${plural('en', count, { one: 'task', other: 'tasks' })} added`),
    choose: 'Choose a task or a pattern.', tabs: 'Parts of the task', patterns: 'Patterns', versions: 'Versions', facts: 'Task',
    tune: 'Tune with this pattern', tuneTask: 'Tune on this task', addPattern: 'New pattern …', presets: 'Published patterns …', duplicate: 'Duplicate', removePattern: 'Remove',
    patternRemoved: (id: string) => `${id} was removed`, taskTrashed: (name: string) => `${name} is in the trash`, taskRestored: (name: string) => `${name} is back`,
    saved: (version: number) => `Saved as version ${version}`, save: 'Save a new version', discard: 'Discard changes', unsaved: 'not saved yet',
    changedMeanwhile: 'This pattern was changed elsewhere while you edited it. Saving keeps your text; discarding shows the other.',
    id: 'Id', idHint: 'What you type to name it: task/id', patternTitle: 'Title', kind: 'Kind', template: 'Pattern', words: 'Words', provenance: 'Provenance', answerNote: 'Note', about: 'Id, title, source',
    templateText: 'Text with slots', templateHint: 'Text, {{ field }}, {{ soft(20) }} for rows of the prompt, {{ answer }}, and Jinja’s if, for and filters. Alt+1 … Alt+9 insert what stands below.',
    insert: 'Insert', insertSoft: 'soft rows', insertAnswer: 'answer slot', insertTarget: 'target begins',
    noFields: 'Choose data below to see the fields that a row has.',
    verbalizer: 'Verbalizer', ownWords: 'The labels themselves', changeWords: 'Use other words', dropWords: 'Use the labels themselves', open: 'The answers of this task are open: there are no labels to find words for.',
    label: 'Label', wordsHint: 'The first is trained and decoded; others, after commas, count as the label, too.', pieces: 'Pieces', addLabel: 'Add a label', removeLabel: (label: string) => `Remove ${label}`, wordsOf: (label: string) => `Words of ${label}`, labelNumber: (index: number) => `Label ${index}`,
    checks: 'Checks', noFindings: 'Nothing to mind.', invalid: 'This cannot be saved yet', goTo: (line: number, column: number) => `line ${line}, column ${column}`,
    templateEmpty: 'The pattern is empty.', idInvalid: 'Letters and digits with . _ or - between them.', idTaken: 'Another pattern of the task has this id.', titleEmpty: 'A title is missing.',
    preview: 'Preview', previewModel: 'Tokenizer of', previewData: 'Rows of', previewRows: 'Rows', maxTokens: 'Longest input', show: 'Show', asTokens: 'tokens', asText: 'text', noModel: 'no model', noData: 'no data',
    addModel: 'Add a model to see tokens.', addData: 'Import data of this format to see real rows.', builtInData: (task: string, split: string) => `built-in ${task} · ${split}`,
    tokenCount: (text: number, soft: number, target: number) => `${text} tokens${soft === 0 ? '' : ` + ${soft} soft`} → ${target}`,
    cut: 'cut', cutOf: (cut: number, all: number) => `${cut} of ${all} cut`, refused: (line: number) => `Row ${line} is refused`, noTarget: 'no label', target: 'Target',
    softSlot: (rows: number) => `soft × ${rows}`, answerSlot: 'answer', longest: (tokens: number) => `longest ${tokens}`, answers: 'Answers', previewList: 'Examples as the model reads them',
    kindOf: (kind: PvpKind) => englishKinds[kind], severity: (severity: Severity) => englishSeverities[severity], partOf: (part: Part) => englishParts[part],
    presetsTitle: 'Published patterns', presetsHint: 'As their papers and code write them. Those that you add can be changed.', format: 'Format', addPresets: (count: number) => `Add ${plural('en', count, { one: 'pattern', other: 'patterns' })}`, isHere: 'is in the task', noPresets: 'There are none for this format.',
    presetsAdded: (count: number) => `${plural('en', count, { one: 'pattern', other: 'patterns' })} added`, otherFormat: 'These are for another format: fields and labels may not fit.',
    newTaskTitle: 'New task', taskName: 'Name', taskNameHint: 'Letters and digits with . _ or - between them; runs name it.', formatHint: 'Decides fields, labels and metrics.', withPresets: 'With the published patterns of the format', create: 'Add the task', created: (name: string) => `${name} was added`,
    newPatternTitle: 'New pattern', createPattern: 'Add the pattern', beginWith: 'Begin with',
    importTitle: 'Import tasks', chooseFile: 'Choose a file …', importHint: 'A library that Souffleur wrote (.json), or promptsource’s templates.yaml. Nothing is kept before you say so.', conflicts: 'Where a task is here already', refuse: 'Import nothing', newVersion: 'Make a new version of it', importNow: 'Import',
    translated: (done: number, all: number) => `${done} of ${all} templates can be said as patterns`, notTranslated: 'Not translated', unknownFields: (id: string, fields: string) => `${id} names ${fields}, which the format does not have`, asTask: 'Into the task', fromDataset: 'Found format',
    imported: (added: number, updated: number, unchanged: number) => `${added} added, ${updated} updated, ${unchanged} the same already`, importedPatterns: (count: number, task: string) => `${plural('en', count, { one: 'pattern', other: 'patterns' })} imported into ${task}`, exported: (count: number) => `${plural('en', count, { one: 'task', other: 'tasks' })} exported`,
    latest: 'latest', changedAt: 'Saved', against: 'Changes from version', noChanges: 'They say the same.', added: 'added', removed: 'removed', changed: 'changed', reordered: 'The order of the patterns changed.', revert: 'Make this the latest again', reverted: (version: number, now: number) => `Version ${version} is the latest again, as ${now}`,
    runsTitle: 'Runs that used it', noRuns: 'No run used this version.', versionList: 'Versions of the task', runCount: 'Runs', firstVersion: 'The first version.',
    metrics: 'Metrics', labels: 'Labels', dataset: 'Data set', noDataset: 'left to the run', latestDataset: 'newest version', fileDecides: 'the training file decides', openAnswers: 'open answers', labelsHint: 'As the file writes them, one a line, in class order. Empty: the training file decides.', saveTask: 'Save',
    pairList: 'Patterns of the task', noPairs: 'No patterns yet', noPairsText: 'Without one the task is put to the model in T5’s own form. Begin with a published pattern or write one.', hash: 'Hash', created2: 'Added',
  },
  {
    title: 'Задачи', list: 'Задачи и их шаблоны', name: 'Задача', pairs: 'Шаблоны', version: 'Версия', filterLabel: 'Фильтр задач и шаблонов',
    newTask: 'Новая задача …', import: 'Импорт …', exportAll: 'Экспортировать все', exportTask: 'Экспорт', addBuiltIn: 'Добавить встроенные задачи', trash: 'Корзина', backToList: 'К списку задач',
    emptyTitle: 'Задач пока нет', emptyText: 'Задача — это формат данных и шаблоны к нему: как строка становится текстом, где стоит мягкая подсказка и какое слово означает какую метку. С программой идут одиннадцать задач с шаблонами из статей.',
    emptyTrash: 'Корзина пуста', emptyTrashText: 'Здесь ждут задачи, убранные в корзину; запуски хранят то, чем пользовались.',
    builtInAdded: (count: number) => (count === 0 ? 'Все встроенные задачи уже здесь' : `Добавлено: ${plural('ru', count, { one: 'задача', few: 'задачи', many: 'задач', other: 'задачи' })}`),
    choose: 'Выберите задачу или шаблон.', tabs: 'Разделы задачи', patterns: 'Шаблоны', versions: 'Версии', facts: 'Задача',
    tune: 'Настроить с этим шаблоном', tuneTask: 'Настроить на этой задаче', addPattern: 'Новый шаблон …', presets: 'Шаблоны из статей …', duplicate: 'Сделать копию', removePattern: 'Удалить',
    patternRemoved: (id: string) => `Шаблон ${id} удалён`, taskTrashed: (name: string) => `Задача ${name} в корзине`, taskRestored: (name: string) => `Задача ${name} восстановлена`,
    saved: (version: number) => `Сохранено как версия ${version}`, save: 'Сохранить новую версию', discard: 'Отменить правки', unsaved: 'не сохранено',
    changedMeanwhile: 'Пока вы правили, этот шаблон изменили в другом месте. Сохранение оставит ваш текст, отмена правок покажет другой.',
    id: 'Обозначение', idHint: 'Так его называют в командах: задача/обозначение', patternTitle: 'Заголовок', kind: 'Вид', template: 'Шаблон', words: 'Слова', provenance: 'Источник', answerNote: 'Примечание', about: 'Обозначение, заголовок, источник',
    templateText: 'Текст со слотами', templateHint: 'Текст, {{ поле }}, {{ soft(20) }} — строки подсказки, {{ answer }} — место ответа, а также if, for и фильтры Jinja. Alt+1 … Alt+9 вставляют то, что ниже.',
    insert: 'Вставить', insertSoft: 'мягкие строки', insertAnswer: 'место ответа', insertTarget: 'начало ответа',
    noFields: 'Выберите данные ниже, чтобы увидеть поля строки.',
    verbalizer: 'Вербализатор', ownWords: 'Сами метки', changeWords: 'Взять другие слова', dropWords: 'Взять сами метки', open: 'Ответы этой задачи открытые: меток, для которых нужны слова, нет.',
    label: 'Метка', wordsHint: 'Первому слову учат модель; другие, через запятую, тоже считаются этой меткой.', pieces: 'Токены', addLabel: 'Добавить метку', removeLabel: (label: string) => `Удалить ${label}`, wordsOf: (label: string) => `Слова метки ${label}`, labelNumber: (index: number) => `Метка ${index}`,
    checks: 'Проверки', noFindings: 'Замечаний нет.', invalid: 'Пока нельзя сохранить', goTo: (line: number, column: number) => `строка ${line}, столбец ${column}`,
    templateEmpty: 'Шаблон пуст.', idInvalid: 'Буквы и цифры, между ними . _ или -', idTaken: 'В задаче уже есть шаблон с таким обозначением.', titleEmpty: 'Нет заголовка.',
    preview: 'Предпросмотр', previewModel: 'Токенизатор', previewData: 'Строки из', previewRows: 'Строк', maxTokens: 'Предел входа', show: 'Показать', asTokens: 'токены', asText: 'текст', noModel: 'без модели', noData: 'без данных',
    addModel: 'Добавьте модель, чтобы увидеть токены.', addData: 'Импортируйте данные этого формата, чтобы увидеть настоящие строки.', builtInData: (task: string, split: string) => `встроенная ${task} · ${split}`,
    tokenCount: (text: number, soft: number, target: number) => `токенов: ${text}${soft === 0 ? '' : ` + ${soft} мягких`} → ${target}`,
    cut: 'обрезано', cutOf: (cut: number, all: number) => `обрезано ${cut} из ${all}`, refused: (line: number) => `Строка ${line} отвергнута`, noTarget: 'без метки', target: 'Ответ',
    softSlot: (rows: number) => `soft × ${rows}`, answerSlot: 'ответ', longest: (tokens: number) => `самый длинный: ${tokens}`, answers: 'Ответы', previewList: 'Примеры так, как их читает модель',
    kindOf: (kind: PvpKind) => russianKinds[kind], severity: (severity: Severity) => russianSeverities[severity], partOf: (part: Part) => russianParts[part],
    presetsTitle: 'Шаблоны из статей', presetsHint: 'Так, как они записаны в статьях и их коде. Добавленное можно менять.', format: 'Формат', addPresets: (count: number) => `Добавить ${plural('ru', count, { one: 'шаблон', few: 'шаблона', many: 'шаблонов', other: 'шаблона' })}`, isHere: 'уже в задаче', noPresets: 'Для этого формата их нет.',
    presetsAdded: (count: number) => `Добавлено: ${plural('ru', count, { one: 'шаблон', few: 'шаблона', many: 'шаблонов', other: 'шаблона' })}`, otherFormat: 'Это шаблоны другого формата: поля и метки могут не подойти.',
    newTaskTitle: 'Новая задача', taskName: 'Имя', taskNameHint: 'Буквы и цифры, между ними . _ или -; так её называют запуски.', formatHint: 'Определяет поля, метки и метрики.', withPresets: 'С опубликованными шаблонами этого формата', create: 'Добавить задачу', created: (name: string) => `Задача ${name} добавлена`,
    newPatternTitle: 'Новый шаблон', createPattern: 'Добавить шаблон', beginWith: 'Начать с',
    importTitle: 'Импорт задач', chooseFile: 'Выбрать файл …', importHint: 'Библиотека, записанная Souffleur (.json), или templates.yaml из promptsource. До вашего согласия ничего не сохраняется.', conflicts: 'Если задача уже есть', refuse: 'Не импортировать ничего', newVersion: 'Сделать её новой версией', importNow: 'Импортировать',
    translated: (done: number, all: number) => `Шаблонами можно выразить ${done} из ${all}`, notTranslated: 'Не переведено', unknownFields: (id: string, fields: string) => `${id} называет ${fields}, чего в формате нет`, asTask: 'В задачу', fromDataset: 'Найденный формат',
    imported: (added: number, updated: number, unchanged: number) => `добавлено ${added}, обновлено ${updated}, без изменений ${unchanged}`, importedPatterns: (count: number, task: string) => `${plural('ru', count, { one: 'шаблон', few: 'шаблона', many: 'шаблонов', other: 'шаблона' })} → ${task}`, exported: (count: number) => `Экспортировано: ${plural('ru', count, { one: 'задача', few: 'задачи', many: 'задач', other: 'задачи' })}`,
    latest: 'последняя', changedAt: 'Сохранена', against: 'Отличия от версии', noChanges: 'Отличий нет.', added: 'добавлен', removed: 'удалён', changed: 'изменён', reordered: 'Изменился порядок шаблонов.', revert: 'Снова сделать последней', reverted: (version: number, now: number) => `Версия ${version} снова последняя, под номером ${now}`,
    runsTitle: 'Запуски с ней', noRuns: 'С этой версией запусков не было.', versionList: 'Версии задачи', runCount: 'Запуски', firstVersion: 'Первая версия.',
    metrics: 'Метрики', labels: 'Метки', dataset: 'Набор данных', noDataset: 'решает запуск', latestDataset: 'новейшая версия', fileDecides: 'решает обучающий файл', openAnswers: 'открытые ответы', labelsHint: 'Как в файле, по одной на строке, в порядке классов. Пусто: решает обучающий файл.', saveTask: 'Сохранить',
    pairList: 'Шаблоны задачи', noPairs: 'Шаблонов пока нет', noPairsText: 'Без шаблона задача задаётся модели в собственной форме T5. Начните с шаблона из статьи или напишите свой.', hash: 'Хеш', created2: 'Добавлена',
  },
);
