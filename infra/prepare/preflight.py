"""What must be true of the machine; each failure says what to do."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from console import PrepareError, note

_GIB = 1024**3
_NEWEST_PYTHON = (3, 14)
_LOW_MEMORY_GIB = 7
_MANYLINUX_GLIBC = (2, 28)

SPACE_GIB = {
    "platform": 2.5,
    "engine": 4.0,
    "engine-gpu": 14.0,
    "bench": 2.0,
    "aiperf": 1.0,
    "models": 0.8,
    "web": 0.3,
    "browser": 0.5,
}
"""What a part takes on disk, downloads included."""


def check_machine(*, with_engine: bool, gpu: bool) -> None:
    """The operating system, the processor and Python can run the platform.

    Raises:
        PrepareError: they cannot.
    """
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in {"x86_64", "aarch64"}:
        raise PrepareError(
            f"{platform.system()} on {machine} is not supported: PyTorch, vLLM and Qdrant Edge are needed as packages.",
            advice="Use Linux on x86_64 (tested) or aarch64, for example in a virtual machine.",
        )
    name, version = platform.libc_ver()
    if name != "glibc" or tuple(int(part) for part in version.split(".")[:2]) < _MANYLINUX_GLIBC:
        raise PrepareError(
            f"The C library here is '{name} {version}'; the packages need glibc 2.28 or newer.",
            advice="Use Debian 11, Ubuntu 20.04 or newer; Alpine (musl) does not work.",
        )
    if sys.version_info[:2] > _NEWEST_PYTHON:
        raise PrepareError(
            f"Python {platform.python_version()} is newer than what vLLM has packages for.",
            advice="Install Python 3.13 or 3.12 and run: make up PYTHON=python3.13",
        )
    if with_engine and not gpu:
        _check_cpu(machine)


def check_space(folder: Path, *, parts: list[str]) -> None:
    """There is room for what is still missing.

    Raises:
        PrepareError: there is not.
    """
    needed = sum(SPACE_GIB[part] for part in parts)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free / _GIB
    if free < needed:
        raise PrepareError(
            f"{free:.1f} GiB of disk are free at {existing}; preparing {', '.join(parts)} takes {needed:.1f} GiB.",
            advice="Free some space; RAGWORKS_HOME moves models and data to another disk.",
        )


def check_can_make_environments() -> None:
    """Python can make virtual environments with pip in them.

    Raises:
        PrepareError: Debian and Ubuntu keep that in a package of its own, which is missing.
    """
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise PrepareError(
            "This Python cannot make virtual environments.",
            advice=f"Run: sudo apt install {package}   (or put 'uv' on the PATH)",
        )


def has_nvidia_gpu(environment: Mapping[str, str]) -> bool:
    """Whether an NVIDIA GPU can be used; RAGWORKS_ENGINE_DEVICE=cpu says no."""
    if environment.get("RAGWORKS_ENGINE_DEVICE", "").lower() == "cpu" or not shutil.which("nvidia-smi"):
        return False
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return False
    return listed.returncode == 0 and "GPU" in listed.stdout


def _check_cpu(machine: str) -> None:
    if machine == "x86_64" and "avx2" not in _cpu_flags():
        raise PrepareError(
            "This processor has no AVX2, which the CPU build of vLLM needs.",
            advice="Use another machine, or set RAGWORKS_ENGINE_URL to a server and RAGWORKS_ENGINE_MANAGED=false.",
        )
    if machine == "aarch64":
        note("Note: aarch64 is not tested; go on at your own risk.")
    memory = _memory_gib()
    if memory < _LOW_MEMORY_GIB:
        note(f"Note: {memory:.1f} GiB of memory; the platform takes about 6 with its packaged models.")


def _cpu_flags() -> frozenset[str]:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("flags"):
            return frozenset(line.partition(":")[2].split())
    return frozenset({"avx2"})  # unknown: let vLLM judge


def _memory_gib() -> float:
    fields = Path("/proc/meminfo").read_text(encoding="utf-8").split()
    return int(fields[1]) * 1024 / _GIB
