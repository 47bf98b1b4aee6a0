"""The `ragworks` command as the benchmark uses it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict


class Started(BaseModel):
    """What `ragworks up` says: whether it had to start the platform, and how long it waited until all was ready."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    started: bool
    ready_s: float


class CommandFailedError(Exception):
    """The command ended with an error; the message holds its last words."""


class Ragworks:
    """Runs the command that lies beside this Python."""

    def __init__(self) -> None:
        self._path = str(Path(sys.executable).with_name("ragworks"))

    def up(self) -> Started:
        """Start it when it does not run, and wait until every service is ready."""
        return Started.model_validate(self._json("up", "--no-sample"))

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

    def _json(self, *arguments: str) -> dict[str, Any]:
        return json.loads(self._run(*arguments, "--json"))

    def _run(self, *arguments: str) -> str:
        result = subprocess.run([self._path, *arguments], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            said = (result.stderr or result.stdout).strip()[-2000:]
            raise CommandFailedError(f"'ragworks {' '.join(arguments)}' ended with {result.returncode}: {said}")
        return result.stdout
