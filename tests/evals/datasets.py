"""Evaluation data in BEIR's layout: read from a folder outside the project, never copied into it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.processes import REPOSITORY


@dataclass(frozen=True)
class Dataset:
    """Documents, questions and graded relevance, all by id."""

    documents: Mapping[str, str]
    questions: Mapping[str, str]
    relevance: Mapping[str, Mapping[str, int]]

    def sample(self, questions: int) -> "Dataset":
        """Every n-th question with all documents: the task stays as hard."""
        step = max(1, len(self.questions) // questions)
        kept = dict(list(self.questions.items())[::step][:questions])
        return Dataset(self.documents, kept, {question: self.relevance[question] for question in kept})

    def reduced(self, documents: int) -> "Dataset":
        """The documents that are relevant to some question, filled up with others to this many."""
        relevant = {document for grades in self.relevance.values() for document in grades if document in self.documents}
        others = [document for document in self.documents if document not in relevant]
        kept = relevant | set(others[: max(0, documents - len(relevant))])
        chosen = {document: text for document, text in self.documents.items() if document in kept}
        return Dataset(chosen, self.questions, self.relevance)


def eval_data() -> Path:
    """Where the data lies: RAGWORKS_EVAL_DATA, else `shared/data` beside the repository."""
    named = os.environ.get("RAGWORKS_EVAL_DATA")
    return Path(named) if named else REPOSITORY.parent / "shared" / "data"


def load(folder: Path) -> Dataset:
    """A data set with those of its questions that have a relevant document."""
    relevance: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        question, document, grade = line.split("\t")
        relevance.setdefault(question, {})[document] = int(grade)
    texts = {row["_id"]: f"{row.get('title', '')}\n{row['text']}".strip() for row in _rows(folder / "corpus.jsonl")}
    documents = {document: text for document, text in texts.items() if text}  # Cranfield has two empty ones
    questions = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl") if row["_id"] in relevance}
    return Dataset(documents, questions, {question: relevance[question] for question in questions})


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
