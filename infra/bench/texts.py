"""The corpus and the questions: public data sets when they are at hand, else variations of the project's own pages."""

import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

_SETS = ("hotpotqa-500", "squad2-dev", "cranfield")
_CHUNKS_PER_DOCUMENT = {"hotpotqa-500": 1.0, "squad2-dev": 1.0, "cranfield": 1.4}
_VARIATION_CHARS = 900  # one chunk of at most 256 tokens
_SEED = 20_261_122


@dataclass(frozen=True)
class Texts:
    """Documents by file name, questions about them, and where both are from."""

    origin: str
    documents: dict[str, str]
    questions: list[str]


def find_texts(*, chunks: int) -> Texts:
    """About as many documents as make that many chunks."""
    folder = Path(os.environ.get("RAGWORKS_EVAL_DATA", REPOSITORY.parent / "shared" / "data"))
    if all((folder / name / "corpus.jsonl").is_file() for name in _SETS):
        return _public_texts(folder, chunks)
    return _own_texts(chunks)


def _public_texts(folder: Path, chunks: int) -> Texts:
    documents: dict[str, str] = {}
    expected = 0.0
    for name, number, entry in _entries(folder):
        if expected >= chunks:
            break
        documents[f"{name}-{number:05}.md"] = f"# {entry['title']}\n\n{entry['text']}\n"
        expected += _CHUNKS_PER_DOCUMENT[name]
    missing = int(chunks - expected)
    if missing > 0:
        documents |= _variations(missing)
    return Texts(f"the public sets {', '.join(_SETS)}", documents, _public_questions(folder))


def _entries(folder: Path) -> Iterator[tuple[str, int, dict[str, str]]]:
    for name in _SETS:
        for number, line in enumerate(_lines(folder / name / "corpus.jsonl")):
            yield name, number, json.loads(line)


def _public_questions(folder: Path) -> list[str]:
    """Answerable ones, in an order that is always the same and favours no topic."""
    hotpot = [json.loads(line)["text"] for line in _lines(folder / "hotpotqa-500" / "queries.jsonl")]
    squad = [json.loads(line) for line in _lines(folder / "squad2-dev" / "queries.jsonl")]
    questions = hotpot + [query["text"] for query in squad if query["answerable"]]
    random.Random(_SEED).shuffle(questions)  # noqa: S311 - a fixed order, nothing secret
    return questions


def _own_texts(chunks: int) -> Texts:
    headings = [heading for page in _pages() for heading in re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)]
    questions = [
        f"What is said about {heading.lower()}, and what follows for case {i}?"
        for i in range(4)
        for heading in headings
    ]
    return Texts("the project's own pages", _variations(chunks), questions)


def _variations(count: int) -> dict[str, str]:
    """Documents of one chunk each, put together from paragraphs of our pages; no two alike."""
    draw = random.Random(_SEED)  # noqa: S311 - repeatable, nothing secret
    paragraphs = [part.strip() for page in _pages() for part in page.split("\n\n") if 80 < len(part) < 500]
    documents: dict[str, str] = {}
    for number in range(count):
        text = f"# Case {number}\n"
        while len(text) < _VARIATION_CHARS:
            text += f"\n{draw.choice(paragraphs)} ({draw.randrange(10**6)})\n"
        documents[f"case-{number:05}.md"] = text[:_VARIATION_CHARS]
    return documents


def _pages() -> list[str]:
    return [page.read_text(encoding="utf-8") for page in sorted((REPOSITORY / "docs").glob("*.md"))]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
