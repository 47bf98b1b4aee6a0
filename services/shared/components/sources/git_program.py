"""Runs Git so that a repository cannot run anything: no hooks, no prompts, no transports but the usual ones."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path

from services.shared.components.sources.protocol import SourceError

_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
    "LC_ALL": "C",
}
_OPTIONS = ("-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "safe.bareRepository=all")
_SHOWN_CHARS = 300


class GitProgram:
    """The `git` command; `local` when the repository is a folder of this machine, else the network alone is asked."""

    def __init__(self, folder: Path, *, local: bool, timeout_s: float) -> None:
        self._folder = folder
        self._transports = "file" if local else "https:http:ssh:git"
        self._timeout_s = timeout_s

    async def run(self, *arguments: str) -> bytes:
        """What it prints.

        Raises:
            SourceError: it failed, is missing, or took too long.
        """
        process = await self.start(*arguments)
        try:
            printed, said = await asyncio.wait_for(process.communicate(), self._timeout_s)
        except TimeoutError as error:
            raise SourceError("timeout", f"git {arguments[0]} took longer than {self._timeout_s:g} s.") from error
        finally:
            await stop(process)
        if process.returncode:
            words = said.decode("utf-8", "replace").strip()[-_SHOWN_CHARS:]
            raise SourceError("git_failed", f"git {arguments[0]} failed: {words}")
        return printed

    async def start(self, *arguments: str) -> Process:
        """The running command.

        Raises:
            SourceError: it is missing.
        """
        program = shutil.which("git")
        if program is None:
            raise SourceError(
                "git_missing", "Git sources need the 'git' command on the ingest worker's machine; install it there."
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        return await asyncio.create_subprocess_exec(
            program,
            *_OPTIONS,
            *arguments,
            cwd=self._folder,
            env={**_environment(program), **_QUIET, "GIT_ALLOW_PROTOCOL": self._transports},
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )


async def stop(process: Process) -> None:
    """End the command and what it started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _environment(program: str) -> dict[str, str]:
    """Nothing of the platform's environment but where its user's keys and credentials are."""
    return {"HOME": str(Path.home()), "PATH": os.pathsep.join([str(Path(program).parent), os.defpath])}
