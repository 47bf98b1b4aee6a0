"""Syncs that nobody starts: sources whose schedule is due."""

from datetime import UTC, datetime

from services.shared.components.catalogue import sources, syncs
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.sources.schedules import next_time
from services.shared.kit.errors import ConflictError
from services.shared.kit.telemetry import get_logger

_log = get_logger("sync")


def start_due(catalogue: Catalogue) -> None:
    """A queued sync for every source that is due; one that is still being synced is left for its next time."""
    with catalogue.read() as connection:
        if not sources.is_any_due(connection, datetime.now(UTC)):
            return
    with catalogue.write() as connection:
        for declared in sources.due(connection, datetime.now(UTC)):
            schedule = declared.source.schedule
            at = next_time(schedule, after=datetime.now(UTC)) if schedule else None
            sources.set_next_sync(connection, declared.source.id, at)
            try:
                sync = syncs.create(connection, declared.source.id, dry_run=False)
            except ConflictError as error:
                _log.info("scheduled_sync_skipped", source=declared.source.name, reason=error.message)
            else:
                _log.info("scheduled_sync", source=declared.source.name, sync_id=sync.id)
