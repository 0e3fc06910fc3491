"""Time one training step of PEFT prompt tuning on a frozen T5 (PyTorch, CPU).

The peer of `npm run bench -- step`: same arguments, same model sizes, same keys.

What is measured: zero the gradient, forward, backward to the prompt, Adafactor.
Batches are made before the clock starts. The model has random weights, is in
training mode with dropout 0, and its base is frozen, so no weight gradient is
computed. Choices that favour the peer are made where there is one: scaled dot
product attention (the default of transformers) and no key/value cache.

Sources: PEFT `PromptTuningConfig`, transformers `T5ForConditionalGeneration` and
`Adafactor`; sizes from Lester et al. 2021 (T5 1.1) and Raffel et al. 2020 (T5 1.0).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import sys
import time
import warnings
from dataclasses import dataclass

WARM_UP_STEPS = 2
VOCABULARY = 32_128
FIRST_ORDINARY_ID = 3  # 0 pad, 1 end of sequence, 2 unknown
END_OF_SEQUENCE_ID = 1
GEMM_SIDE = 1024
GEMM_REPEATS = 10


@dataclass(frozen=True)
class Size:
    """Shape of one backbone; `heads * head_width` may differ from `width`."""

    width: int
    heads: int
    head_width: int
    layers: int  # of the encoder and of the decoder, each
    feed_forward: int
    gated: bool  # T5 1.1: gated GELU and a head of its own; T5 1.0: ReLU, tied head
    vocabulary: int = VOCABULARY

    @property
    def inner(self) -> int:
        return self.heads * self.head_width


SIZES = {
    "tiny": Size(64, 4, 16, 2, 128, gated=True, vocabulary=384),
    "small": Size(512, 8, 64, 6, 2048, gated=False),
    "v1_1-small": Size(512, 6, 64, 8, 1024, gated=True),
    "v1_1-base": Size(768, 12, 64, 12, 2048, gated=True),
    "v1_1-large": Size(1024, 16, 64, 24, 2816, gated=True),
}


def count_matrix_flops(size: Size, batch: int, source: int, target: int, prompt: int) -> int:
    """Nominal matrix FLOPs of one prompt-tuning step (a multiply-add is 2 FLOPs).

    Counted: the forward product of every matmul and the products its backward
    needs to reach activations. A product with a frozen weight (projections, feed
    forward, output head) has one such backward product, so 2 forward + 2 backward
    FLOPs per multiply-add. The two products inside attention (query x key and
    probabilities x value) have activations on both sides, so 2 + 4.

    Not counted: weight gradients (the base is frozen), embedding look-ups, norms,
    softmax, activation functions, the loss, the optimizer.

    Padding counts like any token: lengths are the padded ones, encoder length is
    `prompt + source`. The count is nominal: it also includes the backward of the
    first decoder self-attention and of the first cross-attention query, which
    lead to no trainable value (about 0.1 % of a usual step), and it does not
    include anything an implementation computes twice (fused attention backward).
    """
    encoder_length = prompt + source
    encoder_tokens = batch * encoder_length
    decoder_tokens = batch * target

    square_projection = size.width * size.inner
    feed_forward = (3 if size.gated else 2) * size.width * size.feed_forward

    encoder_weight_products = encoder_tokens * (4 * square_projection + feed_forward)
    decoder_weight_products = (
        decoder_tokens * (4 * square_projection + 2 * square_projection + feed_forward)
        + encoder_tokens * 2 * square_projection  # cross-attention keys and values
    )
    head_products = decoder_tokens * size.width * size.vocabulary

    encoder_attention_products = 2 * batch * encoder_length**2 * size.inner
    decoder_attention_products = 2 * batch * (target**2 + target * encoder_length) * size.inner

    weight_products = size.layers * (encoder_weight_products + decoder_weight_products) + head_products
    attention_products = size.layers * (encoder_attention_products + decoder_attention_products)
    return 4 * weight_products + 6 * attention_products


def source_lengths(batch: int, source: int, lengths: str) -> list[int]:
    """Tokens of each source row: all `source`, or spread evenly up to `source` (row i: source*(i+1)//batch)."""
    if lengths == "full":
        return [source] * batch
    return [max(1, source * (row + 1) // batch) for row in range(batch)]


def positive_integer(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least 1")
    return value


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time a PEFT prompt-tuning step on a frozen random T5.")
    parser.add_argument("--size", choices=sorted(SIZES), default="v1_1-small")
    parser.add_argument("--batch", type=positive_integer, default=16)
    parser.add_argument("--source", type=positive_integer, default=64, help="source tokens, without the prompt")
    parser.add_argument("--target", type=positive_integer, default=8)
    parser.add_argument("--prompt", type=positive_integer, default=100, help="prompt rows")
    parser.add_argument("--threads", type=positive_integer, default=2)
    parser.add_argument("--steps", type=positive_integer, default=10, help="timed steps, after 2 for warming up")
    parser.add_argument("--lengths", choices=["full", "mixed"], default="full")
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    parser.add_argument("--autocast", choices=["bf16"], default=None, help="default: float32 throughout")
    parser.add_argument("--profile", action="store_true", help="after timing, print one step by operator to stderr")
    parser.add_argument("--json", action="store_true", help="one JSON line instead of readable lines")
    return parser.parse_args(arguments)


def peak_resident_megabytes() -> float:
    """Highest resident set of this process so far, in MB of 10^6 bytes (Linux, VmHWM)."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    raise SystemExit("no VmHWM in /proc/self/status: this script measures on Linux only")


def build_model(size: Size, prompt_rows: int, attention: str):
    """A frozen random T5 with a PEFT soft prompt in front of its encoder, ready to train."""
    import torch
    from peft import PromptTuningConfig, TaskType, get_peft_model
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        vocab_size=size.vocabulary,
        d_model=size.width,
        d_kv=size.head_width,
        d_ff=size.feed_forward,
        num_layers=size.layers,
        num_heads=size.heads,
        feed_forward_proj="gated-gelu" if size.gated else "relu",
        tie_word_embeddings=not size.gated,
        dropout_rate=0.0,
        decoder_start_token_id=0,
        attn_implementation=attention,
    )
    base = T5ForConditionalGeneration(config)
    if size.gated:
        # transformers 5 ties the head of every T5 it makes; T5 1.1 has a head of its own.
        base.lm_head.weight = torch.nn.Parameter(torch.randn(size.vocabulary, size.width) * size.width**-0.5)
    model = get_peft_model(
        base,
        PromptTuningConfig(
            task_type=TaskType.SEQ_2_SEQ_LM,
            num_virtual_tokens=prompt_rows,
            num_transformer_submodules=1,
        ),
    )
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if [tuple(parameter.shape) for parameter in trainable] != [(prompt_rows, size.width)]:
        raise SystemExit("expected the prompt to be the only trainable parameter")
    return model.train(), trainable[0]


def make_batch(size: Size, options: argparse.Namespace):
    """Random ids: source rows end in </s> and are padded to `--source`; every target position counts."""
    import torch

    lengths = torch.tensor(source_lengths(options.batch, options.source, options.lengths))
    positions = torch.arange(options.source)
    mask = (positions[None, :] < lengths[:, None]).long()
    source = torch.randint(FIRST_ORDINARY_ID, size.vocabulary, (options.batch, options.source))
    source[torch.arange(options.batch), lengths - 1] = END_OF_SEQUENCE_ID
    target = torch.randint(FIRST_ORDINARY_ID, size.vocabulary, (options.batch, options.target))
    target[:, -1] = END_OF_SEQUENCE_ID
    return {"input_ids": source * mask, "attention_mask": mask, "labels": target}


def measure_gemm_seconds() -> list[float]:
    """Seconds of each of several float32 products of two square matrices, after one to warm up."""
    import torch

    left, right = torch.rand(GEMM_SIDE, GEMM_SIDE), torch.rand(GEMM_SIDE, GEMM_SIDE)
    result = torch.empty(GEMM_SIDE, GEMM_SIDE)
    seconds = []
    for _ in range(GEMM_REPEATS + 1):
        start = time.perf_counter()
        torch.mm(left, right, out=result)
        seconds.append(time.perf_counter() - start)
    return seconds[1:]


def print_profile(step, batch) -> None:
    """One step by operator, by own time, to stderr: what is matmul and what is not."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU]) as trace:
        step(batch)
    print(trace.key_averages().table(sort_by="self_cpu_time_total", row_limit=30), file=sys.stderr)


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Medians per step; see the README beside this folder for the keys."""
    # Before torch is imported: its thread pool reads these once. No network is needed or wanted.
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(options.threads)
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")

    import torch
    from transformers.optimization import Adafactor

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    size = SIZES[options.size]
    model, prompt = build_model(size, options.prompt, options.attention)
    optimizer = Adafactor([prompt], lr=0.3, scale_parameter=False, relative_step=False, warmup_init=False)
    batches = [make_batch(size, options) for _ in range(WARM_UP_STEPS + options.steps)]
    prompt_before = prompt.detach().clone()

    def step(batch) -> float:
        optimizer.zero_grad()
        autocast = torch.autocast("cpu", torch.bfloat16) if options.autocast else contextlib.nullcontext()
        with autocast:
            loss = model(**batch, use_cache=False).loss
        loss.backward()
        optimizer.step()
        return loss.item()

    gemm_seconds = measure_gemm_seconds()
    wall_seconds, cpu_seconds, losses = [], [], []
    for batch in batches:
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        losses.append(step(batch))
        cpu_seconds.append(time.process_time() - cpu_start)
        wall_seconds.append(time.perf_counter() - wall_start)
    gemm_seconds += measure_gemm_seconds()
    peak = peak_resident_megabytes()

    if not all(abs(loss) < float("inf") for loss in losses):
        raise SystemExit("a loss is not finite: the step that was timed is not a training step")
    if torch.equal(prompt_before, prompt):
        raise SystemExit("the prompt did not move: the step that was timed is not a training step")
    if any(parameter.grad is not None for parameter in model.base_model.parameters()):
        raise SystemExit("a frozen weight has a gradient: the step that was timed is not prompt tuning")

    if options.profile:
        print_profile(step, batches[-1])

    wall = statistics.median(wall_seconds[WARM_UP_STEPS:])
    flops = count_matrix_flops(size, options.batch, options.source, options.target, options.prompt)
    real = sum(source_lengths(options.batch, options.source, options.lengths))
    return {
        "wall_s": round(wall, 4),
        "cpu_s": round(statistics.median(cpu_seconds[WARM_UP_STEPS:]), 4),
        "peak_rss_mb": round(peak, 1),
        "gflops": round(flops / wall / 1e9, 2),
        "gemm_gflops": round(2 * GEMM_SIDE**3 / statistics.median(gemm_seconds) / 1e9, 2),
        "padding": round(1 - real / (options.batch * options.source), 4),
    }


def main() -> None:
    options = parse_arguments(sys.argv[1:])
    result = measure(options)
    if options.json:
        print(json.dumps(result))
        return
    for key, value in result.items():
        print(f"{key:12} {value}")


if __name__ == "__main__":
    main()
