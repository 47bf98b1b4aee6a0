"""Who may read what is ingested."""

from services.shared.contracts.chunks import EVERYONE


def readers(principal: str | None) -> tuple[str, ...]:
    """The access list of documents this principal ingests: every signed-in caller; nobody when it is unknown."""
    return (EVERYONE,) if principal else ()
