"""Starts the vector database: `python -m services.vectordb`."""

import sys

from services.shared.kit.loading import loading


def main() -> None:
    """Serve until told to stop; a folder that another process owns ends this one."""
    with loading():
        from services.shared.kit.server import serve
        from services.shared.kit.telemetry import configure_telemetry
        from services.vectordb.app import build_app
        from services.vectordb.dependencies import build_store
        from services.vectordb.errors import OwnedElsewhereError
        from services.vectordb.settings import VectorDbSettings

    settings = VectorDbSettings()
    configure_telemetry(settings)
    store = build_store(settings)
    try:
        store.open()
    except OwnedElsewhereError as error:
        sys.exit(error.message)
    serve(build_app(settings, store), settings)


if __name__ == "__main__":
    main()
