"""`python -m pipelines.ingest.scale`: the driver process, which the ingest worker starts when a Ray cluster has work.

A process of its own: Ray takes 17 CPU-seconds and a gigabyte to load, and ends the process that lost its cluster.
"""

import os
import secrets
from typing import BinaryIO, cast

from pipelines.ingest.scale.messages import Connect, decode
from pipelines.ingest.settings import LOCAL_RAY
from services.shared.components.parsers.wire import read_frame

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
}


def main() -> None:
    """Serve the process that started this one."""
    requests, answers = _private_channel()
    settings = cast("Connect", decode(read_frame(requests) or b"")).settings
    own = _of_our_own_cluster() if settings.ray_address == LOCAL_RAY else {}
    for name, value in (_QUIET | own).items():
        os.environ[name] = value  # read when Ray is imported
    from pipelines.ingest.scale.driver import serve

    serve(settings, requests, answers)


def _of_our_own_cluster() -> dict[str, str]:
    """Nobody else is let in, neither from this machine (by a token that is never written down) nor from another.

    The name of the last one is Ray's; on every system it makes processes listen on the loopback address only.
    """
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    }


def _private_channel() -> tuple[BinaryIO, BinaryIO]:
    """Our pipes on descriptors of their own: what Ray prints goes to the log."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    return requests, answers


if __name__ == "__main__":
    main()
