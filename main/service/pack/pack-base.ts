/** Whether a model is the one that a prompt was trained for. A prompt for another model is noise; of the same width, noise that runs. */
import type { PackBase } from '../../contract/prompt-pack.ts';
import { Problem } from '../../contract/problem.ts';
import { parseModelName } from '../../store/identifiers.ts';
import type { ModelRow } from '../../store/models-table.ts';
import type { ReadableWorkspace } from '../../store/workspace.ts';
import { getPresentModel, hashTokenizer, requireSameTokenizer } from '../model-location.ts';

/** @throws {Problem} `tokenizer-missing` */
export async function describeBase(model: ModelRow, hubId: string | null = null): Promise<PackBase> {
  const size = (name: string): number | null => (typeof model.config[name] === 'number' ? model.config[name] : null);
  return {
    name: model.name, hubId, fingerprint: model.fingerprint, width: size('width') ?? 1, layers: size('encoderLayers'), heads: size('heads'),
    convention: model.answerConvention, tokenizerSha256: await hashTokenizer(model),
  };
}

/** Models of the workspace with the base's weights, by name. */
export function findBaseModels(workspace: Pick<ReadableWorkspace, 'models'>, { fingerprint }: Pick<PackBase, 'fingerprint'>): ModelRow[] {
  return fingerprint === null ? [] : workspace.models.list().filter((model) => model.fingerprint === fingerprint);
}

/**
 * Holds a model against a pack's base, as far as the base is known.
 * @throws {Problem} `pack-base-fingerprint`, `pack-base-width`, `pack-base-convention`, with both values
 */
export function requireBase(model: ModelRow, base: PackBase): void {
  if (base.fingerprint !== null && base.fingerprint !== model.fingerprint) {
    throw differs('pack-base-fingerprint', `the model ${model.name} with fingerprint ${model.fingerprint}`, `${base.fingerprint}, the model ${base.name ?? ''} that the prompt was trained for`);
  }
  const width = model.config['width'];
  if (base.width !== width) throw differs('pack-base-width', `the model ${model.name} of width ${String(width)}`, `${base.width}, the prompt’s`);
  if (base.convention !== null && base.convention !== model.answerConvention) {
    throw differs('pack-base-convention', `the model ${model.name} added with the answer convention ${model.answerConvention}`, `${base.convention}, with which the prompt was trained`);
  }
}

/**
 * The model that a pack is asked with: the one that is named, or the base where the workspace has it.
 * @throws {Problem} `pack-model-missing`, which says what is missing; `pack-base-unknown`, those of requireBase, `tokenizer-changed`, `model-folder-missing`
 */
export async function chooseModel(workspace: ReadableWorkspace, base: PackBase, named: string | null): Promise<ModelRow> {
  const model = named === null ? findModel(workspace, base) : workspace.models.get(parseModelName(named));
  requireBase(model, base);
  const present = getPresentModel(workspace, model.name);
  if (base.tokenizerSha256 !== null) await requireSameTokenizer(present, base.tokenizerSha256);
  return present;
}

function findModel(workspace: ReadableWorkspace, base: PackBase): ModelRow {
  if (base.fingerprint === null) {
    throw new Problem({
      code: 'pack-base-unknown', found: `a prompt of width ${base.width} that does not say which model it was trained for`, expected: 'the model’s name',
      action: 'Name it with --model; see: souffleur model list',
    });
  }
  const models = findBaseModels(workspace, base);
  const model = models.find(({ answerConvention }) => base.convention === null || answerConvention === base.convention) ?? models[0];
  if (model !== undefined) return model;
  const name = base.hubId ?? base.name;
  throw new Problem({
    code: 'pack-model-missing', found: `no model with fingerprint ${base.fingerprint} in the workspace`, expected: `${name ?? 'the model'} that the prompt was trained for`,
    action: 'Get its folder and add it: souffleur model add FOLDER. A model with other weights would not do.',
  });
}

function differs(code: string, found: string, expected: string): Problem {
  return new Problem({ code, found, expected, action: 'Choose the model that the prompt was trained for; see: souffleur model list' });
}
