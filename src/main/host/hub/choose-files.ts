/** Which files of a repository make a model: config, weights, tokenizer, template, card and licence from its top folder, or one GGUF file with card and licence. Names come from the network and are not trusted. */
import type { HubFile } from '../../../shared/schema/hub.ts';
import type { ModelInfo, RemoteFile } from './model-info.ts';

export interface Choice { format: 'folder' | 'gguf'; files: HubFile[]; gguf: HubFile[]; problems: string[] }

const SAFE = /^[A-Za-z0-9_][A-Za-z0-9_.+ -]{0,199}$/;
const SIDE_BYTES = 512 * 1024 * 1024;
const KINDS: readonly [RegExp, HubFile['kind']][] = [
  [/^(config|generation_config)\.json$/, 'config'],
  [/^(tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$|^(merges|vocab)\.txt$|^tokenizer\.model$/, 'tokenizer'],
  [/^chat_template\.(jinja|json)$/, 'template'],
  [/^(README\.md|LICEN[CS]E(\.(md|txt))?|NOTICE(\.(md|txt))?)$/i, 'card'],
];
const SHARD = /^model-\d{5}-of-\d{5}\.safetensors$/;
const INDEX = 'model.safetensors.index.json';

const file = (f: RemoteFile, kind: HubFile['kind']): HubFile => ({ ...f, kind });

export function chooseFiles(info: ModelInfo, wanted: string | undefined): Choice {
  const top = info.files.filter((f) => SAFE.test(f.path)), has = (name: string): boolean => top.some((f) => f.path === name);
  const gguf = info.files.filter((f) => f.path.toLowerCase().endsWith('.gguf') && f.path.split('/').every((part) => SAFE.test(part))).map((f) => file(f, 'weights'));
  const side = (kinds: readonly HubFile['kind'][]): HubFile[] => top.flatMap((f) => { const kind = KINDS.find(([pattern]) => pattern.test(f.path))?.[1]; return kind !== undefined && kinds.includes(kind) ? [file(f, kind)] : []; });
  const single = has('model.safetensors'), sharded = has(INDEX);
  const format = wanted !== undefined || (!single && !sharded && gguf.length > 0) ? 'gguf' : 'folder';
  const problems: string[] = [];
  let files: HubFile[];
  if (format === 'gguf') {
    const chosen = wanted === undefined ? (gguf.length === 1 ? gguf[0] : undefined) : gguf.find((f) => f.path === wanted);
    if (!chosen) problems.push(wanted === undefined ? `The repository has ${gguf.length} GGUF files: choose one of ${gguf.slice(0, 8).map((f) => f.path).join(', ')}${gguf.length > 8 ? ', ...' : ''}.` : `The repository has no GGUF file "${wanted.slice(0, 100)}".`);
    else if (/-\d{5}-of-\d{5}\.gguf$/.test(chosen.path)) problems.push(`"${chosen.path}" is a part of a split GGUF file, which cannot be read: choose one that is whole.`);
    files = [...(chosen ? [chosen] : []), ...side(['card'])];
  } else {
    const weights = sharded ? top.filter((f) => SHARD.test(f.path) || f.path === INDEX) : top.filter((f) => f.path === 'model.safetensors');
    files = [...side(['config', 'tokenizer', 'template', 'card']), ...weights.map((f) => file(f, 'weights'))];
    if (!has('config.json')) problems.push('The repository has no config.json: it is not a model that transformers loads.');
    if (!single && !sharded) problems.push(top.some((f) => /\.(bin|pt|pth|ckpt)$/.test(f.path)) ? 'The weights are pickle files, which can run code and are not loaded: look for a repository with safetensors.' : 'The repository has no model.safetensors.');
    if (sharded && !files.some((f) => SHARD.test(f.path))) problems.push(`${INDEX} is there, but no shard of it.`);
    if (!has('tokenizer.json')) problems.push('The repository has no tokenizer.json.');
  }
  for (const f of files) {
    if (!Number.isSafeInteger(f.bytes) || f.bytes < 0) problems.push(`The hub does not say how large "${f.path}" is.`);
    else if (f.kind !== 'weights' && f.bytes > SIDE_BYTES) problems.push(`"${f.path}" has ${Math.round(f.bytes / 1e6)} MB, more than such a file may have.`);
    if (f.sha256 === null && f.sha1 === null) problems.push(`The hub gives no checksum for "${f.path}".`);
  }
  // One name in two spellings would be one file on some disks.
  const names = files.map((f) => f.path.toLowerCase());
  if (new Set(names).size !== names.length) problems.push('Two files differ only in upper and lower case.');
  return { format, files, gguf, problems };
}
