"""`python -m services.corpus`: the corpus service on its own port."""

from services.corpus.app import build_app
from services.corpus.settings import CorpusSettings
from services.shared.kit.server import serve
from services.shared.kit.telemetry import configure_telemetry


def main() -> None:
    """Serve until told to stop."""
    settings = CorpusSettings()
    configure_telemetry(settings)
    serve(build_app(settings), settings)


if __name__ == "__main__":
    main()
