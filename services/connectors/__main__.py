"""Runs the service: `python -m services.connectors`."""

import sys

from services.shared.kit.loading import loading

_EX_CONFIG = 78


def main() -> None:
    """Serve until told to stop."""
    with loading():
        from services.connectors.app import build_app
        from services.connectors.settings import ConnectorsSettings
        from services.shared.components.connectors.declared import ConnectorsFileError
        from services.shared.kit.server import serve
        from services.shared.kit.telemetry import configure_telemetry, get_logger

    settings = ConnectorsSettings()
    configure_telemetry(settings)
    try:
        app = build_app(settings)
    except ConnectorsFileError as error:
        get_logger("connectors").error("connectors_file_refused", reason=str(error))
        sys.exit(_EX_CONFIG)
    serve(app, settings)


if __name__ == "__main__":
    main()
