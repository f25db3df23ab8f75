/**
 * tokenizer.json at work: added tokens, normaliser, pre-tokenizer, model, post-processor, decoder, each built here so that ids and text equal those of Hugging Face tokenizers (test/data/tokenizers);
 * the merging algorithms and the translation of regular expressions are those of @huggingface/tokenizers. Dropout and truncation, which a file may ask for in training, are not applied.
 */
import { AnnealError } from '../../../../shared/errors.ts';
import { isObject, type JsonObject } from '../files.ts';
import { AddedTokens, configuredTokens, readAddedToken, type AddedToken } from './added-tokens.ts';
import { asComponent } from './component.ts';
import { cleanUp, decoderOf, type Decoder } from './decoders.ts';
import { modelOf, type PieceModel } from './models.ts';
import { normaliserOf, type Normaliser } from './normalizers.ts';
import { frameOf, type Frame } from './post-processor.ts';
import { preTokenizerOf, type PreTokenizer } from './pre-tokenizers.ts';

const NAMED = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];
export const contentOf = (v: unknown): string | null => (typeof v === 'string' ? v : isObject(v) && typeof v['content'] === 'string' ? v['content'] : null);

export class Pipeline {
  readonly added: ReadonlyMap<number, AddedToken>;
  /** Largest id + 1. */
  readonly size: number;
  readonly normalise: Normaliser | null;
  readonly #model: PieceModel;
  readonly #sections: AddedTokens;
  readonly #pre: PreTokenizer | null;
  readonly #decoder: Decoder | null;
  readonly #frame: Frame;
  readonly #tokens = new Map<number, string>();
  readonly #addedIds: ReadonlyMap<string, number>;
  readonly #cleanUp: boolean;

  /** From tokenizer.json and tokenizer_config.json. Throws `tokenizer-invalid`. */
  constructor(json: JsonObject, config: JsonObject) {
    const model = asComponent(json['model']);
    if (!model) throw new AnnealError('tokenizer-invalid', 'tokenizer.json has no "model"; it is not a file of Hugging Face tokenizers.');
    this.#model = modelOf(model);
    this.normalise = normaliserOf(asComponent(json['normalizer']));
    this.#pre = preTokenizerOf(asComponent(json['pre_tokenizer']));
    this.#decoder = decoderOf(asComponent(json['decoder']));
    const listed = (Array.isArray(json['added_tokens']) ? json['added_tokens'] : []).map(readAddedToken).filter((t) => t !== null);
    const extra: unknown = config['additional_special_tokens'] ?? config['extra_special_tokens'];
    const named = [...NAMED.map((k) => contentOf(config[k])), ...(Array.isArray(extra) ? extra.map(contentOf) : [])].filter((c) => c !== null);
    const added = [...listed, ...configuredTokens(config, listed, named, (t) => this.#model.ids.get(t), this.#model.ids.size)];
    const normalise = this.normalise;
    this.#sections = new AddedTokens(added, normalise ?? ((t) => t));
    this.added = this.#sections.byId;
    this.#addedIds = new Map(added.map((t) => [t.content, t.id]));
    for (const [token, id] of this.#model.ids) this.#tokens.set(id, token);
    // A token that is matched in the normalised text also stands for its normalised form.
    for (const t of added) this.#tokens.set(t.id, t.normalized && normalise ? normalise(t.content) : t.content);
    let size = 0;
    for (const id of this.#tokens.keys()) if (id >= size) size = id + 1;
    this.size = size;
    // transformers ignores add_bos_token and add_eos_token of the config where there is a tokenizer.json: its post-processor decides.
    this.#frame = frameOf(asComponent(json['post_processor']), (t) => this.idOf(t));
    this.#cleanUp = config['clean_up_tokenization_spaces'] === true;
  }

  encode(text: string, addSpecial: boolean): number[] {
    const ids: number[] = addSpecial ? [...this.#frame.before] : [];
    for (const section of this.#sections.sections(text.toWellFormed())) {
      if ('id' in section) { ids.push(section.id); continue; }
      for (const piece of this.#pre ? this.#pre([section]) : [section]) for (const id of this.#model.encode(piece.text)) ids.push(id);
    }
    if (addSpecial) ids.push(...this.#frame.after);
    return ids;
  }

  /** Ids outside of the vocabulary are left out. `cleanUp` undefined: as the config says. BPE texts are never cleaned up: it would eat spaces that are theirs. */
  decode(ids: readonly number[], options: { skip: ReadonlySet<number> | null; cleanUp?: boolean | undefined }): string {
    const tokens: string[] = [];
    for (const id of ids) {
      const token = options.skip?.has(id) === true ? undefined : this.#tokens.get(id);
      if (token !== undefined) tokens.push(token);
    }
    const text = this.#decoder ? this.#decoder(tokens).join('') : tokens.join(' ');
    return (options.cleanUp ?? this.#cleanUp) && this.#model.kind !== 'BPE' ? cleanUp(text) : text;
  }

  idOf(token: string): number | undefined { return this.#addedIds.get(token) ?? this.#model.ids.get(token); }
  tokenOf(id: number): string | undefined { return this.#tokens.get(id); }
}
