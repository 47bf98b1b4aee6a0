"""What can be said about a source before anything is read."""

from collections.abc import Sequence
from pathlib import Path

from services.shared.components.sources.folders import allowed_folder
from services.shared.components.sources.protocol import SourceError
from services.shared.components.sources.schedules import check as check_schedule
from services.shared.components.sources.urls import require_object_store, require_repository
from services.shared.contracts.sources import BucketSource, FolderSource, GitSource, Schedule, SourceConfig


def checked_config(config: SourceConfig, *, folders: Sequence[Path], forbidden: Path) -> SourceConfig:
    """The config as it is to be kept.

    Raises:
        SourceError: it is not allowed.
    """
    if isinstance(config, FolderSource):
        return FolderSource(path=str(allowed_folder(config.path, folders=folders, forbidden=forbidden)))
    if isinstance(config, GitSource):
        if config.url.startswith("/"):
            folder = allowed_folder(config.url, folders=folders, forbidden=forbidden)
            return config.model_copy(update={"url": str(folder)})
        require_repository(config.url)
    if isinstance(config, BucketSource):
        require_object_store(config.url)
    return config


def checked_schedule(schedule: Schedule | None) -> None:
    """Return when the schedule can be followed.

    Raises:
        SourceError: it cannot.
    """
    if schedule is None:
        return
    try:
        check_schedule(schedule)
    except ValueError as error:
        raise SourceError("invalid_schedule", str(error)) from error
