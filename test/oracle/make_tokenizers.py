"""Makes test/fixtures/tokenizers: small tokenizer files in the styles of the model families, 1,000 strings, and what transformers' fast tokenizers make of them.

Run with an environment that has transformers, tokenizers and sentencepiece; not part of the tests:
    python test/oracle/make_tokenizers.py test/fixtures/tokenizers
"""
import gzip, io, json, os, random, sys, tempfile, unicodedata
import sentencepiece as spm
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

OUT = sys.argv[1]
WORDS = {
    "latin": "the a mill river stone garden window light answer question reads writes walks never always because between under seven small tall green winter letter train bread butter honest careful measured didn't we'll you've I'm they're it's Über straße schön Mädchen Häuser façade garçon naïve été où señor mañana corazón niño żółw łódź čeština køb smørrebrød İstanbul ığdır Việt Nam tiếng".split(),
    "cyrillic": "мельница стоит у реки человек читает письмо зима дом свет ёлка щука".split(), "greek": "ο μύλος είναι κοντά στο ποτάμι λόγος ΣΙΣΥΦΟΣ".split(),
    "arabic": "الطاحونة قرب النهر كتاب مدرسة سلام".split(), "hebrew": "הטחנה ליד הנהר ספר שלום".split(), "hindi": "चक्की नदी के पास है पुस्तक नमस्ते".split(), "thai": ["โรงสี", "อยู่ใกล้", "แม่น้ำ", "หนังสือ"],
    "chinese": ["磨坊在河边", "他每天读书", "冬天很冷", "花园", "窗户", "光"], "japanese": ["水車小屋は", "川のそばに", "あります", "カタカナ", "ひらがな"], "korean": "방앗간은 강 근처에 있다 책을 읽는다".split(),
    "code": ["def f(x):", "return x + 1", "for (let i = 0; i < n; i++) {", "}", "if a == b:", "    pass", "\t// comment", "<div class=\"a\">", "x['key']", "0x1F", "3.14159", "2026-11-22", "1,234,567"],
}
EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "❤️", "🇫🇷", "1️⃣", "🧑🏿‍🚀"]


def sentence(r):
    kind = r.choice(list(WORDS) + ["latin"] * 8)
    words = [r.choice(WORDS[kind]) for _ in range(r.randint(3, 12))]
    if r.random() < 0.2: words.insert(r.randrange(len(words)), str(r.randint(0, 99999)))
    if r.random() < 0.1: words.append(r.choice(EMOJI))
    joined = ("" if kind in ("chinese", "japanese", "thai") else "\n" if kind == "code" else " ").join(words)
    if kind == "latin" and r.random() < 0.6: joined = joined[0].upper() + joined[1:] + r.choice([".", "!", "?", " ...", ";"])
    return joined


def corpus():
    r = random.Random(1)
    return [sentence(r) for _ in range(6000)]


def assigned(lo, hi, old=None):
    """Code points that have long been assigned, so that no Unicode version disagrees about them."""
    ucd = unicodedata.ucd_3_2_0 if old else unicodedata
    return [c for c in range(lo, hi) if ucd.category(chr(c)) not in ("Cn", "Cs")]


