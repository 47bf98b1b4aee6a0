"""`python -m services.gateway`: the gateway as a process."""

import sys

from services.gateway.app import build_app
from services.gateway.settings import GatewaySettings
from services.shared.kit.errors import PlatformError
from services.shared.kit.server import serve
from services.shared.kit.telemetry import configure_telemetry, get_logger

EXIT_NOT_CONFIGURED = 78  # EX_CONFIG of sysexits.h: starting again would not help


def main() -> None:
    """Serve until told to stop; what prevents a start is logged as a sentence, without a trace."""
    settings = GatewaySettings()
    configure_telemetry(settings)
    try:
        app = build_app(settings)
    except (PlatformError, OSError, ValueError) as error:
        get_logger("gateway").error("cannot_start", reason=str(error))
        sys.exit(EXIT_NOT_CONFIGURED)
    serve(app, settings)


if __name__ == "__main__":
    main()
