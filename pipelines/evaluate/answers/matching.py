"""Exact match and F1 of words, as SQuAD's own script computes them."""

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_MARKS = re.compile(r"\s?\[(?:\d{1,3}|unverified(?:: [^\]]*)?)\]")


def without_marks(answer: str) -> str:
    """An answer without the numbers and marks of the platform."""
    return _MARKS.sub("", answer).strip()


def exact_match(predicted: str, gold: Sequence[str]) -> float:
    """1 when the answer is one of the gold ones; an empty gold list wants an empty answer."""
    return max(float(_normal(predicted) == _normal(each)) for each in gold or [""])


def word_f1(predicted: str, gold: Sequence[str]) -> float:
    """The best F1 of words among the gold answers."""
    return max(_f1(_normal(predicted).split(), _normal(each).split()) for each in gold or [""])


def _normal(text: str) -> str:
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def _f1(predicted: Sequence[str], gold: Sequence[str]) -> float:
    if not predicted or not gold:
        return float(list(predicted) == list(gold))
    common = (Counter(predicted) & Counter(gold)).total()
    return 2 * common / (len(predicted) + len(gold))
