"""The parsers that collections may choose."""

from collections.abc import Mapping

from services.shared.components.parsers.registry import (
    PARSERS,
    UnknownParserError,
    chosen_parsers,
    selectable_parsers,
)
from services.shared.contracts.parsers import SelectableParser
from services.shared.kit.errors import InvalidRequestError


def checked_parsers(choice: Mapping[str, str]) -> dict[str, str]:
    """The choice, by media type.

    Raises:
        InvalidRequestError: there is no such parser, or it does not read that.
    """
    try:
        chosen_parsers(choice)
    except UnknownParserError as error:
        raise InvalidRequestError(f"parsers: {error}.", code="invalid_parsers", param="parsers") from error
    return dict(choice)


def list_parsers() -> list[SelectableParser]:
    """What there is to choose from."""
    return [
        SelectableParser(name=each.name, media_types=sorted(each.media_types or PARSERS))
        for each in selectable_parsers()
    ]
