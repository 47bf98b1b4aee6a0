"""Folders in BEIR's layout, for tests."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

DOCUMENTS = [
    {"_id": "tide", "title": "Tides", "text": "Ships wait in the harbour until the tide is high enough to leave."},
    {"_id": "bread", "title": "", "text": "Knead the dough for ten minutes, then let it rise until it has doubled."},
    {"_id": "pump", "text": "Error XK-4471 means that the coolant pump has lost pressure."},
    {"_id": "blank", "title": " ", "text": ""},
]
QUERIES = [
    {"_id": "q1", "text": "How long is dough kneaded?"},
    {"_id": "q2", "text": "What does XK-4471 mean?"},
    {"_id": "q3", "text": "A question without a judgement"},
]
JUDGEMENTS = ("q1\tbread\t2", "q1\ttide\t0", "q2\tpump\t1")


def write_dataset(
    folder: Path,
    *,
    documents: Sequence[Mapping[str, object]] = tuple(DOCUMENTS),
    queries: Sequence[Mapping[str, object]] = tuple(QUERIES),
    splits: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """A small data set in the folder; returns it."""
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", documents), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, lines in (splits or {"test": JUDGEMENTS}).items():
        (folder / "qrels" / f"{name}.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *lines]) + "\n")
    return folder
