/** The frame: rail, strip, palette, shortcuts, connection. */
import { createTexts, plural } from './catalogue.ts';

export const frameText = createTexts(
  {
    home: 'Home', models: 'Models', library: 'Library', datasets: 'Datasets', runs: 'Runs', ensembles: 'Ensembles', compare: 'Compare', studies: 'Studies', packs: 'Packs', settings: 'Settings',
    sections: 'Sections', skip: 'Skip to content', palette: 'Go to or do …', palettePlaceholder: 'Type a place or an action', paletteEmpty: 'Nothing by that name.', shortcuts: 'Keyboard shortcuts',
    places: 'Go to', actions: 'Actions', strip: 'Queue and machine', connecting: 'Connecting to the core …', idle: 'Nothing is running',
    lost: 'The connection to the core is lost. It is tried again; nothing that runs is affected.',
    refusedTitle: 'This page is not let in',
    refusedText: 'The token in its address is missing or belongs to an earlier start. Open the address that “souffleur serve” printed last.',
    remote: (host: string) => `Remote core: ${host}`,
    running: (count: number) => `${count} running`,
    waiting: (count: number) => `${count} queued`,
    lostRuns: (count: number) => plural('en', count, { one: 'interrupted run', other: 'interrupted runs' }),
    freeMemory: (free: string, total: string) => `${free} of ${total} free`,
    dropTitle: 'Drop to add', dropText: 'Data files, folders and zips open the import. A .promptpack is shown before anything is trusted. A folder with config.json is added as a model.',
    keyPalette: 'Palette of places and actions', keyFilter: 'Filter the list', keyMove: 'Next, previous row', keyOpen: 'Open the row', keyMark: 'Mark the row', keyCompare: 'Compare what is marked', keyHelp: 'This list', keyBack: 'Back', keyGo: 'Go to a section by its first letter',
  },
  {
    home: 'Начало', models: 'Модели', library: 'Задачи', datasets: 'Данные', runs: 'Запуски', ensembles: 'Ансамбли', compare: 'Сравнение', studies: 'Исследования', packs: 'Пакеты', settings: 'Настройки',
    sections: 'Разделы', skip: 'К содержанию', palette: 'Перейти или сделать …', palettePlaceholder: 'Название раздела или действия', paletteEmpty: 'С таким названием ничего нет.', shortcuts: 'Клавиши',
    places: 'Перейти', actions: 'Действия', strip: 'Очередь и машина', connecting: 'Соединение с ядром …', idle: 'Ничего не выполняется',
    lost: 'Связь с ядром потеряна. Идёт повторное соединение; на то, что выполняется, это не влияет.',
    refusedTitle: 'Эту страницу не впустили',
    refusedText: 'В адресе нет токена или он от прежнего запуска. Откройте адрес, который последним напечатал «souffleur serve».',
    remote: (host: string) => `Удалённое ядро: ${host}`,
    running: (count: number) => `выполняется: ${count}`,
    waiting: (count: number) => `в очереди: ${count}`,
    lostRuns: (count: number) => plural('ru', count, { one: 'прерванный запуск', few: 'прерванных запуска', many: 'прерванных запусков', other: 'прерванных запуска' }),
    freeMemory: (free: string, total: string) => `свободно ${free} из ${total}`,
    dropTitle: 'Отпустите, чтобы добавить', dropText: 'Файлы данных, папки и zip открывают импорт. Пакет .promptpack сначала показывается. Папка с config.json добавляется как модель.',
    keyPalette: 'Список разделов и действий', keyFilter: 'Фильтр списка', keyMove: 'Следующая, предыдущая строка', keyOpen: 'Открыть строку', keyMark: 'Отметить строку', keyCompare: 'Сравнить отмеченное', keyHelp: 'Этот список', keyBack: 'Назад', keyGo: 'Перейти в раздел по первой букве',
  },
);
