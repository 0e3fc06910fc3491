/** What every chart offers. */
import { createTexts } from './catalogue.ts';

export const chartText = createTexts(
  {
    table: 'Table', svg: 'SVG', png: 'PNG', showTable: (chart: string) => `${chart}: the values as a table`, saveSvg: (chart: string) => `${chart}: save as SVG`, savePng: (chart: string) => `${chart}: save as PNG`,
    value: 'Value', published: 'published', seeds: (count: number) => `n = ${count}`, whisker: 'Whiskers: ± one standard deviation. Dots: single seeds.', logScale: 'log scale', right: 'right', wrong: 'wrong', total: 'Total',
    lost: 'no number', agrees: 'with the vote', dissents: 'against the vote', abstains: 'abstained',
  },
  {
    table: 'Таблица', svg: 'SVG', png: 'PNG', showTable: (chart: string) => `${chart}: значения таблицей`, saveSvg: (chart: string) => `${chart}: сохранить как SVG`, savePng: (chart: string) => `${chart}: сохранить как PNG`,
    value: 'Значение', published: 'опубликовано', seeds: (count: number) => `n = ${count}`, whisker: 'Усы: ± одно стандартное отклонение. Точки: отдельные сиды.', logScale: 'логарифмическая шкала', right: 'верно', wrong: 'неверно', total: 'Всего',
    lost: 'нет числа', agrees: 'как большинство', dissents: 'против большинства', abstains: 'воздержалась',
  },
);