def strings():
    r = random.Random(2)
    out = ["", " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", " \n ", "a", " a", "a ", "  a  b   c ", "\ta\tb", "Hello world", " Hello  world ", "Hello\nworld\n\n\nagain", "don't DON'T Don't we'LL they'Re I'M you'Ve he'D", "'s 't 're",
           "a" * 300, "ab" * 200, "word" * 150, "xyzzy" * 60 + " end", "1234567890" * 20, "1 22 333 4444 55555", "３４５ ⅷ ² ½ ١٢٣ 一二三", "ſtop İ ı ΣΊΣΥΦΟΣ ΌΣΟΣ ẞ ß ŉ ǰ", "K K Å Å", "e\u0301 é o\u0308\u0323 ọ̈ \u0301alone", "한글 한글", "ﬁ ﬂ ﬃ ① ㍿ ｶﾞ ＡＢＣ ～ 〜",
           "\ufeffbom in front", "in\ufeffside", "\u00a0nbsp\u00a0", "thin\u2009space\u2003em", "\u0085next line\u2028line\u2029para", "zero\u200bwidth\u200djoin\u00adsoft", "\u202ertl override\u202c", "\u0000\u0001\u0007\u001b[0m\u007f\u009f", "\ufffd replacement", "▁ lower ▁▁one eighth ▁", "Ġ byte Ċ letters ĉ",
           "<s>", "</s>", "<unk>", "<pad>", "a<s>b", " <s> ", "x </s> y", "<|endoftext|>", "hello<|endoftext|>world", "<|im_start|>user\nhi<|im_end|>\n", "<|im_start|> <|im_end|>", "  <|im_end|>  ", "<|im_end", "|im_end|>", "<|begin_of_text|>x<|eot_id|>", "<bos>a<eos>", "<start_of_turn>user\nq<end_of_turn>\n", "[CLS] a [SEP]", "[MASK]", "a[MASK]b [MASK] c", "[UNK]",
           "<0x41><0x0A>", "<0xFF>", "<extra_id_0> x <extra_id_1>", "<tool>", "x<tool>y", "a <keep> b", "a<keep>b", "keepsake", "solo", "a solo b", "absolo", "solo!", "soloist", "  lefty", "x  lefty  y", "righty  x", "x righty   y", "LOWER lower", "Normed é", "Normed e\u0301",
           "a . b , c ! d ? e ' f n't g 'm h 's i 've j 're do not", "f( x )[ 0 ]{ y }", "http://example.org/a?b=c&d=%20#e", "mail@example.org", "C:\\path\\to", "$1 $& $` $' $$", "a\\nb", "\"quotes\" “curly” ‘single’ «guillemets» 「」", "—–-‐‑ … · • §", "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋", "👩‍👩‍👧‍👦👍🏽🏳️‍🌈🇫🇷🇩🇪1️⃣", "😀" * 40, "🧑🏿‍🚀 a 🧑🏿‍🚀",
           "\U00020000\U0002a6d6 𠮷野家", "\U0001d400\U0001d7ff 𝐀𝟗", "\U000e0001\U000e0041 tags", "\U000f0000 private \U0010fffd", "\ue000\uf8ff", "\U0001f3fb", "\U00050000 \U000a1234 unassigned planes \U000dfff0", "مرحبا بالعالم", "שָׁלוֹם", "नमस्ते दुनिया क्षत्रिय", "ไม่มีช่องว่าง", "ᄒ\u1161ᆫ", "ཀྲུང", "வணக்கம்"]
    out += [sentence(r) for _ in range(250)]
    ranges = [(0x20, 0x250), (0x250, 0x600), (0x600, 0x1000), (0x1000, 0x2000), (0x2000, 0x2c00), (0x3000, 0xa000), (0xac00, 0xd7a4), (0xf900, 0xfffe), (0x10300, 0x10500), (0x1d000, 0x1d800), (0x20000, 0x2a6d7), (0x2f800, 0x2fa1e), (0xe0001, 0xe0080)]
    pools = [assigned(lo, hi, True) for lo, hi in ranges]
    extra = [0x1f300, 0x1f600, 0x1f680, 0x1f900, 0x10ffff - 2, 0xf0001, 0x30000, 0x3ffff - 2, 0x45678, 0x5abcd, 0x60000, 0x7fff0, 0x8abcd, 0x98765, 0xaffff - 5, 0xbcdef, 0xcafe0, 0xd0d0d, 0x1fffd - 4]
    glue = ["", "", " ", " ", "  ", "\n", "\t", ". ", ", ", "'s ", "\u200d", "\u0301", "-", "1", " <s> ", "<|im_end|>", "\r\n", "\n\n  ", "\u00a0"]
    while len(out) < 1000:
        pool = r.choice(pools)
        parts = []
        for _ in range(r.randint(1, 9)):
            run = "".join(chr(r.choice(pool)) for _ in range(r.randint(1, 5)))
            if r.random() < 0.15: run = chr(r.choice(extra) + r.randint(0, 1))
            if r.random() < 0.15: run = r.choice(r.choice(list(WORDS.values())))
            if r.random() < 0.08: run = r.choice(EMOJI)
            parts += [run, r.choice(glue)]
        out.append("".join(parts))
    assert len(out) == 1000 and len({ord(c) >> 16 for s in out for c in s}) == 17, sorted({ord(c) >> 16 for s in out for c in s})
    return out


LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
O200K = "|".join([r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?", r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?", r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
ODD = [AddedToken("<tool>", normalized=False), AddedToken("<keep>", lstrip=True, rstrip=True, normalized=False), AddedToken("solo", single_word=True, normalized=False), AddedToken("lefty", lstrip=True, normalized=True), AddedToken("righty", rstrip=True, normalized=True), AddedToken("Normed é", normalized=True)]


def special(*names): return [AddedToken(n, special=True, normalized=False) for n in names]


def byte_level(text, pre, size=2500, norm=None, names=("<|endoftext|>",), post=None, ignore_merges=False, odd=False, prefix=False):
    t = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if norm: t.normalizer = norm
    t.pre_tokenizer = pre
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(text, trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.add_special_tokens(special(*names))
    if odd: t.add_tokens(ODD)
    if post: t.post_processor = post(t)
    return t


def spm_bpe(text, size=2500, norm=None, pre=None, decoder=None, names=("<unk>", "<s>", "</s>"), post=None, odd=False):
    t = Tokenizer(models.BPE(unk_token=names[0], fuse_unk=True, byte_fallback=True))
    if norm: t.normalizer = norm
    if pre: t.pre_tokenizer = pre
    learn = Tokenizer(models.BPE(unk_token=names[0], fuse_unk=True, byte_fallback=True))
    learn.normalizer = normalizers.Replace(" ", "▁")
    learn.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    learn.train_from_iterator(text, trainers.BpeTrainer(vocab_size=size, special_tokens=list(names) + [f"<0x{b:02X}>" for b in range(256)], limit_alphabet=300, show_progress=False))
    j = json.loads(learn.to_str())
    model = models.BPE(vocab=j["model"]["vocab"], merges=[tuple(m) for m in j["model"]["merges"]], unk_token=names[0], fuse_unk=True, byte_fallback=True)
    t.model = model
    t.decoder = decoder
    t.add_special_tokens(special(*names))
    if odd: t.add_tokens(ODD)
    if post: t.post_processor = post(t)
    return t


def bos(name): return lambda t: processors.TemplateProcessing(single=f"{name}:0 $A:0", pair=f"{name}:0 $A:0 {name}:1 $B:1", special_tokens=[(name, t.token_to_id(name))])


def unigram(text, kind):
    with tempfile.TemporaryDirectory() as d:
        open(f"{d}/c.txt", "w", encoding="utf8").write("\n".join(s.replace("\n", " ") for s in text))
        spm.SentencePieceTrainer.train(input=f"{d}/c.txt", model_prefix=f"{d}/m", vocab_size=1500, model_type="unigram", character_coverage=0.999, minloglevel=2, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, byte_fallback=kind == "bytes")
        from sentencepiece import sentencepiece_model_pb2 as pb
        m = pb.ModelProto()
        m.ParseFromString(open(f"{d}/m.model", "rb").read())
    vocab = [(p.piece, p.score) for p in m.pieces]
    t = Tokenizer(models.Unigram(vocab, unk_id=2, byte_fallback=kind == "bytes"))
    if kind == "t5":
        t.normalizer = normalizers.Precompiled(m.normalizer_spec.precompiled_charsmap)
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")])
        t.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
        names = ["<pad>", "</s>", "<unk>"] + [f"<extra_id_{i}>" for i in range(2)]
        t.add_special_tokens(special(*names))
        t.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    else:
        t.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()])
        t.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
        t.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(replacement="▁", prepend_scheme="always")])
        t.add_special_tokens(special("<pad>", "</s>", "<unk>"))
        t.add_tokens(ODD)
        t.post_processor = processors.TemplateProcessing(single="$A:0 </s>:0 <pad>:2", pair=None, special_tokens=[("</s>", 1), ("<pad>", 0)])
    return t


