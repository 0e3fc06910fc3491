"""Makes the fixtures of this folder: tiny SentencePiece models trained on the text below, and reference ids from the real
`sentencepiece` and `tokenizers`. Rerun only to add cases:

    pip install sentencepiece==0.2.3 tokenizers==0.23.3
    SOUFFLEUR_SHARED=<folder with data/> python test/token/make-reference.py

Without that folder the reference ids for T5's own files are kept as they were.
"""
import hashlib, json, os, pathlib, random, tempfile
import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as spm_proto
from tokenizers import Tokenizer

here = pathlib.Path(__file__).parent / "fixture"
here.mkdir(exist_ok=True)
random.seed(7)

NOUNS = "prompt model answer question sentence label teacher student garden river engine window market letter number winter summer bridge".split()
VERBS = "reads writes tunes keeps finds holds follows answers opens closes measures compares repeats explains".split()
EXTRAS = ["naïve café", "Größe über Straße", "1984, 2024 and 10,000", "(yes/no)", "don't, can't; won't!", "你好世界", "提示学习很有用", "привет мир", "a+b=c", "e-mail: x@y.z", "★ star"]

SYLLABLES = "pro mpt tion ing re un ta le mo del an swer qu est ion er est ness able in ter na tio nal con tra dic".split()

def corpus():
    """Sentences, and made-up words that overlap in many ways, so that segmentation has near ties."""
    lines = [" ".join("".join(random.choices(SYLLABLES, k=random.randint(1, 4))) for _ in range(8)) for _ in range(600)]
    for _ in range(600):
        lines.append(f"The {random.choice(NOUNS)} {random.choice(VERBS)} a {random.choice(NOUNS)} and the {random.choice(NOUNS)} {random.choice(VERBS)} {random.choice(EXTRAS)}.")
    return lines

# A few rules like NFKC's, so that the charsmap stays small: ligatures, full width, composition, deletion, spaces, ellipsis.
RULES = [("FB01", "66 69"), ("FB02", "66 6C"), ("65 301", "E9"), ("61 308", "E4"), ("61 308 304", "1DF"), ("200B", ""), ("1", ""), ("9", "20"), ("A", "20"), ("D", "20"),
         ("3000", "20"), ("A0", "20"), ("FFFD", "20"), ("2581", "20"), ("2026", "2E 2E 2E"), ("2460", "31"), ("AA", "61"), ("A8", "20 308"), ("338F", "6B 67")]
RULES += [(f"{0xFF01 + i:X}", f"{0x21 + i:X}") for i in range(94) if i != 0x5D]

BASE = dict(vocab_size=330, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, character_coverage=0.995, num_threads=1, minloglevel=2, hard_vocab_limit=False)
MODELS = {
    "unigram": dict(model_type="unigram", rules=True),
    "unigram-bytes": dict(model_type="unigram", byte_fallback=True, vocab_size=560, user_defined_symbols=["<sep>", "★★", "ﬁx"], normalization_rule_name="identity", remove_extra_whitespaces=False),
    "unigram-no-prefix": dict(model_type="unigram", rules=True, add_dummy_prefix=False, user_defined_symbols=["<sep>", "ﬁx"]),
    "bpe": dict(model_type="bpe", normalization_rule_name="identity", vocab_size=200),
}

def train():
    with tempfile.TemporaryDirectory() as folder:
        rules = pathlib.Path(folder, "rules.tsv")
        rules.write_text("".join(f"{a}\t{b}\n" for a, b in RULES))
        text = pathlib.Path(folder, "text.txt")
        text.write_text("\n".join(corpus()))
        for name, options in MODELS.items():
            options = {**BASE, **options}
            if options.pop("rules", False):
                options["normalization_rule_tsv"] = str(rules)
            spm.SentencePieceTrainer.train(input=str(text), model_prefix=str(pathlib.Path(folder, name)), **options)
            proto = spm_proto.ModelProto()
            proto.ParseFromString(pathlib.Path(folder, name + ".model").read_bytes())
            del proto.trainer_spec.input[:]
            proto.trainer_spec.model_prefix = name
            proto.normalizer_spec.normalization_rule_tsv = ""
            (here / f"{name}.model").write_bytes(proto.SerializeToString())

