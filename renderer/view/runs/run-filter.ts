/** What is typed over the list of runs, as a question to the core: `sst2 method:prompt-tuning status:failed,lost is:starred`. Pure. */
import type { runStatusSchema } from '../../../main/contract/api/runs.ts';

type Status = (typeof runStatusSchema)['_output'];

export interface RunFilter {
  statuses?: Status[];
  method?: string;
  model?: string;
  task?: string;
  tag?: string;
  onlyStarred?: boolean;
  text?: string;
  trash: 'without' | 'only' | 'with';
}

export interface ParsedFilter {
  filter: RunFilter;
  /** Words that look like an operator and are none. */
  unknown: readonly string[];
}

const statuses: readonly Status[] = ['queued', 'starting', 'running', 'pausing', 'paused', 'finished', 'failed', 'cancelled', 'lost'];
const trashWords: Readonly<Record<string, RunFilter['trash']>> = { trash: 'only', all: 'with' };

/** Words of text are looked for together, as they stand; a value with spaces is quoted: `tag:"to show"`. */
export function parseFilter(line: string): ParsedFilter {
  const filter: RunFilter = { trash: 'without' };
  const unknown: string[] = [];
  const words: string[] = [];
  for (const [word, operator, quoted, plain, text] of line.matchAll(/([a-z]+):(?:"([^"]*)"?|(\S*))|(\S+)/gi)) {
    if (operator === undefined) words.push(text ?? word);
    else if (!apply(filter, operator.toLowerCase(), quoted ?? plain ?? '')) unknown.push(word);
  }
  if (words.length > 0) filter.text = words.join(' ').slice(0, 200);
  return { filter, unknown };
}

/** An operator without its value yet changes nothing. @returns false for what it does not know */
function apply(filter: RunFilter, operator: string, value: string): boolean {
  switch (operator) {
    case 'method': case 'model': case 'task': case 'tag':
      if (value !== '') filter[operator] = value;
      return true;
    case 'status': {
      const asked = value.toLowerCase().split(',').filter((one) => one !== '');
      const known = statuses.filter((status) => asked.includes(status));
      if (known.length > 0) filter.statuses = known;
      return asked.length === known.length;
    }
    case 'is':
      if (value === 'starred') filter.onlyStarred = true;
      return value === '' || value === 'starred';
    case 'in':
      filter.trash = trashWords[value] ?? 'without';
      return value === '' || trashWords[value] !== undefined;
    default:
      return false;
  }
}
