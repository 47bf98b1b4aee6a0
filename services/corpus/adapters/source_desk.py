"""Declaring, changing and removing sources, and asking for syncs. What a source holds only the ingest worker reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.corpus.adapters.job_queue import JobQueue
from services.shared.components.catalogue import collections, sources, syncs
from services.shared.components.catalogue.catalogue import Catalogue
from services.shared.components.metadata.check import check_attributes
from services.shared.components.sources.checks import checked_config, checked_schedule
from services.shared.components.sources.declared_connectors import declared_connector
from services.shared.components.sources.protocol import SourceError
from services.shared.components.sources.schedules import next_time
from services.shared.contracts.sources import (
    ConnectorSource,
    CreateSource,
    Schedule,
    Source,
    SourceConfig,
    Sync,
    UpdateSource,
)
from services.shared.kit.errors import InvalidRequestError

_PLACE = ("kind", "path", "url", "connector")


@dataclass(frozen=True)
class SourceDesk:
    """Keeps the sources of the ledger in order."""

    catalogue: Catalogue
    queue: JobQueue
    folders: tuple[Path, ...]
    forbidden: Path
    connectors_file: Path | None = None

    def declare(self, wanted: CreateSource, *, access: Sequence[str], principal: str | None = None) -> Source:
        """A new source, declared by the principal.

        Raises:
            InvalidRequestError: it is not allowed, or its attributes are not as the collection's schema says.
            NotFoundError: there is no such collection.
            ConflictError: the name is taken.
        """
        allowed = wanted.model_copy(update={"config": self._checked(wanted.config)})
        due = _first_time(wanted.schedule)
        with self.catalogue.write() as connection:
            collection = collections.get(connection, wanted.collection)
            check_attributes(collection.metadata_schema, wanted.attributes, of=wanted.name)
            self._require_connector(wanted.config, principal=principal, collection=collection.name)
            return sources.create(
                connection, allowed, collection, access=access, declared_by=principal, next_sync_at=due
            )

    def change(self, id_or_name: str, changes: UpdateSource) -> Source:
        """The source as changed.

        Raises:
            InvalidRequestError: that cannot be changed, or is not allowed.
            NotFoundError: there is none.
            ConflictError: a sync of it is under way.
        """
        given = {name: getattr(changes, name) for name in changes.model_fields_set}
        with self.catalogue.write() as connection:
            source = sources.get(connection, id_or_name).source
            sources.require_rest(connection, source.id)
            if changes.config is not None:
                _require_same_place(source.config, self._checked(changes.config))
            given = {name: value for name, value in given.items() if value is not None or name == "schedule"}
            due = _first_time(changes.schedule) if "schedule" in given else source.next_sync_at
            return sources.change(connection, source.model_copy(update=given), next_sync_at=due)

    def remove(self, id_or_name: str) -> str:
        """Forget the source; its documents stay. Its id.

        Raises:
            NotFoundError: there is none.
            ConflictError: a sync of it is under way.
        """
        with self.catalogue.write() as connection:
            source = sources.get(connection, id_or_name).source
            sources.remove(connection, source.id)
            return source.id

    def start(self, id_or_name: str, *, dry_run: bool, allow_deletes: bool = False, full: bool = False) -> Sync:
        """A sync, or the plan of one, on its way to a worker.

        Raises:
            NotFoundError: there is no such source.
            ConflictError: one is under way.
        """
        with self.catalogue.write() as connection:
            source = sources.get(connection, id_or_name).source
            sync = syncs.create(connection, source.id, dry_run=dry_run, allow_deletes=allow_deletes, full=full)
        self.queue.enqueue_sync(sync.id, source_id=source.id)
        return sync

    def _require_connector(self, config: SourceConfig, *, principal: str | None, collection: str) -> None:
        if not isinstance(config, ConnectorSource):
            return
        try:
            declared_connector(self.connectors_file, config.connector, principal=principal, collection=collection)
        except SourceError as error:
            raise InvalidRequestError(error.message, code=error.code, param="config") from error

    def _checked(self, config: SourceConfig) -> SourceConfig:
        try:
            return checked_config(config, folders=self.folders, forbidden=self.forbidden)
        except SourceError as error:
            raise InvalidRequestError(error.message, code=error.code, param="config") from error


def _first_time(schedule: Schedule | None) -> datetime | None:
    try:
        checked_schedule(schedule)
    except SourceError as error:
        raise InvalidRequestError(error.message, code=error.code, param="schedule") from error
    return None if schedule is None else next_time(schedule, after=datetime.now(UTC))


def _require_same_place(before: SourceConfig, after: SourceConfig) -> None:
    """Documents are named by where they come from: another place is another source."""
    for name in _PLACE:
        if getattr(before, name, None) != getattr(after, name, None):
            raise InvalidRequestError(
                f"The '{name}' of a source cannot be changed; remove the source and add another one.",
                code="source_place_is_fixed",
                param="config",
            )
