/** How a model reads and answers: its tokenizer and its answer convention. */
import type { AnswerConvention } from '../../contract/worker-protocol.ts';
import { parseModelName } from '../../store/identifiers.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { loadTokenizerSync, type Tokenizer } from '../../token/index.ts';

export interface Speech {
  tokenizer: Tokenizer;
  convention: AnswerConvention;
}

/** The last one used: a preview asks for it at every key stroke, and reading it takes 0.1 s. */
let kept: { directory: string; tokenizer: Tokenizer } | null = null;

/** @throws {Problem} `model-not-found`, and those of the tokenizer's files */
export function openSpeechSync(workspace: ReadableWorkspace, model: string): Speech {
  const { directory, answerConvention } = workspace.models.get(parseModelName(model));
  if (kept?.directory !== directory) kept = { directory, tokenizer: loadTokenizerSync(directory) };
  return { tokenizer: kept.tokenizer, convention: answerConvention };
}
