"""Who may read what is ingested."""

from collections.abc import Sequence

from services.shared.contracts.chunks import EVERYONE
from services.shared.kit.errors import InvalidRequestError


def readers(principal: str | None, wanted: Sequence[str] | None = None) -> tuple[str, ...]:
    """The access list of documents this principal ingests: as wanted, else every signed-in caller.

    It is nobody when the principal is unknown.
    """
    if not principal:
        return ()
    return (EVERYONE,) if wanted is None else tuple(sorted(set(wanted)))


def require_somebody(principal: str) -> str:
    """The principal.

    Raises:
        InvalidRequestError: it stands for every caller.
    """
    if principal == EVERYONE:
        raise InvalidRequestError(
            f"'{EVERYONE}' is no one's name: what everyone may read belongs to nobody. Delete the collection instead.",
            code="not_a_principal",
        )
    return principal


def may_read(principal: str | None, access: Sequence[str]) -> bool:
    """Whether a document with this access list is for the principal: the rule that every search keeps, too."""
    return EVERYONE in access or principal in access
