/** Settings of this window and of the workspace; trash, machine, licences. */
import { createTexts, plural } from './catalogue.ts';

type OnError = 'continue' | 'pause';
type Memory = 'wait' | 'refuse' | 'ignore';
type Doomed = 'runs' | 'checkpoints' | 'datasets' | 'packs' | 'tasks';

const english: Record<Doomed, { one: string; other: string }> = {
  runs: { one: 'run', other: 'runs' }, checkpoints: { one: 'prompt checkpoint', other: 'prompt checkpoints' }, datasets: { one: 'data set', other: 'data sets' }, packs: { one: 'pack', other: 'packs' }, tasks: { one: 'task', other: 'tasks' },
};
const russian: Record<Doomed, { one: string; few: string; many: string; other: string }> = {
  runs: { one: 'запуск', few: 'запуска', many: 'запусков', other: 'запуска' }, checkpoints: { one: 'подсказка', few: 'подсказки', many: 'подсказок', other: 'подсказки' },
  datasets: { one: 'набор данных', few: 'набора данных', many: 'наборов данных', other: 'набора данных' }, packs: { one: 'пакет', few: 'пакета', many: 'пакетов', other: 'пакета' }, tasks: { one: 'задача', few: 'задачи', many: 'задач', other: 'задачи' },
};

