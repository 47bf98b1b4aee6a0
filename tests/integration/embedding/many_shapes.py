"""Embeds batches of many shapes and prints by how many MiB the memory of the process grew: `-m ... FOLDER`."""

import random
import resource
import sys
from pathlib import Path

from services.shared.components.embedders.openvino_model import OpenVinoEmbeddings

_BATCHES, _LONGEST, _TOKENS = 300, 120, 512


def main() -> None:
    """As an ingest of small documents: hardly two batches are alike."""
    model = OpenVinoEmbeddings(Path(sys.argv[1]), threads=2)
    chance, before = random.Random(2), _peak_mib()  # noqa: S311 - no secret
    for _ in range(_BATCHES):
        words = chance.randint(3, _LONGEST)
        model.embed_batch(["a " * words] * chance.randint(1, max(1, _TOKENS // words)))
    sys.stdout.write(str(_peak_mib() - before))


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
