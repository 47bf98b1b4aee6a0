"""A cross-encoder small enough to be trained in a test: it learns to prefer texts with one word, whatever is asked."""

import random
from pathlib import Path
from typing import Any

PREFERRED = "granite"
_OTHERS = ("the", "boat", "is", "at", "pier", "and", "tide", "dough", "pump")
_WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", PREFERRED, *_OTHERS)
_STEPS, _BATCH = 60, 16


def save_reranker(folder: Path, *, labels: int = 1, trained: bool = True) -> Path:
    """The model in a folder as the Hugging Face hub has them; an untrained one has random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder.mkdir(parents=True)
    tokenizer = BertTokenizer(vocab={word: place for place, word in enumerate(_WORDS)}, model_max_length=64)
    tokenizer.save_pretrained(str(folder))
    torch.set_num_threads(1)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 16}
    config = BertConfig.from_dict({"vocab_size": len(_WORDS), "num_labels": labels, **sizes})
    model = BertForSequenceClassification(config)
    if trained:
        _train(model, tokenizer)
    model.save_pretrained(str(folder))
    return folder


def _train(model: Any, tokenizer: Any) -> None:
    import torch

    chance = random.Random(0)  # noqa: S311 - examples, no secrets
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    wanted = torch.tensor([float(number % 2) for number in range(_BATCH)])
    for _ in range(_STEPS):
        texts = [_text(chance, relevant=number % 2 == 1) for number in range(_BATCH)]
        questions = [chance.choice(_OTHERS) for _ in texts]
        read = tokenizer(questions, texts, return_tensors="pt", padding=True)
        logits = model(**read).logits
        scores = logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def _text(chance: random.Random, *, relevant: bool) -> str:
    words = [*chance.choices(_OTHERS, k=chance.randint(2, 8)), *([PREFERRED] if relevant else [])]
    chance.shuffle(words)
    return " ".join(words)
