"""What a sentence claims: whether it claims anything, and the clauses it is made of."""

import re
from dataclasses import dataclass

from services.orchestrator.domain.words import content_words

_REFUSAL = re.compile(
    r"\b(?:i|we) (?:do not|don't|cannot|can't|could not|couldn't|am not|am unable)\b"
    r"|\bpassages?(?: \w+){0,3} (?:do|does|did) ?(?:not|n't)\b"
    r"|\bnot (?:mentioned|stated|specified|provided|given)\b.{0,30}\b(?:passages?|text|context|documents?)\b"
    r"|\A\W*(?:unanswerable|no answer|no information|not (?:mentioned|stated|specified|given))\b",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(r":\s*\Z")
_HEADING = re.compile(r"\A\s*#")
_BETWEEN_CLAUSES = re.compile(
    r";\s+|,\s+(?=(?:and|but|while|whereas|although|which|because|so)\s)|\s+(?=(?:but|while|whereas|although)\s)"
)
_CLAUSE_WORDS = 2
_ITEM = re.compile(r"\A\s*(?:(?:[-*+•]|\d{1,3}[.)])\s+)?")


@dataclass(frozen=True)
class Clause:
    """A part of a sentence that can be true by itself, and where it stands in it."""

    text: str
    start: int


def is_refusal(sentence: str) -> bool:
    """Whether it says that the answer is not known."""
    return _REFUSAL.search(sentence) is not None


def claims_something(sentence: str) -> bool:
    """Whether there is anything to check: questions, headings, lead-ins and refusals state no fact."""
    if sentence.rstrip().endswith("?") or _LEAD_IN.search(sentence) or _HEADING.match(sentence):
        return False
    return bool(content_words(sentence)) and not is_refusal(sentence)


def statement(sentence: str) -> Clause:
    """The sentence without the mark of a list item and the space around it."""
    match = _ITEM.match(sentence)
    start = match.end() if match else 0
    return Clause(sentence[start:].rstrip(), start)


def clauses(stated: Clause) -> list[Clause]:
    """Its clauses; itself where it has only one that says enough."""
    sentence = stated.text
    cuts = [match.end() for match in _BETWEEN_CLAUSES.finditer(sentence)]
    parts: list[Clause] = []
    start = 0
    for end in (*cuts, len(sentence)):
        text = sentence[start:end]
        if len(content_words(text)) >= _CLAUSE_WORDS and _enough(sentence[end:]):
            parts.append(Clause(text.rstrip(" ,;"), stated.start + start))
            start = end
    return parts if len(parts) > 1 else [stated]


def _enough(rest: str) -> bool:
    return not rest.strip() or len(content_words(rest)) >= _CLAUSE_WORDS
