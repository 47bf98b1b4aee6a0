"""Which folders of this machine a source may read."""

from collections.abc import Sequence
from pathlib import Path

from services.shared.components.sources.protocol import SourceError

SETTING = "RAGWORKS_SOURCES_FOLDERS"


def allowed_folder(path: str, *, folders: Sequence[Path], forbidden: Path) -> Path:
    """The folder without symbolic links in its path; whether it exists is not asked.

    Raises:
        SourceError: it may not be read.
    """
    wanted = Path(path)
    if not wanted.is_absolute():
        raise SourceError("folder_not_absolute", f"'{path}' is not an absolute path; give the whole path.")
    folder = wanted.resolve()
    own = forbidden.resolve()
    base = next((root for root in (each.resolve() for each in folders) if folder.is_relative_to(root)), None)
    if base is None:
        known = ", ".join(str(each) for each in folders) or "none"
        raise SourceError(
            "folder_not_allowed",
            f"'{folder}' is not below a folder that sources may read ({known}); the operator adds it to {SETTING}.",
        )
    if any(part.startswith(".") for part in folder.relative_to(base).parts):
        raise SourceError(
            "folder_not_allowed",
            f"'{folder}' is in a hidden folder, which sources may read only when {SETTING} names that folder itself.",
        )
    if folder.is_relative_to(own) and not base.is_relative_to(own):
        raise SourceError(
            "folder_not_allowed",
            f"'{folder}' belongs to the platform's own state; the operator may name a folder of it in {SETTING}.",
        )
    return folder
