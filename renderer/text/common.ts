/** Words that every view uses. */
import { createTexts, plural } from './catalogue.ts';

export const commonText = createTexts(
  {
    queued: 'queued', starting: 'starting', running: 'running', pausing: 'pausing', paused: 'paused', finished: 'finished', failed: 'failed', cancelled: 'cancelled', lost: 'lost',
    close: 'Close', cancel: 'Cancel', save: 'Save', open: 'Open', undo: 'Undo', remove: 'Move to trash', restore: 'Restore', retry: 'Try again', copy: 'Copy', copied: 'Copied', copyDetails: 'Copy details',
    copyCommand: 'Copy as command', more: 'More actions', filter: 'Filter', notices: 'Notices', resize: 'Resize the panes', loading: 'Loading …', none: 'none', table: 'Show as table', export: 'Export',
    expected: (what: string) => `Expected: ${what}.`,
    left: (time: string) => `${time} left`,
    rows: (count: number) => plural('en', count, { one: 'row', other: 'rows' }),
    runs: (count: number) => plural('en', count, { one: 'run', other: 'runs' }),
    examples: (count: number) => plural('en', count, { one: 'example', other: 'examples' }),
    marked: (count: number) => `${count} marked`,
  },
  {
    queued: 'в очереди', starting: 'запускается', running: 'идёт', pausing: 'останавливается', paused: 'на паузе', finished: 'готово', failed: 'ошибка', cancelled: 'отменено', lost: 'прервано',
    close: 'Закрыть', cancel: 'Отмена', save: 'Сохранить', open: 'Открыть', undo: 'Вернуть', remove: 'В корзину', restore: 'Восстановить', retry: 'Повторить', copy: 'Копировать', copied: 'Скопировано', copyDetails: 'Копировать подробности',
    copyCommand: 'Копировать как команду', more: 'Другие действия', filter: 'Фильтр', notices: 'Сообщения', resize: 'Изменить ширину панелей', loading: 'Загрузка …', none: 'нет', table: 'Показать таблицей', export: 'Экспорт',
    expected: (what: string) => `Ожидалось: ${what}.`,
    left: (time: string) => `осталось ${time}`,
    rows: (count: number) => plural('ru', count, { one: 'строка', few: 'строки', many: 'строк', other: 'строки' }),
    runs: (count: number) => plural('ru', count, { one: 'запуск', few: 'запуска', many: 'запусков', other: 'запуска' }),
    examples: (count: number) => plural('ru', count, { one: 'пример', few: 'примера', many: 'примеров', other: 'примера' }),
    marked: (count: number) => `отмечено: ${count}`,
  },
);
