"""Which scans and pictures can be read: Tesseract's engine comes with liteparse, its language data with the system."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.shared.components.parsers.failure import ParseFailure, ParseStage

_SUFFIX = ".traineddata"
_USUAL_FOLDERS = ("/usr/share/tesseract-ocr/*/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata")
_INSTALL = (
    "Install Tesseract's language data where documents are ingested (Debian: 'sudo apt install tesseract-ocr'), "
    "or run OCR over it first (for example with ocrmypdf), and upload it again."
)


@dataclass(frozen=True, slots=True)
class Ocr:
    """Where the language data lies, and which languages are read: Tesseract's names joined by `+`, as `eng+deu`."""

    folder: str
    languages: str


def find_ocr(languages: str = "", *, folder: Path | None = None) -> Ocr | None:
    """The installed language data for `languages`, for English (else any language) when empty; None when there is none.

    Looks in `folder`, else where distributions put it.

    Raises:
        ValueError: one of the languages asked for is not installed.
    """
    found = next(_folders(folder), None)
    if found is None:
        if languages or folder is not None:
            raise ValueError(f"There is no language data of Tesseract in {folder or ', '.join(_USUAL_FOLDERS)}.")
        return None
    installed = _installed(found)
    missing = [name for name in languages.split("+") if languages and name not in installed]
    if missing:
        raise ValueError(f"{found} has no {', '.join(missing)} for OCR; it has {', '.join(installed)}.")
    return Ocr(str(found), languages or ("eng" if "eng" in installed else installed[0]))


def no_ocr(what: str) -> ParseFailure:
    """The failure for something that only OCR could read, where there is none."""
    return ParseFailure(ParseStage.CHECK, "ocr_needed", f"{what} {_INSTALL}")


def _folders(folder: Path | None) -> Iterator[Path]:
    usual = (found for pattern in _USUAL_FOLDERS for found in sorted(Path("/").glob(pattern[1:]), reverse=True))
    return (candidate for candidate in ([folder] if folder is not None else usual) if _installed(candidate))


def _installed(folder: Path) -> list[str]:
    names = sorted(file.name.removesuffix(_SUFFIX) for file in folder.glob(f"*{_SUFFIX}"))
    return [name for name in names if name not in {"osd", "equ"}]  # orientation and formulas: no languages
