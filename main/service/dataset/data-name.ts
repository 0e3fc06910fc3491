/** Which files of a folder, an archive or a repository hold rows, by their names. */
const dataExtensions = new Set(['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'tab', 'parquet']);
/** Descriptions that lie beside data. */
const descriptions = new Set([
  'dataset_infos.json', 'dataset_info.json', 'dataset_dict.json', 'state.json', 'config.json', 'package.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json', 'generation_config.json', 'adapter_config.json',
  'model.safetensors.index.json', 'pytorch_model.bin.index.json', 'metadata.json', 'manifest.json',
]);

/** Of systems and editors; nobody means them. */
export function isHidden(label: string): boolean {
  return label.split('/').some((part) => part.startsWith('.') || part === '__MACOSX' || part === 'Thumbs.db' || part === '__pycache__');
}

export function isDataName(label: string): boolean {
  const name = label.split('/').at(-1)?.toLowerCase() ?? '';
  return dataExtensions.has(/\.([^.]+)$/.exec(name)?.[1] ?? '') && !descriptions.has(name);
}

/** A data set's name from a file's, a folder's or a repository's. */
export function suggestName(label: string): string {
  const stem = label.split(/[\\/]/).findLast((part) => part !== '')?.replace(/\.(?:zip|jsonl|ndjson|json|csv|tsv|tab|parquet|txt)$/i, '') ?? '';
  const name = stem.normalize('NFC').replaceAll(/[^\p{L}\p{M}\p{N}._-]+/gu, '-').replaceAll(/^[._-]+|[._-]+$/g, '').slice(0, 100);
  return name === '' ? 'data' : name;
}
