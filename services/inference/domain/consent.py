"""How much of a request may be kept: the platform's setting, and less where the request asks for it."""

from collections.abc import Mapping
from typing import cast

from services.shared.contracts.answers import RecordLevel
from services.shared.kit.errors import InvalidRequestError

_LEVELS = (RecordLevel.OFF, RecordLevel.METADATA, RecordLevel.FULL)


def allowed_level(platform: RecordLevel, body: Mapping[str, object], caller: str | None) -> RecordLevel:
    """The least of what platform, calling service and request allow.

    `"store": false` is OpenAI's and asks for no words, `"ragworks": {"record": ...}` names a level.

    Raises:
        InvalidRequestError: the request names a level that there is not: nobody shall believe to have opted out.
    """
    levels = [platform]
    if caller:
        levels.append(RecordLevel(caller))
    if body.get("store") is False:
        levels.append(RecordLevel.METADATA)
    options = body.get("ragworks")
    asked = cast("dict[str, object]", options).get("record") if isinstance(options, dict) else None
    if asked is not None:
        levels.append(_level(asked))
    return min(levels, key=_LEVELS.index)


def _level(asked: object) -> RecordLevel:
    try:
        return RecordLevel(str(asked))
    except ValueError as error:
        raise InvalidRequestError(
            f"ragworks.record: '{asked}' is no level; use off, metadata or full.", param="ragworks.record"
        ) from error