def wordpiece(text, cased):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=not cased, strip_accents=None)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece(prefix="##", cleanup=not cased)
    t.train_from_iterator(text, trainers.WordPieceTrainer(vocab_size=2500, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    t.add_special_tokens(special("[PAD]", "[UNK]", "[CLS]", "[SEP]") + [AddedToken("[MASK]", lstrip=True, special=True)])
    t.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)) if cased else processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return t


def styles():
    text = corpus()
    split = lambda regex: pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(regex), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    legacy = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    gemma = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    yield "gpt2", byte_level(text, pre_tokenizers.ByteLevel(add_prefix_space=False)), dict(bos_token="<|endoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>")
    yield "gpt2-prefix", byte_level(text, pre_tokenizers.ByteLevel(add_prefix_space=True), names=("<s>", "</s>", "<unk>", "<pad>"), odd=True, post=lambda t: processors.RobertaProcessing(("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")), trim_offsets=True, add_prefix_space=True)), dict(bos_token="<s>", eos_token="</s>", pad_token="<pad>", add_prefix_space=True)
    yield "smollm", byte_level(text, pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]), names=("<|endoftext|>", "<|im_start|>", "<|im_end|>")), dict(bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>")
    yield "llama2", spm_bpe(text, norm=normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), decoder=legacy, post=bos("<s>"), odd=True), dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>", add_bos_token=True, add_eos_token=False)
    yield "llama2-metaspace", spm_bpe(text, pre=pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False), decoder=legacy, post=bos("<s>"), odd=True), dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>", add_bos_token=True, add_eos_token=True)
    yield "llama3", byte_level(text, split(LLAMA3), names=("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"), ignore_merges=True, post=lambda t: processors.Sequence([processors.ByteLevel(trim_offsets=False), bos("<|begin_of_text|>")(t)])), dict(bos_token="<|begin_of_text|>", eos_token="<|eot_id|>", clean_up_tokenization_spaces=True)
    yield "qwen", byte_level(text, split(QWEN2), norm=normalizers.NFC(), names=("<|endoftext|>", "<|im_start|>", "<|im_end|>"), odd=True, post=lambda t: processors.ByteLevel(trim_offsets=False)), dict(eos_token="<|im_end|>", pad_token="<|endoftext|>", add_bos_token=False)
    yield "o200k", byte_level(text, split(O200K), names=("<|endoftext|>",)), dict(eos_token="<|endoftext|>")
    yield "gemma", spm_bpe(text, names=("<unk>", "<pad>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"), norm=normalizers.Replace(" ", "▁"), pre=pre_tokenizers.Split(" ", "merged_with_previous"), decoder=gemma, post=bos("<bos>"), odd=True), dict(bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>")
    yield "bert", wordpiece(text, False), dict(cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]", pad_token="[PAD]", unk_token="[UNK]", clean_up_tokenization_spaces=True)
    yield "bert-cased", wordpiece(text, True), dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]")
    yield "t5", unigram(text, "t5"), dict(eos_token="</s>", pad_token="<pad>", unk_token="<unk>")
    yield "unigram-bytes", unigram(text, "bytes"), dict(eos_token="</s>", pad_token="<pad>", unk_token="<unk>", clean_up_tokenization_spaces=True)
    # one of each rarer component
    yield "deepseek", byte_level(text, pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(r"\p{N}{1,3}"), "isolated"), pre_tokenizers.Split(Regex(r"[一-龥぀-ゟ゠-ヿ]+"), "isolated"), pre_tokenizers.Split(Regex(r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]), names=("<s>", "</s>"), norm=normalizers.Sequence([])), dict(bos_token="<s>", eos_token="</s>", add_bos_token=True)
    yield "falcon", byte_level(text, pre_tokenizers.Sequence([pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.Split(Regex(r"[0-9][0-9][0-9]"), "isolated")]), names=("<|endoftext|>",)), dict(eos_token="<|endoftext|>")
    word = Tokenizer(models.WordLevel(unk_token="<unk>"))
    word.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents(), normalizers.Strip()])
    word.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation()])
    word.train_from_iterator(text, trainers.WordLevelTrainer(vocab_size=1500, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False))
    yield "wordlevel", word, dict(unk_token="<unk>", bos_token="<s>", eos_token="</s>", add_eos_token=True)


