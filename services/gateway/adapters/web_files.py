"""The built web pages, read once into memory and packed once for the way."""

import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_PACKED = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"})
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}


@dataclass(frozen=True)
class WebFile:
    """A file as it is served."""

    content: bytes
    packed: bytes | None
    """The same, by gzip; None where that makes nothing smaller."""
    media_type: str
    etag: str


@dataclass(frozen=True)
class WebFiles:
    """The page, and what it loads, by the name in its address; the page is None when it was not built."""

    page: WebFile | None
    assets: dict[str, WebFile]


def read_web_files(folder: Path) -> WebFiles:
    """What the build left in `folder`; nothing when there was none."""
    page = folder / "index.html"
    if not page.is_file():
        return WebFiles(None, {})
    assets = {path.name: _read(path) for path in sorted((folder / "assets").glob("*")) if path.is_file()}
    return WebFiles(_read(page), assets)


def _read(path: Path) -> WebFile:
    content = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = gzip.compress(content, mtime=0) if media_type in _PACKED else None
    return WebFile(content, packed, media_type, f'"{sha256(content).hexdigest()[:32]}"')
