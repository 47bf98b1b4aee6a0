"""The language of a text by py3langid: an n-gram model of 140 languages inside the package, no network."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_SAMPLE_CHARS = 600
_LEAST_LETTERS = 20
_SURE_ENOUGH = 0.5
"""What a sentence of prose reaches; tables of numbers and source code stay far below."""

_NO_LANGUAGE = "zxx"


def language_of(text: str) -> str | None:
    """ISO 639 code of the text's main language, such as `en`; None when it has too little prose to tell.

    Costs about half a millisecond whatever the length: the beginning and the middle are looked at. The first call
    reads the model (a second, 120 MB).
    """
    middle = max(_SAMPLE_CHARS, len(text) // 2)
    sample = f"{text[:_SAMPLE_CHARS]} {text[middle : middle + _SAMPLE_CHARS]}"
    if sum(character.isalpha() for character in sample) < _LEAST_LETTERS:
        return None
    language, sureness = _identifier().classify(sample)
    return language if sureness >= _SURE_ENOUGH and language != _NO_LANGUAGE else None


def read_model() -> None:
    """Read the model now, so that the first call need not wait for it; mostly without the interpreter's lock."""
    _identifier()


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
