"""Names: which a collection may have, and what a file is called."""

import re
import secrets
import unicodedata
from pathlib import PurePosixPath

from services.shared.contracts.corpus import COLLECTION_NAME

_MAX_CHARS = 63
_MAX_FILENAME_CHARS = 255


def collection_name(wanted: str | None) -> str:
    """A valid collection name as near as possible to the wanted one; a generated one when nothing is left of it."""
    if wanted and re.fullmatch(COLLECTION_NAME, wanted):
        return wanted
    ascii_only = unicodedata.normalize("NFKD", wanted or "").encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9._-]+", "-", ascii_only.lower()).strip("._-")[:_MAX_CHARS].rstrip("._-")
    return slug or f"store-{secrets.token_hex(4)}"


def plain_filename(given: str) -> str:
    """A file's own name, without folders and control characters."""
    name = PurePosixPath(given.replace("\\", "/")).name
    printable = "".join(character for character in name if character.isprintable())
    return printable.strip()[-_MAX_FILENAME_CHARS:] or "upload"


def file_source(file_id: str) -> str:
    """The source name of a document that was added as a file, without one of its own."""
    return f"file:{file_id}"
