"""Include and exclude rules, as `ragworks ingest` has them."""

import fnmatch
import re
from collections.abc import Sequence


class Globs:
    """Decides by an item's path, or its last part; an empty include lets everything in."""

    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        self._include = _either(include)
        self._exclude = _either(exclude)

    def want(self, path: str) -> bool:
        """Whether the item belongs to the source."""
        name = path.rsplit("/", maxsplit=1)[-1]
        if self._include is not None and not (self._include.match(path) or self._include.match(name)):
            return False
        return self._exclude is None or not (self._exclude.match(path) or self._exclude.match(name))


def _either(globs: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(fnmatch.translate(glob) for glob in globs)) if globs else None
