"""The durable list of collections and aliases.

It is one small JSON file, replaced atomically. It is also the pointer to each collection's current shard folder, so
creating, deleting, restoring and re-indexing a collection each become real in exactly one step, and every folder it
does not name is left over from a kill and may be removed.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from services.vectordb.adapters.durable_files import write_durably
from services.vectordb.domain.configuration import CollectionRecord


class CatalogueState(BaseModel):
    """All collections by name, all aliases by name with their collection."""

    model_config = ConfigDict(frozen=True)

    collections: dict[str, CollectionRecord] = Field(default_factory=dict[str, CollectionRecord])
    aliases: dict[str, str] = Field(default_factory=dict[str, str])


class Catalogue:
    """Reads and replaces the catalogue's file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.state = CatalogueState()

    def load(self) -> None:
        """Read the file; no file means no collections."""
        if self._path.exists():
            self.state = CatalogueState.model_validate_json(self._path.read_bytes())

    def replace(
        self,
        *,
        collections: Mapping[str, CollectionRecord] | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """Make a new state durable, then current. OSError leaves the old state in force."""
        state = CatalogueState(
            collections=dict(self.state.collections if collections is None else collections),
            aliases=dict(self.state.aliases if aliases is None else aliases),
        )
        write_durably(self._path, state.model_dump_json(exclude_none=True).encode())
        self.state = state
