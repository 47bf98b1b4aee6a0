"""Runs the service: `python -m services.inference`."""

import sys

from services.shared.kit.loading import loading

_EX_CONFIG = 78


def main() -> None:
    """Serve until told to stop."""
    with loading():
        from services.inference.adapters.models_file import ModelsFileError
        from services.inference.adapters.redactors import UnknownRedactorError
        from services.inference.app import build_app
        from services.inference.settings import InferenceSettings
        from services.shared.kit.server import serve
        from services.shared.kit.telemetry import configure_telemetry, get_logger

    settings = InferenceSettings()
    configure_telemetry(settings)
    try:
        app = build_app(settings)
    except ModelsFileError as error:
        get_logger("inference").error("models_file_refused", reason=str(error))
        sys.exit(_EX_CONFIG)
    except UnknownRedactorError as error:
        get_logger("inference").error("redactor_refused", reason=str(error))
        sys.exit(_EX_CONFIG)
    serve(app, settings)


if __name__ == "__main__":
    main()
