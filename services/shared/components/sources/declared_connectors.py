"""Which declared connector may be a source: of whose, and of which collection."""

from pathlib import Path

from services.shared.components.connectors.declaration import Declared
from services.shared.components.connectors.declared import ConnectorsFileError, read_declarations
from services.shared.components.sources.protocol import SourceError

SETTING = "RAGWORKS_CONNECTORS_FILE"


def declared_connector(file: Path | None, name: str, *, principal: str | None, collection: str) -> Declared:
    """The connector, as the operator's file declares it now.

    Raises:
        SourceError: there is none that this principal may use for this collection.
    """
    if file is None:
        raise SourceError("connector_not_found", f"No connectors are declared: the operator names a file in {SETTING}.")
    try:
        declared = read_declarations(file)
    except ConnectorsFileError as error:
        raise SourceError("connectors_file_refused", str(error)) from error
    for each in declared:
        if each.name == name and each.allows(principal, collection):
            return each
    raise SourceError(
        "connector_not_found",
        f"There is no connector '{name}' that you may use for '{collection}'; 'allow' and 'collections' say who may.",
    )
