"""The machine the figures were taken on."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Machine:
    """What a reader needs to compare figures."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    load_average: float


def this_machine() -> Machine:
    """The one this runs on, with its load of the last minute."""
    return Machine(
        processor=_processor(),
        cores=psutil.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 1024**3, 1),
        system=platform.platform(terse=True),
        python=platform.python_version(),
        load_average=round(os.getloadavg()[0], 2),
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":", maxsplit=1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
