/** `node assets/backbone/export.ts FOLDER STAGE OUT`: a pre-trained stage as a hub folder, weights in float16. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors, readSafetensorsHeader } from '../../main/model/safetensors.ts';
import { readTensorAsFloat32Sync } from '../../main/model/tensor-data.ts';

const [folder, stage, out] = process.argv.slice(2);
if (folder === undefined || stage === undefined || out === undefined) throw new Error('usage: node assets/backbone/export.ts FOLDER STAGE OUT');
mkdirSync(out, { recursive: true });
for (const file of ['config.json', 'tokenizer.json']) copyFileSync(join(folder, file), join(out, file));
// A state holds the moments too; a finished stage holds the weights alone.
const { entries } = await readSafetensorsHeader(join(folder, `${stage}.safetensors`));
const weights = entries.filter(({ name }) => !name.startsWith('moment/')).map((entry) => ({
  name: entry.name.replace('parameter/', ''), shape: entry.shape, data: new Float16Array(readTensorAsFloat32Sync(entry)),
}));
writeFileSync(join(out, 'model.safetensors'), encodeSafetensors(weights, { format: 'pt' }));
writeFileSync(join(out, 'tokenizer_config.json'), `${JSON.stringify({
  tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: 512, eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>', extra_special_tokens: {},
}, null, 2)}\n`);
