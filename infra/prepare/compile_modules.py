"""Writes the bytecode of what the services import, so that every start is a quick one, the first and that after a kill.

Runs in the platform's environment: `python compile_modules.py`. Parsers never write bytecode: their processes may write
no file.
"""

import compileall
import sys
from importlib import import_module
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_STARTED = (
    "pipelines.ingest.worker",
    "services.corpus.app",
    "services.frontend.cli.app",
    "services.gateway.app",
    "services.inference.app",
    "services.orchestrator.app",
    "services.retrieval.app",
    "services.vectordb.app",
)


def main() -> None:
    sys.path.insert(0, str(_ROOT))
    for folder in ("services", "pipelines"):
        compileall.compile_dir(_ROOT / folder, quiet=1)
    for module in _STARTED:
        print(f"reading {module}", flush=True)
        import_module(module)
    from services.shared.components.parsers.registry import PARSERS, load_parser

    for place in sorted(set(PARSERS.values())):
        load_parser(place)


if __name__ == "__main__":
    main()
