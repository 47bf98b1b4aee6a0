"""What a key may do: each role may do all that the ones before it may."""

from enum import StrEnum


class Role(StrEnum):
    """Whom a key is for."""

    READER = "reader"
    """Asks, searches, reads what is cited, and keeps conversations of their own."""
    EDITOR = "editor"
    """Also changes what can be found: files, collections, sources, jobs."""
    OPERATOR = "operator"
    """The platform's owner: keys, models, logs, approvals, other people's data."""

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what the other may."""
        return _RISING.index(self) >= _RISING.index(other)


_RISING = tuple(Role)
GIVEN = (Role.READER, Role.EDITOR)
"""The roles of ordinary keys; there is one operator."""
