"""Who may read what is ingested."""

from collections.abc import Sequence

from services.shared.contracts.chunks import EVERYONE


def readers(principal: str | None) -> tuple[str, ...]:
    """The access list of documents this principal ingests: every signed-in caller; nobody when it is unknown."""
    return (EVERYONE,) if principal else ()


def may_read(principal: str | None, access: Sequence[str]) -> bool:
    """Whether a document with this access list is for the principal: the rule that every search keeps, too."""
    return EVERYONE in access or principal in access
