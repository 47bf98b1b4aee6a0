"""Exports a sentence-transformers folder to OpenVINO, as plain fp32 or quantised to int8 with NNCF.

Runs in the platform's environment: `python export_embedder.py MODEL_FOLDER --precision int8 --texts README.md docs`.
The result lies in MODEL_FOLDER/openvino/openvino_model.xml, where sentence-transformers looks for it.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import nncf
import numpy as np
import openvino
from sentence_transformers import SentenceTransformer
from transformers import PreTrainedTokenizerBase

_CALIBRATION_BATCHES = 24
_BATCH_TEXTS = 4
_COMPARED_TEXTS = 12
_LEAST_COSINE = {"fp32": 0.9999, "int8": 0.93}
_LEAST_MEAN_COSINE = {"fp32": 0.9999, "int8": 0.98}


def main() -> None:
    arguments = _arguments()
    texts = list(_passages(arguments.texts))
    if len(texts) < _BATCH_TEXTS:
        raise SystemExit(f"No text to calibrate with below {[str(path) for path in arguments.texts]}.")
    reference = SentenceTransformer(str(arguments.model), device="cpu")
    print("exporting to OpenVINO", flush=True)
    exported = SentenceTransformer(str(arguments.model), backend="openvino", model_kwargs={"export": True})
    network = cast("openvino.Model", cast("Any", exported[0]).auto_model.model)
    if arguments.precision == "int8":
        network = _quantised(network, exported, texts)
    _write(network, arguments.model / "openvino")
    _check(arguments.model, reference, texts[-_COMPARED_TEXTS:], precision=arguments.precision)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--precision", choices=["fp32", "int8"], required=True)
    parser.add_argument("--texts", type=Path, nargs="+", required=True, help="files or folders with Markdown")
    return parser.parse_args()


def _passages(paths: list[Path]) -> Iterator[str]:
    """Paragraphs and whole pages, so that calibration sees short and full windows."""
    for path in paths:
        for page in sorted(path.rglob("*.md")) if path.is_dir() else [path]:
            text = page.read_text(encoding="utf-8")
            yield text
            yield from (paragraph for paragraph in text.split("\n\n") if len(paragraph) > 20)


def _quantised(network: openvino.Model, exported: SentenceTransformer, texts: list[str]) -> openvino.Model:
    print(f"quantising to int8, calibrated with {len(texts)} passages", flush=True)
    batches = list(_batches(exported.tokenizer, texts, window=exported.max_seq_length or 256))
    return nncf.quantize(
        network,
        nncf.Dataset(batches),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(batches),
    )


def _batches(tokenizer: PreTrainedTokenizerBase, texts: list[str], *, window: int) -> Iterator[dict[str, np.ndarray]]:
    """Batches of unlike lengths, so that padded rows are calibrated as well."""
    shuffled = [texts[i] for i in np.random.default_rng(0).permutation(len(texts))]
    for start in range(0, min(len(shuffled), _CALIBRATION_BATCHES * _BATCH_TEXTS), _BATCH_TEXTS):
        batch = shuffled[start : start + _BATCH_TEXTS]
        encoded = tokenizer(batch, padding=True, truncation=True, max_length=window, return_tensors="np")
        yield {name: np.asarray(values) for name, values in encoded.items()}


def _write(network: openvino.Model, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        openvino.save_model(network, Path(temporary) / "openvino_model.xml", compress_to_fp16=False)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for file in Path(temporary).iterdir():
            file.rename(folder / file.name)


def _check(folder: Path, reference: SentenceTransformer, texts: list[str], *, precision: str) -> None:
    """Compares the export, read back from disk, with PyTorch: padded rows, single rows and short queries."""
    print("comparing with the original", flush=True)
    exported = SentenceTransformer(str(folder), backend="openvino")
    probes = [*texts, "How do I start it?", "vector search", "x"]
    expected = reference.encode(probes, batch_size=1)
    padded = (exported.encode(probes, batch_size=len(probes)) * expected).sum(axis=1)
    single = (exported.encode(probes, batch_size=1) * expected).sum(axis=1)
    for name, cosines in (("padded", padded), ("single", single)):
        print(f"{name} rows: cosine to fp32 mean {cosines.mean():.4f}, least {cosines.min():.4f}", flush=True)
        if cosines.min() < _LEAST_COSINE[precision] or cosines.mean() < _LEAST_MEAN_COSINE[precision]:
            raise SystemExit("The exported model differs too much from the original: the export went wrong.")


if __name__ == "__main__":
    main()