TEXTS = [
    "", " ", "   ", "\n", "Hello, world!", "The prompt reads a model.", "  leading and  double   spaces  ", "trailing \n", "tab\there\r\nthere", "\u00a0no-break\u3000wide\u2003em",
    "line\u2028sep\u0085nel\u000bvt", "a\u0000b", "\u0001\u0002control\u001f\u007f\u0080", "a\u200bb\u200cc\u200dd\ufeffe\u2060f", "\u200b", "\u200b lead", " \u200b x \u200b ",
    "café cafe\u0301 CAFE\u0301", "\ufb01x \ufb02y \ufb01\u0301z ﬁx ﬁ x", "a\u0308\u0304b a\u0308b", "①②③ ㎏ ㎞ ½ ª º ² … ¨", "Ｆｕｌｌ　ｗｉｄｔｈ　１２３ ～！？", "ﾊﾝｶｸ ｶﾞ ガ", "한국어 각 각",
    "生活的真谛是", "你好世界，提示学习很有用。", "こんにちは、世界", "Привет, мир! привет мир", "مرحبا بالعالم ﷺ", "नमस्ते दुनिया क्षि", "ไทย ภาษา", "Å Å Å ẛ̣ ǆ ŉ ſ", "😂👍🏽👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿❤️🇩🇪", "x😂y 😂 z",
    "▁a ▁▁b▁ ▁", "▁", "a▁", "\ufffd", "x\ufffdy", "𝒯𝑒𝓍𝓉 𝟙𝟚𝟛", "𠀀𠀁", "\U0010ffff\ue000", "don't, can't; won't! (yes/no)", "0123456789 10,000 3.14159 1e-5", "https://example.org/a?b=c&d=%20#e",
    "def f(x):\n\treturn x**2  # ok", "<s> <unknown> <extra_id> <extra_id_100>", "ZWNJ می‌خواهم", "e\u0301\u0302\u0303\u0304\u0305\u0306\u0307", "\u0301leading mark", "\u0600\u0661 prepend", "\r\r\n\n\r",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "qqqq zzzz ωωωω ωq", "<sep>a <sep> b<sep><sep>", "★★★ ★★ ★ ﬁxﬁx", "<0x41><0x0A>", "hypothesis: Dana Reeve passed away. premise: Yes, it's so.", "I\u0307stanbul İ ı ß ẞ", "\u1100\u1161\u11a8 가\u11a8", "not_entailment contradiction internationalness", "unprompting retentionable moderestable quantaleness", "a" * 300 + " " + "é" * 100,
]

def digest(ids):
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()

def random_lists(size, exclude=(), count=40):
    allowed = [i for i in range(size) if i not in exclude]
    return [[random.choice(allowed) for _ in range(random.randint(0, 12))] for _ in range(count)]

# Every variant is a patch of the same small tokenizer.json, which is the unigram model above in the other format.
TOKEN = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
METASPACE = dict(type="Metaspace", replacement="▁", prepend_scheme="always", split=True)
SPECIAL = [dict(TOKEN, id=0, content="<pad>"), dict(TOKEN, id=1, content="</s>"), dict(TOKEN, id=2, content="<unk>")]
def extra(size, **changes):
    return [dict(TOKEN, id=size, content="<extra_id_0>", **changes)]
def variants(charsmap, size):
    precompiled = dict(type="Precompiled", precompiled_charsmap=charsmap)
    modern = dict(type="Sequence", normalizers=[precompiled, dict(type="Strip", strip_left=False, strip_right=True), dict(type="Replace", pattern=dict(Regex=" {2,}"), content="▁")])
    split = dict(type="Sequence", pretokenizers=[dict(type="WhitespaceSplit"), METASPACE])
    word = [dict(TOKEN, id=size, content="star", single_word=True, special=False), dict(TOKEN, id=size + 1, content="★★", special=False)]
    return {
        "classic": dict(normalizer=precompiled, pre_tokenizer=split, added_tokens=SPECIAL + extra(size)),
        "old-metaspace": dict(normalizer=precompiled, pre_tokenizer=dict(type="Metaspace", replacement="▁", add_prefix_space=True), added_tokens=SPECIAL + extra(size)),
        "old-metaspace-no-prefix": dict(normalizer=precompiled, pre_tokenizer=dict(type="Metaspace", replacement="▁", prepend_scheme="never", add_prefix_space=False), added_tokens=SPECIAL + extra(size)),
        "modern-always": dict(normalizer=modern, pre_tokenizer=METASPACE, added_tokens=SPECIAL + extra(size)),
        "modern-first": dict(normalizer=modern, pre_tokenizer=dict(METASPACE, prepend_scheme="first"), added_tokens=SPECIAL + extra(size)),
        "split-first": dict(normalizer=precompiled, pre_tokenizer=dict(type="Sequence", pretokenizers=[dict(type="WhitespaceSplit"), dict(METASPACE, prepend_scheme="first")]), added_tokens=SPECIAL),
        "modern-never": dict(normalizer=modern, pre_tokenizer=dict(METASPACE, prepend_scheme="never"), added_tokens=SPECIAL + extra(size)),
        "unsplit": dict(normalizer=modern, pre_tokenizer=dict(METASPACE, split=False), added_tokens=SPECIAL + extra(size)),
        "strips": dict(normalizer=precompiled, pre_tokenizer=METASPACE, added_tokens=SPECIAL + extra(size, lstrip=True, rstrip=True)),
        "words": dict(normalizer=precompiled, pre_tokenizer=METASPACE, added_tokens=SPECIAL + word),
        "normalized-token": dict(normalizer=dict(type="Sequence", normalizers=[precompiled, dict(type="Lowercase")]), pre_tokenizer=METASPACE, added_tokens=SPECIAL + [dict(TOKEN, id=size, content="STAR", normalized=True, special=False)]),
        "nfkc": dict(normalizer=dict(type="Sequence", normalizers=[dict(type="NFKC"), dict(type="Strip", strip_left=True, strip_right=True), dict(type="Replace", pattern=dict(String="a"), content="$&b")]), pre_tokenizer=METASPACE, added_tokens=SPECIAL),
        "prepend": dict(normalizer=dict(type="Sequence", normalizers=[dict(type="NFD"), dict(type="Prepend", prepend="The ")]), pre_tokenizer=METASPACE, added_tokens=SPECIAL),
        "bare": dict(normalizer=None, pre_tokenizer=None, added_tokens=SPECIAL),
    }
