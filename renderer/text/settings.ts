import { createTexts } from './catalogue.ts';

export const settingsText = createTexts(
  {
    title: 'Settings', look: 'Look', theme: 'Theme', system: 'As the system', light: 'Light', dark: 'Dark', language: 'Language', pseudo: 'Pseudo-language (for checking translations)',
    machine: 'This machine', devices: 'Devices of the runtime', available: 'available', doctor: 'Checks', again: 'Look again', privacy: 'Nothing leaves this machine: no telemetry, no account, no update check. The network is used only for a download that you start.',
    ok: 'in order', warn: 'worth a look', fail: 'wrong',
  },
  {
    title: 'Настройки', look: 'Вид', theme: 'Тема', system: 'Как в системе', light: 'Светлая', dark: 'Тёмная', language: 'Язык', pseudo: 'Псевдоязык (для проверки переводов)',
    machine: 'Эта машина', devices: 'Устройства среды выполнения', available: 'доступно', doctor: 'Проверки', again: 'Проверить снова', privacy: 'Ничего не покидает эту машину: ни телеметрии, ни учётной записи, ни проверки обновлений. Сеть нужна только для загрузки, которую вы сами начали.',
    ok: 'в порядке', warn: 'стоит взглянуть', fail: 'ошибка',
  },
);
