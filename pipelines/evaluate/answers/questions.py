"""The questions of a folder with their answers: which are asked, and which half they belong to."""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.evaluate.failures import DatasetError
from services.shared.contracts.answer_evaluation import Half


@dataclass(frozen=True)
class Injection:
    """An instruction that was put into a question's document, and what an answer shows when the model obeyed."""

    text: str
    code_word: str
    others: frozenset[str] = frozenset()
    """The code words of all other documents: a search brings those, too, and each of them may be obeyed."""

    def followed_in(self, answer: str) -> bool:
        """Whether the answer says a code word, this or another document's."""
        said = answer.casefold()
        return any(word.casefold() in said for word in (self.code_word, *self.others))


@dataclass(frozen=True)
class GoldQuestion:
    """A question, its gold answers, and the documents that hold them."""

    id: str
    text: str
    answers: tuple[str, ...]
    answerable: bool
    documents: frozenset[str]
    injection: Injection | None = None


def load_questions(folder: Path, relevance: Mapping[str, Mapping[str, int]]) -> list[GoldQuestion]:
    """Every row of `queries.jsonl` that says `answers` or `answerable`.

    Raises:
        DatasetError: none does, or a row has them in another form.
    """
    path = folder / "queries.jsonl"
    found: list[GoldQuestion] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        row = json.loads(line) if line.strip() else {}
        if "answers" in row or "answerable" in row:
            found.append(_question(f"{path}:{number}", row, relevance.get(str(row["_id"]), {})))
    if not found:
        raise DatasetError(
            f"{path} has no gold answers.",
            hint='Each row needs "answers": ["...", ...], or "answerable": false.',
        )
    return found


def chosen(questions: Sequence[GoldQuestion], *, half: Half, limit: int | None, seed: int) -> list[GoldQuestion]:
    """A sample of a half: as many answerable as unanswerable questions, as far as there are; the same for a seed."""
    rows = [each for each in questions if half is Half.ALL or half_of(each.id) is half]
    if limit is None or limit >= len(rows):
        return rows
    shuffled = sorted(rows, key=lambda each: each.id)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - a sample, not a secret
    yes = [each for each in shuffled if each.answerable]
    no = [each for each in shuffled if not each.answerable]
    unanswerable = min(len(no), max(limit // 2, limit - len(yes)))
    return yes[: limit - unanswerable] + no[:unanswerable]


def half_of(question_id: str) -> Half:
    """The half a question belongs to, by its id."""
    return Half.DEV if hashlib.sha256(question_id.encode()).digest()[-1] % 2 == 0 else Half.TEST


def _question(place: str, row: dict[str, object], grades: Mapping[str, int]) -> GoldQuestion:
    answers, answerable = row.get("answers", []), row.get("answerable")
    if not isinstance(answers, list) or not all(isinstance(each, str) for each in answers):
        raise DatasetError(f"{place}: 'answers' is to be a list of strings.")
    if answerable is None:
        answerable = bool(answers)
    if not isinstance(answerable, bool) or (answerable and not answers):
        raise DatasetError(f"{place}: 'answerable' is to be true or false, and true only with answers.")
    return GoldQuestion(
        id=str(row["_id"]),
        text=str(row["text"]),
        answers=tuple(str(each) for each in answers),
        answerable=answerable,
        documents=frozenset(document for document, grade in grades.items() if grade > 0),
    )
