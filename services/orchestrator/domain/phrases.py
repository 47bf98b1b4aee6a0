"""The phrases of a sentence that can answer a question: a model that is to answer in a phrase chooses among them."""

import re
from collections.abc import Iterator

from services.orchestrator.domain.values import values_in
from services.orchestrator.domain.words import STOP_WORDS, content_words
from services.shared.contracts.answers import ValueKind

_MOST_WORDS = 6
_MOST_PHRASES = 300
_ARTICLES = frozenset({"the", "a", "an"})
_WORD = re.compile(r"\S+")
_AROUND = ".,;:()\"'“”"
_BREAK = re.compile(r"[.;:,)](?:\s)")
_BREAK_INSIDE_VALUE = re.compile(r"\d, \d|\b[A-Z]\w*\. [A-Z]")
_DATE_ASKED = re.compile(r"\bwhen\b|\b(?:what|which|in what) (?:year|date|day|month|century|decade)\b", re.IGNORECASE)
_TIME = re.compile(r"\d{3,4}|\d:\d\d|centur")
_NUMBER_ASKED = re.compile(
    r"\bhow (?:many|much|long|old|far|tall|large|big|high|often|fast)\b|\bwhat (?:percent|number|share)", re.IGNORECASE
)
_NAME_ASKED = re.compile(r"\b(?:who|whom|whose|where)\b|\b(?:what|which) (?:country|city|town|state)\b", re.IGNORECASE)


def phrases_for(question: str, sentence: str) -> list[str]:
    """Phrases of up to six words, exactly as they stand there, that repeat nothing of the question.

    Where the question asks for a time, a number or a name and some of them are one, only those.
    """
    asked = content_words(question)
    found = list(dict.fromkeys(phrase for phrase in _phrases(sentence) if not content_words(phrase) & asked))
    fitting = [phrase for phrase in found if _fits(question, phrase)]
    return (fitting or found)[:_MOST_PHRASES]


def _phrases(sentence: str) -> Iterator[str]:
    words = list(_WORD.finditer(sentence))
    for first, start in enumerate(words):
        for last in words[first : first + _MOST_WORDS]:
            phrase = sentence[start.start() : last.end()].strip(_AROUND)
            if content_words(phrase) and not _broken(phrase) and _whole(phrase):
                yield phrase


def _broken(phrase: str) -> bool:
    return _BREAK.search(phrase) is not None and _BREAK_INSIDE_VALUE.search(phrase) is None


def _whole(phrase: str) -> bool:
    words = phrase.lower().split()
    return words[-1] not in STOP_WORDS and (words[0] not in STOP_WORDS or words[0] in _ARTICLES)


def _fits(question: str, phrase: str) -> bool:
    kinds = {
        value.kind for value in values_in(f"by {phrase}")
    }  # not at the start of a sentence: there any word has a capital
    if _DATE_ASKED.search(question):
        return ValueKind.DATE in kinds or _TIME.search(phrase) is not None
    if _NUMBER_ASKED.search(question):
        return ValueKind.NUMBER in kinds
    if _NAME_ASKED.search(question):
        return ValueKind.NAME in kinds and not any(char.isdigit() for char in phrase)
    return True
