"""`ragworks ingest FOLDER --collection NAME --json`, and what it costs after its imports.

Prints the processor seconds on a line of its own after the command's report.
"""

import json
import sys
from pathlib import Path

from infra.bench.ingest_peers.figures_of_run import cpu_s
from services.frontend.cli.commands import ingest


def main(folder: str, collection: str) -> None:
    """Ingest the folder."""
    before = cpu_s()
    ingest.run(
        [Path(folder)],
        collection=collection,
        include=[],
        exclude=[],
        attributes={},
        relative_to=None,
        job=None,
        url=None,
        as_json=True,
    )
    sys.stdout.write("\n" + json.dumps(cpu_s() - before) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
