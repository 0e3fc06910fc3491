/** Previews and translations of the task library for a terminal. */
import type { PvpFinding } from '../contract/pvp-finding.ts';
import type { PreviewExample, PreviewPart, PvpPreview } from '../contract/pvp-preview.ts';
import type { TaskDetails } from '../contract/task-library.ts';

/** What a person reads of a translation; the report has more. */
export interface TranslationText {
  format: string;
  pvps: readonly { id: string }[];
  notTranslated: readonly { name: string; reason: string; action: string }[];
  unknownFields: readonly { pvp: string; fields: readonly string[] }[];
}

const marks: Readonly<Record<PvpFinding['severity'], string>> = { error: 'error: ', warning: 'warning: ', note: 'note: ' };

export function markOf(severity: PvpFinding['severity']): string {
  return marks[severity];
}

export function describePreview({ examples, refused, rows, truncated, words, findings }: PvpPreview): string {
  return [
    ...examples.map(describeExample),
    ...refused.map(({ line, problem }) => `line ${line} is refused: ${problem.message}`),
    `${rows} rows, ${examples.length} examples${truncated === 0 ? '' : `, ${truncated} cut`}${words === null ? '' : `; answers: ${words.join(', ')}`}`,
    ...findings.map(({ severity, message, action }) => `${markOf(severity)}${message} ${action}`),
  ].join('\n');
}

function describeExample({ id, parts, target, tokens }: PreviewExample): string {
  const text = parts.map((part) => (part.kind === 'text' ? `${part.text}${part.isCut ? '…' : ''}` : part.kind === 'soft' ? `[soft ${part.rows}]` : '[answer]')).join('');
  const lines = [`${id}: ${text}`, `  → ${target ?? '(no label)'}`];
  if (tokens !== null) {
    const { counts, isTruncated, input } = tokens;
    lines.push(`  ${input.map(describePart).join(' ')}`);
    lines.push(`  ${counts.text} tokens${counts.soft === 0 ? '' : ` and ${counts.soft} soft rows`}${isTruncated ? ', cut' : ''}; target ${counts.target}: ${tokens.target?.map(({ piece }) => piece).join(' ') ?? '–'}`);
  }
  return `${lines.join('\n')}\n`;
}

function describePart(part: PreviewPart): string {
  return part.kind === 'soft' ? `[soft ${part.rows}]` : part.tokens.map(({ piece }) => piece).join(' ');
}

export function describeTranslation({ format, pvps, notTranslated, unknownFields }: TranslationText, task: TaskDetails | null): string {
  return [
    `${pvps.length} of ${pvps.length + notTranslated.length} templates are pairs of ${format} now${task === null ? '; nothing was kept' : `, in version ${task.version} of ${task.task}`}.`,
    ...pvps.map(({ id }) => `  ${id}`),
    ...notTranslated.map(({ name, reason, action }) => `not translated: ${name}: ${reason}. ${action}`),
    ...unknownFields.map(({ pvp, fields }) => `warning: ${pvp} names ${fields.join(', ')}, which ${format} does not have of itself.`),
  ].join('\n');
}
