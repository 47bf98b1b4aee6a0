"""Which reader reads which kind of source. Readers are named, not imported: each loads what it needs when used."""

from collections.abc import Mapping
from importlib import import_module
from typing import overload

from services.shared.components.sources.protocol import ChangeReader, SourceReader, Surroundings
from services.shared.contracts.sources import ConnectorSource, ListedSource, SourceConfig

_HERE = "services.shared.components.sources"

READERS: Mapping[str, str] = {
    "folder": f"{_HERE}.folder:FolderReader",
    "web": f"{_HERE}.web:WebReader",
    "git": f"{_HERE}.git:GitReader",
    "bucket": f"{_HERE}.bucket:BucketReader",
    "files": f"{_HERE}.files:FilesReader",
    "connector": f"{_HERE}.connector:ConnectorReader",
}


@overload
def open_reader(source_id: str, config: ListedSource, around: Surroundings) -> SourceReader: ...
@overload
def open_reader(source_id: str, config: ConnectorSource, around: Surroundings) -> ChangeReader: ...
def open_reader(source_id: str, config: SourceConfig, around: Surroundings) -> SourceReader | ChangeReader:
    """The reader of a source; it connects when it is first asked. `source_id` names its part of the cache."""
    module, _, name = READERS[config.kind].partition(":")
    return getattr(import_module(module), name)(config, around, source_id)