export const settingsText = createTexts(
  {
    title: 'Settings', look: 'This window', theme: 'Theme', system: 'As the system', light: 'Light', dark: 'Dark', language: 'Language', pseudo: 'Pseudo-language (for checking translations)',
    devices: 'Devices of the runtime', available: 'available', doctor: 'Checks', again: 'Look again', privacy: 'Nothing leaves this machine: no telemetry, no account, no update check. The network is used only for a download that you start.',
    ok: 'in order', warn: 'worth a look', fail: 'wrong', saved: 'Saved', reset: 'Defaults again',
    queue: 'Queue', cpuJobs: 'Entries on the processor at once', cpuJobsHint: 'A GPU takes one at a time, whatever stands here. More than one shares the processor and seldom ends sooner.', onError: 'After a run failed', onErrorChoice: (choice: OnError) => ({ continue: 'go on with the next entry', pause: 'start no more until somebody says so' })[choice],
    memory: 'An entry that needs more memory than is free', memoryChoice: (choice: Memory) => ({ wait: 'waits until there is enough', refuse: 'is refused', ignore: 'starts all the same' })[choice], restarts: 'A worker that fell is started again', restartsHint: 'So many times without having come any further, then its run has failed. Its state is saved in any case.', times: 'times',
    workspace: 'Workspace', threads: 'Processor threads of a run', threadsHint: (count: string) => `Empty takes all ${count}. Results repeat bit for bit with the same number.`, hub: 'Where downloads come from', hubHint: 'The Hugging Face hub, or a mirror of it.', telemetry: 'Telemetry', telemetryNone: 'None: nothing is ever sent anywhere.',
    trash: 'Trash', trashEmpty: 'The trash is empty.', trashHolds: (kind: Doomed, count: number) => plural('en', count, english[kind]), trashBytes: (bytes: string) => `${bytes} would be freed`, trashFree: (bytes: string) => `${bytes} free on the disk`,
    trashKept: (count: number) => `${plural('en', count, { one: 'run stays', other: 'runs stay' })} in the trash, because a prompt is pinned`, empty: 'Empty the trash …', emptyTitle: 'Empty the trash?', emptyText: 'What is in it is deleted for good. This cannot be undone.', emptyNow: (bytes: string) => `Delete and free ${bytes}`, emptied: (bytes: string) => `The trash is empty; ${bytes} were freed`,
    core: 'Core', coreHere: 'This window and its core run on this machine.', coreBrowser: (host: string) => `This page is served by the core at ${host}.`, coreRemote: (host: string) => `This window speaks with a core on another machine: ${host}. Files are chosen there, runs use its devices.`, remoteUrl: 'Address of a core on another machine', remoteHint: 'As “souffleur serve” printed it, through a tunnel: http://127.0.0.1:8765/#token=…', remoteOpen: 'Open a window on it',
    about: 'About and licences', aboutText: 'Souffleur is a workbench for soft prompts on frozen T5 models. It is free software under the Apache licence 2.0.', builtOn: 'It is built on', part: 'Part', licence: 'Licence', published: 'Published results shown in studies and comparisons', showTable: (paper: string, title: string) => `${paper}: ${title}, the numbers`, task: 'Task', method: 'Method', model: 'Model', metric: 'Metric', value: 'Value', lost: 'not in the source',
  },
  {
    title: 'Настройки', look: 'Это окно', theme: 'Тема', system: 'Как в системе', light: 'Светлая', dark: 'Тёмная', language: 'Язык', pseudo: 'Псевдоязык (для проверки переводов)',
    devices: 'Устройства среды выполнения', available: 'доступно', doctor: 'Проверки', again: 'Проверить снова', privacy: 'Ничего не покидает эту машину: ни телеметрии, ни учётной записи, ни проверки обновлений. Сеть нужна только для загрузки, которую вы сами начали.',
    ok: 'в порядке', warn: 'стоит взглянуть', fail: 'ошибка', saved: 'Сохранено', reset: 'Вернуть как было',
    queue: 'Очередь', cpuJobs: 'Сколько записей на процессоре сразу', cpuJobsHint: 'На видеокарте всегда одна. Несколько делят процессор и редко кончают раньше.', onError: 'После ошибки запуска', onErrorChoice: (choice: OnError) => ({ continue: 'перейти к следующей записи', pause: 'больше не начинать, пока не скажут' })[choice],
    memory: 'Запись, которой нужно больше памяти, чем свободно', memoryChoice: (choice: Memory) => ({ wait: 'ждёт, пока памяти хватит', refuse: 'отклоняется', ignore: 'всё равно начинается' })[choice], restarts: 'Упавший исполнитель запускается снова', restartsHint: 'Столько раз без продвижения, потом запуск считается неудачным. Состояние сохраняется всегда.', times: 'раз',
    workspace: 'Рабочее место', threads: 'Потоков процессора на запуск', threadsHint: (count: string) => `Пусто – все ${count}. При том же числе результаты повторяются бит в бит.`, hub: 'Откуда загружать', hubHint: 'Хаб Hugging Face или его зеркало.', telemetry: 'Телеметрия', telemetryNone: 'Нет: ничего никуда не отправляется.',
    trash: 'Корзина', trashEmpty: 'Корзина пуста.', trashHolds: (kind: Doomed, count: number) => plural('ru', count, russian[kind]), trashBytes: (bytes: string) => `освободится ${bytes}`, trashFree: (bytes: string) => `на диске свободно ${bytes}`,
    trashKept: (count: number) => `Остаются в корзине из-за закреплённой подсказки: ${plural('ru', count, russian.runs)}`, empty: 'Очистить корзину …', emptyTitle: 'Очистить корзину?', emptyText: 'Всё, что в ней лежит, удаляется навсегда. Вернуть это нельзя.', emptyNow: (bytes: string) => `Удалить и освободить ${bytes}`, emptied: (bytes: string) => `Корзина пуста; освобождено ${bytes}`,
    core: 'Ядро', coreHere: 'Это окно и его ядро работают на этой машине.', coreBrowser: (host: string) => `Эту страницу отдаёт ядро ${host}.`, coreRemote: (host: string) => `Это окно говорит с ядром на другой машине: ${host}. Файлы выбираются там, запуски идут на её устройствах.`, remoteUrl: 'Адрес ядра на другой машине', remoteHint: 'Как его напечатал «souffleur serve», через туннель: http://127.0.0.1:8765/#token=…', remoteOpen: 'Открыть его в окне',
    about: 'О программе и лицензии', aboutText: 'Souffleur – мастерская мягких подсказок для замороженных моделей T5. Свободная программа по лицензии Apache 2.0.', builtOn: 'На чём она построена', part: 'Часть', licence: 'Лицензия', published: 'Опубликованные результаты, которые видны в исследованиях и сравнениях', showTable: (paper: string, title: string) => `${paper}: ${title}, числа`, task: 'Задача', method: 'Метод', model: 'Модель', metric: 'Метрика', value: 'Значение', lost: 'нет в источнике',
  },
);
