"""Logits that PEFT gives with an exported pack folder: python peft_logits.py MODEL_FOLDER PACK_FOLDER CASE_JSON.

Reads the batch of a golden case (test/golden/README.md), opens the folder as it is with PeftModel.from_pretrained, prints one JSON
object: versions, P as PEFT understands it, and the logits, flat and row-major. reference.json holds what transformers 5.23,
PEFT 0.21.2 and PyTorch 2.13 printed.
"""
import json
import sys

import peft
import torch
import transformers

model_folder, pack_folder, case_file = sys.argv[1:]
torch.manual_seed(0)
torch.set_num_threads(1)
case = json.load(open(case_file))
base = transformers.T5ForConditionalGeneration.from_pretrained(model_folder, dtype=torch.float32)
model = peft.PeftModel.from_pretrained(base, pack_folder).eval()
with torch.no_grad():
    result = model(
        input_ids=torch.tensor(case["source_ids"]),
        attention_mask=torch.tensor(case["source_mask"]),
        labels=torch.tensor(case["target_ids"]),
    )
config = model.peft_config["default"]
print(json.dumps({
    "versions": {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__},
    "virtual_tokens": config.num_virtual_tokens,
    "submodules": config.num_transformer_submodules,
    "logits": [float(f"{value:.7g}") for value in result.logits.flatten().tolist()],
}))
