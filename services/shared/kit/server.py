"""Runs a service's app on its own port, with the settings every service shares."""

import uvicorn
from starlette.types import ASGIApp

from services.shared.kit.settings import PlatformSettings

_GRACE_S = 10
_KEEP_ALIVE_S = 75  # longer than our clients keep idle connections, so that they never meet a closing one


def serve(app: ASGIApp, settings: PlatformSettings) -> None:
    """Serve until SIGTERM or SIGINT; running requests get ten seconds to end."""
    uvicorn.run(
        app,
        host=settings.bind_host,
        port=settings.port,
        http="httptools",
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
