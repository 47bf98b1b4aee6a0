"""The circuit breakers of one tool: one, or one for each host where a tool asks the host that its caller names."""

from collections import OrderedDict
from collections.abc import Mapping
from urllib.parse import urlsplit

from services.shared.kit.breaker import Breaker

REST_S = 10.0
_MOST = 500


class Breakers:
    """Breakers by host, the longest unused forgotten first; `apart_by` is the argument that names the host."""

    def __init__(self, apart_by: str) -> None:
        self._apart_by = apart_by
        self._kept: OrderedDict[str, Breaker] = OrderedDict()

    def of(self, arguments: Mapping[str, object]) -> Breaker:
        """The breaker that a call with these arguments is before."""
        key = _host(str(arguments.get(self._apart_by, ""))) if self._apart_by else ""
        found = self._kept.setdefault(key, Breaker(cooldown_s=REST_S))
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return found

    @property
    def is_open(self) -> bool:
        """Whether the tool as a whole is left alone; of one that asks many hosts only those that fail are."""
        return not self._apart_by and any(each.is_open for each in self._kept.values())


def _host(url: str) -> str:
    try:
        return (urlsplit(url).netloc.rpartition("@")[2]).lower()
    except ValueError:
        return ""
