"""What every entailment model does; the cross-encoder is a small one with random weights."""

import json
from pathlib import Path

import pytest

from services.shared.components.entailment.protocol import Entailment
from services.shared.components.entailment.registry import entailment_model

_WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "ferry", "leaves", "at", "noon", "night")


def _small_model(folder: Path, *labels: str) -> Path:
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder.mkdir()
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(_WORDS), encoding="utf-8")
    BertTokenizer(vocab_file=str(vocabulary)).save_pretrained(str(folder))
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    named = {"id2label": dict(enumerate(labels)), "label2id": {label: place for place, label in enumerate(labels)}}
    config = BertConfig.from_dict({"vocab_size": len(_WORDS), **sizes, **named})
    BertForSequenceClassification(config).save_pretrained(str(folder))
    return folder


async def test_a_cross_encoder_gives_the_probability_of_its_entailment_label(tmp_path: Path) -> None:
    folder = _small_model(tmp_path / "nli", "contradiction", "entailment", "neutral")
    _prefer(folder, label=1)
    model: Entailment | None = entailment_model(f"cross-encoder:{folder}")
    assert model is not None
    probability = await model.probability("the ferry leaves at noon", "the ferry leaves at night")
    assert 0.99 < probability <= 1
    assert probability == await model.probability("the ferry leaves at noon", "the ferry leaves at night")


def test_a_classifier_without_an_entailment_label_is_refused(tmp_path: Path) -> None:
    folder = _small_model(tmp_path / "mood", "glad", "sad")
    with pytest.raises(ValueError, match="glad, sad"):
        entailment_model(f"cross-encoder:{folder}")


def _prefer(folder: Path, *, label: int) -> None:
    """Let the model be sure of one label, whatever it reads."""
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    weights = load_file(path)
    weights["classifier.bias"][label] += 20
    save_file(weights, path, metadata={"format": "pt"})
    assert json.loads((folder / "config.json").read_text())["id2label"][str(label)] == "entailment"
