"""A folder in BEIR's layout: `corpus.jsonl`, `queries.jsonl` and judgements below `qrels/`."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipelines.evaluate.failures import DatasetError

_LAYOUT = "Expected are corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv, as the BEIR collection has them."
_USUAL_SPLIT = "test"
_COLUMNS = 3


@dataclass(frozen=True)
class CorpusDocument:
    """A document to be found."""

    id: str
    title: str
    text: str

    @property
    def is_empty(self) -> bool:
        """Whether it has nothing that could be searched."""
        return not (self.title or self.text)


@dataclass(frozen=True)
class Dataset:
    """Documents, the judged questions, and which documents answer each of them (grade above 0)."""

    name: str
    split: str
    documents: Mapping[str, CorpusDocument]
    questions: Mapping[str, str]
    relevance: Mapping[str, Mapping[str, int]]

    @cached_property
    def corpus_digest(self) -> str:
        """SHA-256 over the documents: what an index of them depends on."""
        return _digest([each.id, each.title, each.text] for each in self.documents.values())

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that a result depends on."""
        judged = ([question, *sorted(grades.items())] for question, grades in sorted(self.relevance.items()))
        return _digest([[self.corpus_digest], *sorted(self.questions.items()), *judged])

    @property
    def judgements(self) -> int:
        """How many documents were judged for some question."""
        return sum(len(grades) for grades in self.relevance.values())


def load_dataset(folder: Path, *, split: str | None = None) -> Dataset:
    """The data; questions without a relevant document are left out, as nothing could be measured with them.

    Raises:
        DatasetError: something is missing or malformed.
    """
    if not folder.is_dir():
        raise DatasetError(f"There is no folder {folder}.", hint=_LAYOUT)
    documents = {row.id: row for row in _documents(folder / "corpus.jsonl")}
    questions = dict(_questions(folder / "queries.jsonl"))
    judgements = _split_file(folder / "qrels", split)
    relevance = _relevance(judgements, documents, questions)
    judged = {question: grades for question, grades in relevance.items() if max(grades.values()) > 0}
    if not judged:
        raise DatasetError(f"{judgements}: no question has a relevant document (a score above 0).")
    asked = {question: questions[question] for question in judged}
    return Dataset(folder.resolve().name, judgements.stem, documents, asked, judged)


def _documents(path: Path) -> Iterator[CorpusDocument]:
    for place, row in _rows(path):
        title, text = row.get("title") or "", row.get("text")
        if not isinstance(text, str) or not isinstance(title, str):
            raise DatasetError(f"{place}: a document needs a 'text' that is a string; 'title' may be left out.")
        yield CorpusDocument(str(row["_id"]), " ".join(title.split()), text.strip())


def _questions(path: Path) -> Iterator[tuple[str, str]]:
    for place, row in _rows(path):
        text = row.get("text")
        if not isinstance(text, str) or not text.strip():
            raise DatasetError(f"{place}: a question needs a 'text' that is not blank.")
        yield str(row["_id"]), text


def _rows(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Each row with its place; ids are there and occur once."""
    seen: dict[str, int] = {}
    for number, line in _lines(path):
        place, row = f"{path}:{number}", _row(f"{path}:{number}", line)
        identity = row.get("_id")
        if not isinstance(identity, str | int) or isinstance(identity, bool) or identity == "":
            raise DatasetError(f"{place}: '_id' is missing; each line needs one, a string.")
        if str(identity) in seen:
            raise DatasetError(f"{place}: '_id' {identity!r} is also on line {seen[str(identity)]}.")
        seen[str(identity)] = number
        yield place, row
    if not seen:
        raise DatasetError(f"{path} is empty.", hint=_LAYOUT)


def _row(place: str, line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{place} is not JSON: {error}.", hint="Each line is one JSON object.") from error
    if not isinstance(row, dict):
        raise DatasetError(f"{place} is not a JSON object.", hint="Each line is one JSON object.")
    return row


def _split_file(folder: Path, split: str | None) -> Path:
    there = {path.stem: path for path in sorted(folder.glob("*.tsv"))}
    if not there:
        raise DatasetError(f"There are no judgements: {folder} has no .tsv file.", hint=_LAYOUT)
    if split is None:
        split = _USUAL_SPLIT if _USUAL_SPLIT in there else next(iter(there))
        if split != _USUAL_SPLIT and len(there) > 1:
            raise DatasetError(f"{folder} has several splits: {', '.join(there)}.", hint="Name one with --split.")
    if split not in there:
        raise DatasetError(f"{folder} has no split '{split}'; there are: {', '.join(there)}.")
    return there[split]


def _relevance(
    path: Path, documents: Mapping[str, CorpusDocument], questions: Mapping[str, str]
) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        fields = line.split("\t")
        if number == 1 and not _is_whole(fields[-1]):
            continue  # the names of the columns
        place = f"{path}:{number}"
        if len(fields) != _COLUMNS or not _is_whole(fields[-1]):
            raise DatasetError(f"{place}: expected query id, document id and a whole number, with tabs between.")
        question, document, grade = fields
        if question not in questions:
            raise DatasetError(f"{place}: the query '{question}' is not in queries.jsonl.")
        if document not in documents:
            raise DatasetError(f"{place}: the document '{document}' is not in corpus.jsonl.")
        found.setdefault(question, {})[document] = int(grade)
    if not found:
        raise DatasetError(f"{path} is empty.", hint=_LAYOUT)
    return found


def _is_whole(text: str) -> bool:
    return text.strip().removeprefix("-").isdecimal()


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, numbered as in an editor."""
    if not path.is_file():
        raise DatasetError(f"There is no file {path}.", hint=_LAYOUT)
    with path.open("rb") as content:
        for number, line in enumerate(content, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
            except UnicodeDecodeError as error:
                raise DatasetError(f"{path}:{number} is not UTF-8: {error.reason} at byte {error.start}.") from error
            if text.strip():
                yield number, text


def _digest(parts: Iterator[list[str]] | list[object]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(json.dumps(part, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()