def write(path, value):
    raw = (json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n").encode()
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, compresslevel=9) as f: f.write(raw)
    open(path, "wb").write(buffer.getvalue())


def main():
    os.makedirs(OUT, exist_ok=True)
    texts = strings()
    write(f"{OUT}/strings.json.gz", texts)
    only = set(sys.argv[2:])
    for name, t, config in styles():
        if only and name not in only: continue
        with tempfile.TemporaryDirectory() as d:
            t.save(f"{d}/tokenizer.json")
            config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 100000, **config}
            json.dump(config, open(f"{d}/tokenizer_config.json", "w"))
            fast = PreTrainedTokenizerFast.from_pretrained(d)
            plain = [fast(s, add_special_tokens=False)["input_ids"] for s in texts]
            sample, full = fast("Hello world", add_special_tokens=False)["input_ids"], fast("Hello world")["input_ids"]
            at = next(k for k in range(len(full)) if full[k:k + len(sample)] == sample)
            prefix, suffix = full[:at], full[at + len(sample):]
            for s, ids in zip(texts, plain): assert fast(s)["input_ids"] == prefix + ids + suffix, (name, s)
            # differences only, to keep the files small
            def differs(value, base): return [v if v != b else None for v, b in zip(value, base)]
            decoded = [fast.decode(i, skip_special_tokens=False, clean_up_tokenization_spaces=False) for i in plain]
            skipped = [fast.decode(prefix + i + suffix, skip_special_tokens=True, clean_up_tokenization_spaces=False) for i in plain]
            cleaned = [fast.decode(i, skip_special_tokens=False, clean_up_tokenization_spaces=True) for i in plain]
            default = [fast.decode(i) for i in plain]
            r = random.Random(3)
            noise = [[r.randrange(len(fast)) for _ in range(r.randint(1, 12))] for _ in range(200)]
            write(f"{OUT}/{name}.json.gz", {
                "made_with": f"transformers {transformers.__version__}, tokenizers {__import__('tokenizers').__version__}", "tokenizer": json.load(open(f"{d}/tokenizer.json")), "config": config, "size": len(fast),
                "prefix": prefix, "suffix": suffix, "ids": plain, "decoded": differs(decoded, texts), "skipped": differs(skipped, decoded), "cleaned": differs(cleaned, decoded), "default": differs(default, decoded),
                "noise": noise, "noise_decoded": [fast.decode(i, clean_up_tokenization_spaces=False) for i in noise], "noise_skipped": [fast.decode(i, skip_special_tokens=True, clean_up_tokenization_spaces=False) for i in noise],
            })
            print(name, len(fast), prefix, suffix, os.path.getsize(f"{OUT}/{name}.json.gz"), flush=True)


main()
