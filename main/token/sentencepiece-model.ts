/**
 * `spiece.model`: SentencePiece's ModelProto, read field by field with the sizes checked first.
 * Source: sentencepiece src/sentencepiece_model.proto (field numbers and defaults), model_interface.cc (what a model must have).
 */
import { isUtf8 } from 'node:buffer';
import { PrecompiledCharsmap } from './precompiled-charsmap.ts';
import { damaged, visitFields, wireType } from './protobuf-wire.ts';
import type { WireField } from './protobuf-wire.ts';
import type { WhitespaceRules } from './sentencepiece-normalizer.ts';
import { quoteForMessage, TokenizerError } from './tokenizer-error.ts';
import { maxPieces, pieceKind } from './unigram.ts';
import type { Piece, PieceKind } from './unigram.ts';

export interface SentencePieceModel {
  pieces: Piece[];
  unkId: number;
  /** −1: the model has none. */
  padId: number;
  eosId: number;
  byteFallback: boolean;
  unknownSurface: string;
  whitespace: WhitespaceRules;
  charsmap: PrecompiledCharsmap | null;
}

const modelTypeNames = ['', 'UNIGRAM', 'BPE', 'WORD', 'CHAR'];

interface RawModel {
  pieces: Piece[];
  modelType: number;
  byteFallback: boolean;
  spacesAsSuffix: boolean;
  unknownSurface: string;
  eosPiece: string;
  padPiece: string;
  whitespace: WhitespaceRules;
  charsmap: Uint8Array;
  hasDenormalizer: boolean;
}

/**
 * @throws TokenizerError for a file that is not SentencePiece's, is damaged, holds another kind of model (named), or lacks
 * the unknown piece.
 */
export function parseSentencePieceModel(bytes: Buffer): SentencePieceModel {
  const raw = readModel(bytes);
  refuseOtherModels(raw);
  const idOfPiece = new Map<string, number>();
  let unkId = -1;
  for (const [id, piece] of raw.pieces.entries()) {
    if (idOfPiece.has(piece.text)) throw malformed(`piece ${quoteForMessage(piece.text)} twice`, 'pieces that differ');
    idOfPiece.set(piece.text, id);
    if (piece.kind !== pieceKind.unknown) continue;
    if (unkId >= 0) throw malformed('two unknown pieces', 'one');
    unkId = id;
  }
  if (unkId < 0) throw malformed('no unknown piece', 'one piece of the kind UNKNOWN');
  const controlId = (text: string): number => {
    const id = idOfPiece.get(text) ?? -1;
    return raw.pieces[id]?.kind === pieceKind.control ? id : -1;
  };
  return {
    pieces: raw.pieces,
    unkId,
    padId: controlId(raw.padPiece),
    eosId: controlId(raw.eosPiece),
    byteFallback: raw.byteFallback,
    unknownSurface: raw.unknownSurface,
    whitespace: raw.whitespace,
    charsmap: raw.charsmap.length === 0 ? null : new PrecompiledCharsmap(raw.charsmap),
  };
}

function readModel(bytes: Buffer): RawModel {
  const raw: RawModel = {
    pieces: [], modelType: 1, byteFallback: false, spacesAsSuffix: false, unknownSurface: ' \u2047 ', eosPiece: '</s>', padPiece: '<pad>',
    whitespace: { addDummyPrefix: true, removeExtraWhitespaces: true, escapeWhitespaces: true }, charsmap: new Uint8Array(), hasDenormalizer: false,
  };
  visitFields(bytes, 0, bytes.length, (field) => {
    if (field.type !== wireType.bytes) return;
    switch (field.number) {
      case 1:
        if (raw.pieces.length >= maxPieces) throw malformed(`more than ${maxPieces} pieces`, 'a vocabulary of ordinary size');
        raw.pieces.push(readPiece(bytes, field.start, field.end));
        break;
      case 2:
        visitFields(bytes, field.start, field.end, (inner) => readTrainerField(bytes, inner, raw));
        break;
      case 3:
        visitFields(bytes, field.start, field.end, (inner) => readNormalizerField(bytes, inner, raw));
        break;
      case 5:
        visitFields(bytes, field.start, field.end, (inner) => {
          if (inner.number === 2 && inner.end > inner.start) raw.hasDenormalizer = true;
        });
        break;
    }
  });
  return raw;
}

