import { createTexts } from './catalogue.ts';

export const modelsText = createTexts(
  {
    title: 'Models', list: 'Models of this workspace', name: 'Name', size: 'Parameters', convention: 'Convention', architecture: 'Architecture', added: 'Added', fingerprint: 'Fingerprint', folder: 'Folder', weights: 'Weights',
    addFolder: 'Add a folder …', addHub: 'Download from the hub …', addBuiltIn: 'Use the built-in model', remove: 'Forget', rename: 'Rename …', newName: 'New name',
    emptyTitle: 'No models yet', emptyText: 'A model is a T5 folder as on the Hugging Face hub: config.json, weights, tokenizer. Drop one here, download one, or start with the small one that comes with the program.',
    hubTitle: 'Download a model from the hub', hubId: 'Model id', hubHint: 'As on the hub: google/t5-base-lm-adapt. The download goes on after an interruption, and every file is checked against its hash.', download: 'Download',
    adding: (name: string) => `Adding ${name}`, addedNotice: (name: string) => `${name} was added`, removedNotice: (name: string) => `${name} was forgotten; its folder is as it was`,
    fit: 'Does it fit?', fitPrompt: 'Prompt tuning', fitFull: 'Model tuning', free: (bytes: string) => `${bytes} free now`, assumes: (tokens: number, rows: number) => `One example of ${tokens} tokens at a time, ${rows} prompt rows`,
    memoryWeights: 'weights', memoryActivations: 'activations', memoryGradients: 'gradients', memoryOptimizer: 'optimizer',
    choose: 'Choose a model to see its facts.', lmAdapted: 'LM-adapted', spanCorruption: 'span corruption', path: 'Folder on the core’s machine', pathHint: 'An absolute path. In the window, drop the folder instead.', tune: 'Tune a prompt on it',
    unfinished: 'Downloads that are not finished', unfinishedOf: (done: string, total: string | null) => (total === null ? `${done} so far` : `${done} of ${total}`), goOn: 'Go on', discard: 'Delete', discarded: (bytes: string) => `The unfinished download was deleted; ${bytes} were freed`, stop: 'Stop', renameTitle: (name: string) => `Rename ${name}`, renamed: (name: string) => `The model is called ${name} now`,
  },
  {
    title: 'Модели', list: 'Модели этого рабочего места', name: 'Имя', size: 'Параметры', convention: 'Форма ответа', architecture: 'Архитектура', added: 'Добавлена', fingerprint: 'Отпечаток', folder: 'Папка', weights: 'Веса',
    addFolder: 'Добавить папку …', addHub: 'Загрузить с хаба …', addBuiltIn: 'Взять встроенную модель', remove: 'Убрать', rename: 'Переименовать …', newName: 'Новое имя',
    emptyTitle: 'Моделей пока нет', emptyText: 'Модель – это папка T5, как на Hugging Face: config.json, веса, токенизатор. Перетащите её сюда, загрузите с хаба или начните с маленькой встроенной.',
    hubTitle: 'Загрузить модель с хаба', hubId: 'Имя модели', hubHint: 'Как на хабе: google/t5-base-lm-adapt. После обрыва загрузка продолжается, каждый файл сверяется с его хешем.', download: 'Загрузить',
    adding: (name: string) => `Добавляется ${name}`, addedNotice: (name: string) => `Добавлено: ${name}`, removedNotice: (name: string) => `Убрано: ${name}; папка осталась как была`,
    fit: 'Поместится ли?', fitPrompt: 'Обучение подсказки', fitFull: 'Обучение модели', free: (bytes: string) => `сейчас свободно ${bytes}`, assumes: (tokens: number, rows: number) => `По одному примеру в ${tokens} токенов, строк подсказки: ${rows}`,
    memoryWeights: 'веса', memoryActivations: 'активации', memoryGradients: 'градиенты', memoryOptimizer: 'оптимизатор',
    choose: 'Выберите модель, чтобы увидеть сведения о ней.', lmAdapted: 'LM-адаптация', spanCorruption: 'восстановление пропусков', path: 'Папка на машине ядра', pathHint: 'Полный путь. В окне проще перетащить папку.', tune: 'Обучить подсказку',
    unfinished: 'Незаконченные загрузки', unfinishedOf: (done: string, total: string | null) => (total === null ? `пока ${done}` : `${done} из ${total}`), goOn: 'Продолжить', discard: 'Удалить', discarded: (bytes: string) => `Незаконченная загрузка удалена; освобождено ${bytes}`, stop: 'Остановить', renameTitle: (name: string) => `Переименовать ${name}`, renamed: (name: string) => `Теперь модель называется ${name}`,
  },
);