SPECIAL_TEXTS = ["</s>", " </s> test </s> ", "a</s>b", "a </s> b", "Hey </s>. how", "<extra_id_0> the <extra_id_0>prompt <extra_id_0>", "  <extra_id_0>  x  ", "<unk>ω<pad>", "star stars ★star star★ _star", "★★★ a★★b", "star STAR Star ＳＴＡＲ", "<extra_id_0><extra_id_0>", "ω<unk>ω"]

def main():
    import base64
    train()
    fixture = dict(made_with=dict(sentencepiece=spm.__version__, tokenizers=__import__("tokenizers").__version__), texts=TEXTS, models={}, json={})
    for name in MODELS:
        if name == "bpe":
            continue
        sp = spm.SentencePieceProcessor(model_file=str(here / f"{name}.model"))
        lists = random_lists(sp.get_piece_size())
        fixture["models"][name] = dict(size=sp.get_piece_size(), ids=[sp.encode(t) for t in TEXTS], decode=[dict(ids=l, text=sp.decode(l)) for l in lists])
    proto = spm_proto.ModelProto()
    proto.ParseFromString((here / "unigram.model").read_bytes())
    vocab = [[p.piece, p.score] for p in proto.pieces]
    base = dict(version="1.0", truncation=None, padding=None, post_processor=None, decoder=dict(METASPACE), model=dict(type="Unigram", unk_id=2, vocab=vocab, byte_fallback=False))
    charsmap = base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode()
    (here / "tokenizer.json").write_text(json.dumps(dict(base, **variants("@charsmap", len(vocab))["classic"]), ensure_ascii=False).replace("@charsmap", charsmap))
    for name, patch in variants(charsmap, len(vocab)).items():
        t = Tokenizer.from_str(json.dumps(dict(base, **patch)))
        stored = json.loads(json.dumps(patch).replace(charsmap, "@charsmap"))
        texts = TEXTS + SPECIAL_TEXTS
        fixture["json"][name] = dict(patch=stored, ids=[t.encode(x, add_special_tokens=False).ids for x in texts])
    fixture["special_texts"] = SPECIAL_TEXTS
    target = here / "reference.json"
    shared = os.environ.get("SOUFFLEUR_SHARED")
    if shared:
        fixture["t5"] = of_shared(pathlib.Path(shared, "data"))
    elif target.exists():
        fixture["t5"] = json.loads(target.read_text())["t5"]
    target.write_text(json.dumps(fixture, ensure_ascii=True, separators=(",", ":")) + "\n")

def of_shared(data):
    """Ids of the texts above, and hashes of the ids of long files, which are not ours to copy."""
    sp = spm.SentencePieceProcessor(model_file=str(data / "tokenizer/spiece.model"))
    tiny = Tokenizer.from_file(str(data / "t5-tiny/tokenizer.json"))
    shakespeare = (data / "corpus/shakespeare.txt").read_bytes().decode()
    c4 = [json.loads(line)["text"] for line in (data / "corpus/c4-100.jsonl").read_bytes().decode().split("\n") if line.strip()]
    chinese = (data / "chnsenticorp/train.tsv").read_bytes().decode().split("\n")
    json_ids = lambda x: tiny.encode(x, add_special_tokens=False).ids
    result = {}
    for name, encode in (("spiece", sp.encode), ("tiny", json_ids)):
        result[name] = dict(ids=[encode(x) for x in TEXTS], shakespeare=digest(encode(shakespeare)), c4=[digest(encode(x)) for x in c4], chinese=digest([i for line in chinese for i in encode(line)]))
    result["spiece"]["decode"] = [dict(ids=l, text=sp.decode(l)) for l in random_lists(sp.get_piece_size())]
    result["tiny"]["decode"] = [dict(ids=l, text=tiny.decode(l, skip_special_tokens=True)) for l in random_lists(1302, exclude={2})]
    return result

main()
