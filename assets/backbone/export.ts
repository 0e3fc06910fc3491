/** `node assets/backbone/export.ts FOLDER STAGE OUT`: a pre-trained stage as a hub folder, weights in float16. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../main/contract/problem.ts';
import { encodeSafetensors, readSafetensorsHeader } from '../../main/model/safetensors.ts';
import { readTensorAsFloat32Sync } from '../../main/model/tensor-data.ts';
import { writeFileAtomicSync } from '../../main/store/atomic-file.ts';
import { runScript } from '../script.ts';

const tokenizerConfig = {
  tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: 512, eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>', extra_special_tokens: {},
};

await runScript(async () => {
  const [folder, stage, out, ...more] = process.argv.slice(2);
  if (folder === undefined || stage === undefined || out === undefined || more.length > 0) {
    throw new Problem({
      code: 'usage', found: `${process.argv.length - 2} arguments`, expected: 'three: the pre-training’s folder, span-corruption or lm-adaptation, and the folder to write',
      action: 'As in: node assets/backbone/export.ts pretraining lm-adaptation assets/backbone/lm-adapted',
    });
  }
  // Everything is read before anything is written.
  const { entries } = await readSafetensorsHeader(join(folder, `${stage}.safetensors`));
  const weights = entries.map((entry) => ({ name: entry.name, shape: [...entry.shape], data: new Float16Array(readTensorAsFloat32Sync(entry)) }));
  mkdirSync(out, { recursive: true });
  for (const file of ['config.json', 'tokenizer.json']) copyFileSync(join(folder, file), join(out, file));
  writeFileAtomicSync(join(out, 'model.safetensors'), encodeSafetensors(weights, { format: 'pt' }));
  writeFileSync(join(out, 'tokenizer_config.json'), `${JSON.stringify(tokenizerConfig, null, 2)}\n`);
});