function readPiece(bytes: Buffer, start: number, end: number): Piece {
  const piece: Piece = { text: '', score: 0, kind: pieceKind.normal };
  visitFields(bytes, start, end, (field) => {
    if (field.number === 1 && field.type === wireType.bytes) piece.text = readText(bytes, field);
    else if (field.number === 2 && field.type === wireType.fixed32) piece.score = bytes.readFloatLE(field.start);
    else if (field.number === 3 && field.type === wireType.varint) piece.kind = readKind(field);
  });
  if (piece.text === '') throw damaged(start, 'an empty piece');
  if (!Number.isFinite(piece.score)) throw damaged(start, `the score ${piece.score} for piece ${quoteForMessage(piece.text)}`);
  return piece;
}

function readKind(field: WireField): PieceKind {
  const kind = Object.values(pieceKind).find((known) => known === field.value);
  if (kind === undefined) throw damaged(field.start, `piece kind ${field.value}`);
  return kind;
}

function readTrainerField(bytes: Buffer, field: WireField, raw: RawModel): void {
  if (field.type === wireType.varint) {
    if (field.number === 3) raw.modelType = field.value;
    else if (field.number === 24) raw.spacesAsSuffix = field.value !== 0;
    else if (field.number === 35) raw.byteFallback = field.value !== 0;
  } else if (field.type === wireType.bytes) {
    if (field.number === 44) raw.unknownSurface = readText(bytes, field);
    else if (field.number === 47) raw.eosPiece = readText(bytes, field);
    else if (field.number === 48) raw.padPiece = readText(bytes, field);
  }
}

function readNormalizerField(bytes: Buffer, field: WireField, raw: RawModel): void {
  if (field.type === wireType.bytes) {
    if (field.number === 2) raw.charsmap = bytes.subarray(field.start, field.end);
  } else if (field.type === wireType.varint) {
    if (field.number === 3) raw.whitespace.addDummyPrefix = field.value !== 0;
    else if (field.number === 4) raw.whitespace.removeExtraWhitespaces = field.value !== 0;
    else if (field.number === 5) raw.whitespace.escapeWhitespaces = field.value !== 0;
  }
}

function refuseOtherModels(raw: RawModel): void {
  if (raw.modelType !== 1) {
    throw new TokenizerError({
      code: 'tokenizer-not-unigram',
      found: `a SentencePiece model of the type ${modelTypeNames[raw.modelType] ?? raw.modelType}`,
      expected: 'UNIGRAM, which every T5 uses',
      action: "Use the spiece.model of the T5 checkpoint itself.",
    });
  }
  if (raw.spacesAsSuffix || raw.hasDenormalizer) {
    const option = raw.spacesAsSuffix ? 'treat_whitespace_as_suffix' : 'a denormalizer';
    throw malformed(`a SentencePiece model with ${option}`, 'none of the options that no T5 uses');
  }
}

function readText(bytes: Buffer, field: WireField): string {
  const text = bytes.toString('utf8', field.start, field.end);
  // Node writes U+FFFD for what is not UTF-8; a piece may also hold a real one.
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(field.start, field.end))) throw damaged(field.start, 'text that is not UTF-8');
  return text;
}

function malformed(found: string, expected: string): TokenizerError {
  return new TokenizerError({
    code: 'sentencepiece-unusable', found, expected, action: 'Use the spiece.model of a T5 checkpoint, or download it again.',
  });
}
