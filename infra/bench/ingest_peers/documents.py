"""The documents that every pipeline gets: PDF and HTML files of this machine, and made ones whose content is known."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from infra.bench.ingest_peers.stories import Story, stories
from infra.bench.texts import REPOSITORY

_DOC = Path("/usr/share/doc")
_SAMPLES = REPOSITORY / "docs" / "samples"
_SMALLEST_BYTES, _LARGEST_PDF_BYTES, _LARGEST_HTML_BYTES = 4_000, 300_000, 40_000
_MAKER = Path(__file__).with_name("make_files.py")


@dataclass(frozen=True)
class Corpus:
    """A folder of PDF and HTML files, one of office files, and what the made ones among them say, by file name."""

    folder: Path
    office: Path
    truth: dict[str, Story]
    origin: str


def gather(scratch: Path, *, pdfs: int, pages: int, texts: Sequence[str], python: Path) -> Corpus:
    """So many PDF and HTML files, at most half of them found on this machine; `python` has what writes the others."""
    corpus = Corpus(scratch / "documents", scratch / "office", {}, "")
    corpus.folder.mkdir(parents=True)
    corpus.office.mkdir()
    found_pdfs = [_copy(path, corpus.folder) for path in _some(_found(".pdf", _LARGEST_PDF_BYTES), pdfs // 2)]
    found_pages = [_copy(path, corpus.folder) for path in _some(_found(".html", _LARGEST_HTML_BYTES), pages // 2)]
    told = stories(texts)
    made = {
        "pdf": _next(told, pdfs - len(found_pdfs)),
        "html": _next(told, pages - len(found_pages)),
        "office": _next(told, 6),
    }
    for number, story in enumerate(made["html"]):
        (corpus.folder / f"made-{number}.html").write_text(_html(story), encoding="utf-8")
    _make(python, {"pdf": corpus.folder, "office": corpus.office}, made)
    corpus.truth.update({f"made-{number}.pdf": story for number, story in enumerate(made["pdf"])})
    origin = (
        f"{len(found_pdfs)} PDF and {len(found_pages)} HTML files found on this machine, "
        f"{len(made['pdf'])} PDF and {len(made['html'])} HTML files made of texts"
    )
    return Corpus(corpus.folder, corpus.office, corpus.truth, origin)


def _next(told: Iterator[Story], count: int) -> list[Story]:
    return [story for story, _ in zip(told, range(count), strict=False)]


def _make(python: Path, folders: dict[str, Path], made: dict[str, list[Story]]) -> None:
    wanted = [
        {"kind": kind, "folder": str(folder), "stories": [asdict(story) for story in made[kind]]}
        for kind, folder in folders.items()
    ]
    subprocess.run([python, _MAKER], input=json.dumps(wanted), text=True, check=True)


def _found(suffix: str, largest: int) -> list[Path]:
    """Documentation that packages installed here, and our samples; compressed ones count by their packed size."""
    found = [*_DOC.rglob(f"*{suffix}"), *_DOC.rglob(f"*{suffix}.gz")] if _DOC.is_dir() else []
    fitting = (path for path in found if path.is_file() and _SMALLEST_BYTES <= path.stat().st_size <= largest)
    return [*sorted(_SAMPLES.glob(f"*{suffix}")), *sorted(fitting)]


def _some(files: Sequence[Path], count: int) -> Sequence[Path]:
    """Spread over all of them, so that not one package provides everything."""
    step = max(len(files) // count, 1) if count else 1
    return files[::step][:count]


def _copy(path: Path, folder: Path) -> Path:
    target = folder / "-".join(path.parts[-3:]).removesuffix(".gz")
    if path.suffix == ".gz":
        target.write_bytes(gzip.decompress(path.read_bytes()))
    else:
        shutil.copyfile(path, target)
    return target


def _html(story: Story) -> str:
    sections = "".join(
        f"<h2>{escape(section.heading)}</h2>\n" + "".join(f"<p>{escape(part)}</p>\n" for part in section.paragraphs)
        for section in story.sections
    )
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n" for row in story.table)
    head = f"<!DOCTYPE html>\n<html><head><title>{escape(story.title)}</title></head><body>\n"
    return f"{head}<h1>{escape(story.title)}</h1>\n{sections}<table>\n{rows}</table>\n</body></html>\n"
