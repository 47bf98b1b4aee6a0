"""A follow-up question made to stand alone, so that a search finds what it is about.

Only questions that lean on what was said before are changed: they name it by a pronoun, begin as a continuation, or say
too little. Others are left as they are, for words of another topic would lead the search away.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from services.orchestrator.domain.words import STOP_WORDS, content_words, stem

_MOST_TERMS = 12
_QUESTIONS_BACK = 4
_FEWEST_WORDS = 2
_POINTS_BACK = re.compile(
    r"\b(?:it|its|itself|they|them|their|theirs|he|him|his|she|her|hers|those|these|this|ones?|former|latter)\b"
    r"|\bthat\b(?=\s*[?.!,]|\s+(?:is|was|does|did|has|can|will|mean|work|cost|take|happen)\b)"
    r"|\b(?:the same|the other|the others|another one|instead|otherwise)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\A\W*(?:and|but|or|so|then|also|what about|how about|what if|why|why not|how so|since when|by whom|where to"
    r"|what else|anything else|who else|for how long)\b",
    re.IGNORECASE,
)
_IDLE = re.compile(r"\b(?:it is|it's|is it) (?:possible|true|necessary|allowed)\b", re.IGNORECASE)
_TERM = re.compile(r"[^\W_]+(?:[._:/'-][^\W_]+)*")
_EMPTY_TERMS = frozenset({"tell", "explain", "show", "describe", "give", "please", "about", "also", "else", "mean"})


class Rewrite(StrEnum):
    """How a follow-up question is made to stand alone."""

    OFF = "off"
    TERMS = "terms"
    """The words of the questions before are added."""
    MODEL = "model"
    """The model writes it."""


def leans_on_history(question: str) -> bool:
    """Whether the question says only together with earlier ones what it is about."""
    plain = _IDLE.sub(" ", question)
    few = len(content_words(plain)) <= _FEWEST_WORDS
    return few or _POINTS_BACK.search(plain) is not None or _GOES_ON.match(plain) is not None


def standalone(question: str, earlier: Sequence[str]) -> str:
    """The question with the words of the ones that it leans on; `earlier` are the user's, oldest first.

    The question itself where it leans on nothing.
    """
    terms: list[str] = []
    leaning = question
    for before in reversed(earlier[-_QUESTIONS_BACK:]):
        if not leans_on_history(leaning):
            break
        terms += _terms(before)
        leaning = before
    known = {stem(word.lower()) for word in _TERM.findall(question)}
    fresh: list[str] = []
    for term in terms:
        key = stem(term.lower())
        if key not in known:
            known.add(key)
            fresh.append(term)
    return " ".join([question, *fresh[:_MOST_TERMS]])


def _terms(text: str) -> list[str]:
    """The words that say something, as they were written."""
    return [
        word
        for word in _TERM.findall(text)
        if word.lower() not in STOP_WORDS and word.lower() not in _EMPTY_TERMS and len(word) > 1
    ]
