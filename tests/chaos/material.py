"""Real documents for the chaos run: this repository's own pages, code and samples."""

import random
from pathlib import Path

from tests.processes import REPOSITORY

_PAGES, _CODE = {".md", ".html", ".txt", ".pdf", ".docx"}, {".py", ".md"}
_PLACES = {"docs": _PAGES, "services": _CODE, "pipelines": _CODE, "infra": _CODE, "tests": _CODE}
_TEXTS = {".md", ".py", ".txt"}
_SIZES = range(400, 60_000)
_APPENDED_BYTES = 1_500


def real_documents(count: int, chance: random.Random) -> dict[str, bytes]:
    """So many of them, by path."""
    found = sorted(
        path
        for folder, endings in _PLACES.items()
        for path in (REPOSITORY / folder).rglob("*")
        if path.suffix in endings and path.is_file() and path.stat().st_size in _SIZES
    )
    samples = [path for path in found if path.suffix not in _TEXTS]
    others = [path for path in found if path.suffix in _TEXTS]
    chosen = [*samples, *chance.sample(others, min(len(others), max(0, count - len(samples))))]
    return {path.relative_to(REPOSITORY).as_posix(): path.read_bytes() for path in chosen}


def changed(source: str, content: bytes, chance: random.Random, others: dict[str, bytes]) -> bytes:
    """The document with a part of another one at its end, or cut short; formats with a structure are left alone."""
    if Path(source).suffix not in _TEXTS:
        return content
    if len(content) > 4 * _APPENDED_BYTES and chance.random() < 0.5:
        return content[: chance.randint(_APPENDED_BYTES, len(content))]
    donor = others[chance.choice(sorted(name for name in others if Path(name).suffix in _TEXTS))]
    return content + b"\n\n" + donor[:_APPENDED_BYTES]
