/** What the shell itself says: menus, dialogs, notifications. In the language that the page was set to. */
const english = {
  language: 'en' as 'en' | 'ru',
  file: 'File', edit: 'Edit', view: 'View', windowMenu: 'Window', help: 'Help',
  importData: 'Import data …', openPack: 'Open a prompt pack …', newRun: 'New run', remoteCore: 'Connect to the core whose address is on the clipboard …', settings: 'Settings …', close: 'Close window', quit: 'Quit Souffleur',
  undo: 'Undo', redo: 'Redo', cut: 'Cut', copy: 'Copy', paste: 'Paste', selectAll: 'Select all',
  palette: 'Palette …', home: 'Home', models: 'Models', library: 'Library', datasets: 'Datasets', runs: 'Runs', compare: 'Compare', studies: 'Studies', packs: 'Packs', ensembles: 'Ensembles',
  zoomIn: 'Larger', zoomOut: 'Smaller', zoomReset: 'Actual size', fullScreen: 'Full screen', reload: 'Reload the page', developerTools: 'Developer tools',
  minimize: 'Minimise', zoom: 'Zoom', front: 'Bring all to front', about: 'About Souffleur', hide: 'Hide Souffleur', hideOthers: 'Hide others', showAll: 'Show all',
  shortcuts: 'Keyboard shortcuts', openLogs: 'Open the folder of logs', openWorkspace: 'Open the workspace’s folder',
  cancel: 'Cancel', tryAgain: 'Try again',
  quitTitle: 'Runs are at work', quitText: (count: number) => (count === 1 ? 'One run is at work.' : `${count} runs are at work.`),
  quitDetail: 'Paused runs keep what they have learned and go on when Souffleur is opened again.',
  quitLater: 'Go on in the background until done', quitNow: 'Pause and quit',
  externalTitle: 'Open this address in the browser?', externalOpen: 'Open',
  remoteTitle: (host: string) => `Connect to the core at ${host}?`,
  remoteDetail: 'A window opens on it. Whatever you drop there is sent to that machine, and its runs use that machine. Connect only to a core that you started yourself.',
  remoteConnect: 'Connect', remoteMark: (host: string) => `REMOTE ${host}`,
  coreTitle: 'The workspace cannot be opened',
  stoppedTitle: 'The page was stopped', stoppedText: 'It fell three times within a minute. Nothing that runs is affected: the core and its workers are processes of their own. The logs are under Help.', stoppedReload: 'Load the page again',
  runFinished: 'Finished', runFailed: 'Failed', runsEnded: (count: number) => `${count} runs have ended`,
  dialogData: 'Choose data: files, folders or zips', dialogFolder: 'Choose a folder', dialogPack: 'Choose a prompt pack', packFiles: 'Prompt packs', allFiles: 'All files',
};

export type ShellTexts = typeof english;

const russian: ShellTexts = {
  language: 'ru',
  file: 'Файл', edit: 'Правка', view: 'Вид', windowMenu: 'Окно', help: 'Справка',
  importData: 'Импортировать данные …', openPack: 'Открыть пакет подсказок …', newRun: 'Новый запуск', remoteCore: 'Подключиться к ядру, адрес которого в буфере обмена …', settings: 'Настройки …', close: 'Закрыть окно', quit: 'Выйти из Souffleur',
  undo: 'Отменить', redo: 'Повторить', cut: 'Вырезать', copy: 'Копировать', paste: 'Вставить', selectAll: 'Выделить всё',
  palette: 'Список действий …', home: 'Начало', models: 'Модели', library: 'Задачи', datasets: 'Данные', runs: 'Запуски', compare: 'Сравнение', studies: 'Исследования', packs: 'Пакеты', ensembles: 'Ансамбли',
  zoomIn: 'Крупнее', zoomOut: 'Мельче', zoomReset: 'Обычный размер', fullScreen: 'Во весь экран', reload: 'Перезагрузить страницу', developerTools: 'Инструменты разработчика',
  minimize: 'Свернуть', zoom: 'Изменить масштаб', front: 'Все окна — на передний план', about: 'О программе Souffleur', hide: 'Скрыть Souffleur', hideOthers: 'Скрыть остальные', showAll: 'Показать все',
  shortcuts: 'Клавиши', openLogs: 'Открыть папку журналов', openWorkspace: 'Открыть папку рабочего пространства',
  cancel: 'Отмена', tryAgain: 'Попробовать снова',
  quitTitle: 'Запуски ещё выполняются', quitText: (count) => `Выполняется запусков: ${count}.`,
  quitDetail: 'Приостановленные запуски сохраняют всё, чему научились, и продолжатся, когда Souffleur откроют снова.',
  quitLater: 'Закончить в фоне', quitNow: 'Приостановить и выйти',
  externalTitle: 'Открыть этот адрес в браузере?', externalOpen: 'Открыть',
  remoteTitle: (host) => `Подключиться к ядру на ${host}?`,
  remoteDetail: 'Для него откроется окно. Всё, что вы туда перетащите, будет отправлено на ту машину; запуски выполняются на ней. Подключайтесь только к ядру, которое запустили сами.',
  remoteConnect: 'Подключиться', remoteMark: (host) => `УДАЛЁННОЕ ${host}`,
  coreTitle: 'Рабочее пространство не открывается',
  stoppedTitle: 'Страница остановлена', stoppedText: 'Она упала три раза за минуту. На запуски это не влияет: ядро и рабочие процессы отдельны от страницы. Журналы — в меню «Справка».', stoppedReload: 'Загрузить страницу снова',
  runFinished: 'Завершён', runFailed: 'Ошибка', runsEnded: (count) => `Завершилось запусков: ${count}`,
  dialogData: 'Выберите данные: файлы, папки или zip', dialogFolder: 'Выберите папку', dialogPack: 'Выберите пакет подсказок', packFiles: 'Пакеты подсказок', allFiles: 'Все файлы',
};

/** @param locale of the system, used until the page says otherwise */
export function chooseLanguage(locale: string): ShellTexts['language'] {
  return locale.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}

export function textsOf(language: ShellTexts['language']): ShellTexts {
  return language === 'ru' ? russian : english;
}
