/** What a person may settle about a file where its content leaves it open. `auto` looks at the file. */

export type EncodingChoice = 'auto' | 'utf-8' | 'windows-1252' | 'gb18030' | 'shift_jis' | 'euc-kr';
export type DelimiterChoice = 'auto' | ',' | '\t' | ';' | '|';
export type HeaderChoice = 'auto' | 'present' | 'absent';

export interface ReadingChoices {
  encoding: EncodingChoice;
  delimiter: DelimiterChoice;
  header: HeaderChoice;
}

export const automatic: ReadingChoices = { encoding: 'auto', delimiter: 'auto', header: 'auto' };
