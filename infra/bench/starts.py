"""How long a start takes, with the files it reads in memory and without."""

from pathlib import Path

from infra.bench.command import Ragworks
from infra.bench.figures import Figure, Section

_DROP_CACHES = Path("/proc/sys/vm/drop_caches")
_WARM_START_TARGET_S = 90


def measure(command: Ragworks) -> Section:
    """A cold start, where this user may empty the page cache, then a warm one. The platform is up afterwards."""
    figures, notes = list[Figure](), list[str]()
    command.down()
    if drop_page_cache():
        figures.append(Figure("cold start, until every service is ready", "s", value=command.up().ready_s))
        command.down()
    else:
        notes.append("No cold start: only root may empty the page cache.")
    warm = command.up().ready_s
    target = f"≤ {_WARM_START_TARGET_S} s"
    figures.append(
        Figure("warm start", "s", value=warm, target=target, met=warm <= _WARM_START_TARGET_S),
    )
    return Section("Start", figures, notes)


def drop_page_cache() -> bool:
    """Make the next reads come from the disk; False when that is not allowed here."""
    try:
        _DROP_CACHES.write_text("3\n", encoding="ascii")
    except OSError:
        return False
    return True
