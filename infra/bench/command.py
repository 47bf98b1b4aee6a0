"""The `ragworks` command as the benchmark uses it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_NOT_UP = 3
_PARTLY = 4


class CommandFailedError(Exception):
    """The command ended with an error; the message holds its last words."""


class Ragworks:
    """Runs the command that lies beside this Python."""

    def __init__(self) -> None:
        self._path = str(Path(sys.executable).with_name("ragworks"))

    def is_up(self) -> bool:
        """Whether the platform runs."""
        return bool(self._json("status", accepted=(0, _NOT_UP, _PARTLY))["running"])

    def up(self) -> float:
        """Start it when it does not run; the seconds until every service was ready, as the command counts them."""
        return float(self._json("up", "--no-sample")["ready_s"])

    def down(self) -> None:
        """Stop it."""
        self._run("down")

    def pids(self) -> dict[str, int]:
        """The process of each service."""
        services = self._json("status")["services"]
        return {service["name"]: service["pid"] for service in services if service["pid"]}

    def ingest(self, folder: Path, *, collection: str) -> dict[str, Any]:
        """Ingest a folder; the command's report."""
        return self._json("ingest", str(folder), "--collection", collection)

    def _json(self, *arguments: str, accepted: tuple[int, ...] = (0,)) -> dict[str, Any]:
        return json.loads(self._run(*arguments, "--json", accepted=accepted))

    def _run(self, *arguments: str, accepted: tuple[int, ...] = (0,)) -> str:
        result = subprocess.run([self._path, *arguments], capture_output=True, text=True, check=False)
        if result.returncode not in accepted:
            said = (result.stderr or result.stdout).strip()[-2000:]
            raise CommandFailedError(f"'ragworks {' '.join(arguments)}' ended with {result.returncode}: {said}")
        return result.stdout
