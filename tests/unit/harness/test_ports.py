"""Two processes run tests side by side: no port is drawn twice, neither within one nor between them."""

import os
import subprocess
import sys

from tests.processes import REPOSITORY, free_port, free_ports

_DRAW = "from tests.processes import free_port; print(*(free_port() for _ in range(400)))"


def test_no_port_is_drawn_twice() -> None:
    # One by one and unbound, as a stack of services draws them: by chance alone 400 of 6,000 would hold a pair.
    drawn = [free_port() for _ in range(400)] + free_ports(20)
    assert len(set(drawn)) == len(drawn)


def test_processes_draw_from_ports_of_their_own() -> None:
    drawn = [_drawn_by(worker) for worker in ("gw0", "gw1")]
    assert [len(ports) for ports in drawn] == [400, 400]
    assert drawn[0].isdisjoint(drawn[1])


def _drawn_by(worker: str) -> set[int]:
    environment = os.environ | {"PYTEST_XDIST_WORKER": worker, "PYTEST_XDIST_WORKER_COUNT": "2"}
    finished = subprocess.run(
        [sys.executable, "-c", _DRAW], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=True
    )
    return {int(port) for port in finished.stdout.split()}
