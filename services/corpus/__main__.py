"""`python -m services.corpus`: the corpus service on its own port."""

from services.shared.kit.loading import loading


def main() -> None:
    """Serve until told to stop."""
    with loading():
        from services.corpus.app import build_app
        from services.corpus.settings import CorpusSettings
        from services.shared.kit.server import serve
        from services.shared.kit.telemetry import configure_telemetry

    settings = CorpusSettings()
    configure_telemetry(settings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
