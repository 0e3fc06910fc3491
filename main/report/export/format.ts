/** The file forms a table can be exported in. */
import { Problem } from '../../contract/problem.ts';

export const exportFormats = ['tex', 'md', 'csv', 'json'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** @param path its ending decides. @throws {Problem} `export-format-unknown` */
export function exportFormatOf(path: string): ExportFormat {
  const ending = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase();
  const format = exportFormats.find((known) => known === ending);
  if (format !== undefined) return format;
  throw new Problem({
    code: 'export-format-unknown',
    found: ending === undefined ? 'a file name without an ending' : `a file name that ends in .${ending}`,
    expected: `one that ends in ${exportFormats.map((known) => `.${known}`).join(', ')}`,
    action: 'Name the file after the form it is to have.',
    place: { file: path },
  });
}

export interface LatexOptions {
  /** `document` compiles as it is and has every table; `tabular` is the main table alone, for \input. */
  readonly latex: 'document' | 'tabular';
}
