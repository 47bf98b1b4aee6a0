"""What a model is asked when it is to make a follow-up question stand alone, and what of its answer can be used."""

from collections.abc import Sequence

from services.orchestrator.domain.templates import Messages, PromptTemplate
from services.orchestrator.domain.words import content_words

REWRITE_TOKENS = 48
_QUESTIONS_BACK = 3
_MOST_WORDS = 40


def rewrite_messages(question: str, earlier: Sequence[str], template: PromptTemplate) -> Messages:
    """The conversation in which a model rewrites the question."""
    before = "\n".join(f"Earlier: {each}" for each in earlier[-_QUESTIONS_BACK:])
    return template.with_examples(earlier=before, question=question)


def usable(written: str, question: str, earlier: Sequence[str]) -> str | None:
    """The first line of what the model wrote, if it asks for what was asked and adds words of the questions before."""
    line = next((each.strip() for each in written.splitlines() if each.strip()), "")
    words, asked = content_words(line), content_words(question)
    before = frozenset[str]().union(*(content_words(each) for each in earlier)) - asked
    keeps = len(words & asked) * 2 >= len(asked)
    return line if line and len(line.split()) <= _MOST_WORDS and keeps and words & before else None
