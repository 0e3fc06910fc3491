"""Writes expected.json: a prompt whose two slots stand within the text, by transformers, in both answer conventions.

    python make_fixture.py        (transformers 5.23, tokenizers, PyTorch 2.13; CPU, float32)

The pattern is {{ premise }} {{ soft(3) }}{{ hypothesis }}? {{ answer }}. {{ soft(2) }} here; its texts are written out below, slot by slot,
so that nothing of the engine that is compared is used. The texts are of different lengths: the slots stand elsewhere in each.
"""
import json
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import T5ForConditionalGeneration, __version__

HERE = Path(__file__).parent
tokenizer = Tokenizer.from_file(str(HERE.parents[1] / "token" / "fixture" / "tokenizer.json"))
SENTINEL, EOS, PAD = tokenizer.token_to_id("<extra_id_0>"), 1, 0
ROWS = [
    ("the man sees two boats", "rain falls", "good"),
    ("no", "this is at sea and the rain never falls here again", "never here"),
    ("it is one of the good ones that they said would come", "a", "good"),
]


def encode(text):
    return tokenizer.encode(text, add_special_tokens=False).ids


def example(convention, premise, hypothesis, word):
    """Ids, with None for every soft row, and the target."""
    if convention == "span-corruption":
        asked = encode(f"{hypothesis}? ") + [SENTINEL] + encode(". ")
        return encode(f"{premise} ") + [None] * 3 + asked + [None] * 2 + encode(" here"), [SENTINEL] + encode(word)
    return encode(f"{premise} ") + [None] * 3 + encode(f"{hypothesis}? . ") + [None] * 2 + encode(" here") + [EOS], encode(word) + [EOS]


def significant(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


result = {"transformers": __version__, "torch": torch.__version__, "rows": [dict(zip(("premise", "hypothesis", "word"), row)) for row in ROWS], "models": {}}
for name in ("t5-v1_0", "t5-v1_1"):
    model = T5ForConditionalGeneration.from_pretrained(HERE.parent / name / "model").eval()
    model.requires_grad_(False)
    generator = torch.Generator().manual_seed(5)
    values = torch.randn((5, model.config.d_model), generator=generator)
    cases = {}
    for convention in ("lm-adapted", "span-corruption"):
        examples = [example(convention, *row) for row in ROWS]
        length, target_length = max(len(ids) for ids, _ in examples), max(len(target) for _, target in examples)
        prompt = values.clone().requires_grad_(True)
        embeddings = model.get_input_embeddings()
        inputs, mask, labels = [], [], []
        for ids, target in examples:
            used, rows = 0, []
            for item in ids:
                rows.append(prompt[used] if item is None else embeddings(torch.tensor(item)))
                used += item is None
            padding = length - len(ids)
            inputs.append(torch.stack(rows + [embeddings(torch.tensor(PAD))] * padding))
            mask.append([1] * len(ids) + [0] * padding)
            labels.append(target + [-100] * (target_length - len(target)))
        output = model(inputs_embeds=torch.stack(inputs), attention_mask=torch.tensor(mask), labels=torch.tensor(labels))
        output.loss.backward()
        cases[convention] = {
            "ids": [ids for ids, _ in examples], "targets": [target for _, target in examples], "loss": float(f"{output.loss.item():.8g}"),
            # Of the first two target positions of each example, which all have.
            "logits": [significant(row[:2]) for row in output.logits.detach()], "gradient": significant(prompt.grad),
        }
    result["models"][name] = {"prompt": significant(values), "cases": cases}
(HERE / "expected.json").write_text(json.dumps(result) + "\n")
