"""Transactions on the ledger."""

from services.shared.components.catalogue.schema import metadata
from services.shared.kit.database import open_database
from services.shared.kit.tables import Tables


class Catalogue(Tables):
    """The ledger's database."""


def open_catalogue(url: str) -> Catalogue:
    """The ledger at a database URL; call `create_schema` before its first use."""
    return Catalogue(open_database(url), metadata)
