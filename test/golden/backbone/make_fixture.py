"""Writes expected.json: what transformers makes of the built-in backbone, loaded as it is.

    python make_fixture.py [ASSETS_FOLDER]      (transformers 5.23, tokenizers, PyTorch 2.13; CPU, float32)
"""
import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, __version__

assets = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[3] / "assets" / "backbone"
TEXTS = [
    "check the claim . text: Anna is in the garden. Karl will leave on Monday. claim: Anna is in the kitchen.",
    "hypothesis: Nora purchased a tool. premise: Nora bought a saw. The scarf is red.",
    "The plot is dull,  but the acting is <extra_id_0> xylophone.",
]
DECODER = ["", " right", " not_entailment yes"]

result = {"transformers": __version__, "torch": torch.__version__, "stages": {}}
for stage in ("lm-adapted", "span-corruption"):
    folder = assets / stage
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    assert model.dtype == torch.float32, model.dtype
    cases = []
    for text, answer in zip(TEXTS, DECODER):
        ids = tokenizer(text).input_ids
        decoder_ids = [model.config.decoder_start_token_id] + tokenizer(answer, add_special_tokens=False).input_ids
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([decoder_ids])).logits[0, -1]
            greedy = model.generate(torch.tensor([ids]), max_new_tokens=8, do_sample=False, num_beams=1)[0].tolist()
        cases.append({
            "text": text, "ids": ids, "decoderIds": decoder_ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True),
            "logits": [round(v, 5) for v in logits.tolist()], "greedy": greedy,
        })
    result["stages"][stage] = cases
(Path(__file__).parent / "expected.json").write_text(json.dumps(result) + "\n")
