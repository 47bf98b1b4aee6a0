"""What a collection, an alias or a snapshot may be called."""

from services.vectordb.errors import ValidationError, WrongInputError

_MAX_NAME_CHARS = 255
_FORBIDDEN = frozenset('<>:"/\\|?*\0\x1f')


def check_name(name: str) -> str:
    """The name of a collection or alias when it is one Qdrant takes; ValidationError otherwise."""
    if not name or len(name) > _MAX_NAME_CHARS:
        raise ValidationError(
            f"[collection_name: length {len(name)} invalid, must be 1 to {_MAX_NAME_CHARS} characters]"
        )
    bad = sorted(_FORBIDDEN.intersection(name))
    if bad:
        raise ValidationError(f"[collection_name: collection name cannot contain {bad[0]!r}]")
    return name


def check_snapshot_name(name: str) -> str:
    """A snapshot's file name; refuses anything that could leave the folder."""
    if not name or name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
        raise WrongInputError(f"Invalid snapshot name: {name!r}")
    return name
