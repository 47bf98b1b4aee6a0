"""Turns a GGUF language model into a bf16 safetensors folder that vLLM serves.

Runs in the model engine's environment: `python convert_llm.py MODEL.gguf OUTPUT_FOLDER`.
"""

import argparse
from functools import cache
from pathlib import Path
from typing import Any, cast

import gguf
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig


def main() -> None:
    arguments = _arguments()
    folder, name = arguments.gguf.parent, arguments.gguf.name
    print(f"reading {name}", flush=True)
    _read_once()
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    if not tokenizer.chat_template:
        raise SystemExit(f"{name} has no chat template: a chat model is needed.")
    # Without `dequantize` the loaded model keeps its GGUF quantisation and `save_pretrained` refuses to write it.
    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=name, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
    )
    print(f"writing {model.num_parameters() / 1e6:.0f}M parameters", flush=True)
    model.save_pretrained(arguments.output)
    tokenizer.save_pretrained(arguments.output)
    _check(arguments.output)


def _read_once() -> None:
    """Transformers parses the file for tokenizer, configuration and weights, and builds a map of names for each module.

    Both take seconds and give the same every time.
    """
    gguf.GGUFReader = cache(gguf.GGUFReader)
    gguf.get_tensor_name_map = cache(gguf.get_tensor_name_map)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gguf", type=Path)
    parser.add_argument("output", type=Path)
    return parser.parse_args()


def _check(folder: Path) -> None:
    """Reads the folder back and lets it answer one question, so that a broken conversion never becomes a model."""
    print("checking the converted model", flush=True)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = cast("Any", AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32))  # bf16 is slow on many CPUs
    question = [{"role": "user", "content": "What is the capital of France? Answer in one word."}]
    inputs = tokenizer.apply_chat_template(question, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    output = model.generate(**inputs, max_new_tokens=12, do_sample=False)
    answer = tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    print(f"answer: {answer}", flush=True)
    if "Paris" not in answer:
        raise SystemExit(f"The converted model answers '{answer}' instead of Paris: the conversion went wrong.")


if __name__ == "__main__":
    main()
