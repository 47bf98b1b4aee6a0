"""What the model server keeps while it works."""

import subprocess
import sys

from tests.processes import REPOSITORY

_MOST_MIB = 500
"""It grew by 1,000 on a processor with int8 instructions while OpenVINO kept what it prepares for every shape."""


def test_memory_does_not_grow_with_every_new_shape_of_a_batch() -> None:
    folder = REPOSITORY / "var" / "models" / "all-MiniLM-L6-v2"
    command = [sys.executable, "-m", "tests.integration.embedding.many_shapes", str(folder)]

    grown = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=120).stdout

    assert int(grown) < _MOST_MIB
