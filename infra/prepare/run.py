"""One run of the preparation: looks what is missing, then does only that."""

from __future__ import annotations

import argparse
import fcntl
import os
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commands import Runner
from console import PrepareError, Step, Steps, note
from environments import (
    Environment,
    aiperf_environment,
    bench_environment,
    engine_environment,
    fetch_uv,
    find_uv,
    make,
    platform_environment,
    tool_environment,
)
from models import EMBEDDER, LANGUAGE_MODEL, Kitchen, PackagedModel, is_ready, prepare_model, remove_old_attempts
from node_projects import NodeProject, browser_for_tests, build, web_pages
from preflight import check_machine, check_space, has_nvidia_gpu

_ROOT = Path(__file__).resolve().parents[2]
_FALSE = {"0", "false", "no", "off", "f", "n"}


@dataclass(frozen=True)
class Plan:
    """What this run has to bring about."""

    platform: Environment
    engine: Environment | None
    bench: Environment | None
    aiperf: Environment | None
    models: list[PackagedModel]
    node_projects: list[NodeProject]
    home: Path
    gpu: bool

    @property
    def missing_models(self) -> list[PackagedModel]:
        return [model for model in self.models if not is_ready(model, self.models_folder)]

    @property
    def models_folder(self) -> Path:
        return self.home / "models"

    @property
    def missing_parts(self) -> list[str]:
        """Names of what takes room on disk and is not there."""
        engine = self.engine is not None and not self.engine.fits
        return [
            *(["platform"] if not self.platform.fits else []),
            *(["engine-gpu" if self.gpu else "engine"] if engine else []),
            *(["bench"] if self.bench is not None and not self.bench.fits else []),
            *(["aiperf"] if self.aiperf is not None and not self.aiperf.fits else []),
            *(["models"] if self.missing_models else []),
            *(project.part for project in self.node_projects if not project.fits),
        ]


def main(arguments: list[str]) -> int:
    """Prepare; returns the exit status."""
    options = _options(arguments)
    try:
        with _one_at_a_time(Path(__file__).parent):
            _prepare(_plan(options))
    except PrepareError as error:
        note(f"\nPreparation failed: {error}\n\nWhat to do: {error.advice}")
        return 1
    except OSError as error:
        note(f"\nPreparation failed: {error}\n\nWhat to do: check the rights on and the space of the folder named.")
        return 1
    except KeyboardInterrupt:
        note("\nInterrupted. Run the same command again: it goes on where it stopped.")
        return 130
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Prepares environments and models.")
    parser.add_argument("--dev", action="store_true", help="also what tests and linters need")
    parser.add_argument("--platform-only", action="store_true", help="neither the model engine nor the models")
    parser.add_argument("--bench", action="store_true", help="what 'make bench-ingest' needs; no model engine")
    parser.add_argument("--aiperf", action="store_true", help="what 'ragworks bench inference' needs; no model engine")
    return parser.parse_args(arguments)


def _plan(options: argparse.Namespace) -> Plan:
    managed = os.environ.get("RAGWORKS_ENGINE_MANAGED", "true").lower() not in _FALSE
    with_engine = managed and not (options.platform_only or options.bench or options.aiperf)
    gpu = with_engine and has_nvidia_gpu(os.environ)
    check_machine(with_engine=with_engine, gpu=gpu)
    home = Path(os.environ.get("RAGWORKS_HOME") or _ROOT / "var").expanduser().resolve()
    return Plan(
        platform=platform_environment(_ROOT, dev=options.dev),
        engine=engine_environment(_ROOT, gpu=gpu) if with_engine else None,
        bench=bench_environment(_ROOT) if options.bench else None,
        aiperf=aiperf_environment(_ROOT) if options.aiperf else None,
        node_projects=_node_projects(options),
        models=[] if options.platform_only or options.aiperf else _packaged_models(with_engine=with_engine),
        home=home,
        gpu=gpu,
    )


def _node_projects(options: argparse.Namespace) -> list[NodeProject]:
    if options.platform_only or options.bench or options.aiperf:
        return []
    return [web_pages(_ROOT), *([browser_for_tests(_ROOT)] if options.dev else [])]


def _packaged_models(*, with_engine: bool) -> list[PackagedModel]:
    """The models nobody replaced by one of their own."""
    models: list[PackagedModel] = []
    if os.environ.get("RAGWORKS_EMBEDDING_MODEL", "") in {"", EMBEDDER.name}:
        models.append(EMBEDDER)
    own = os.environ.get("RAGWORKS_MODEL", "")
    if own:
        _check_own_model(own)
    elif with_engine:
        models.append(LANGUAGE_MODEL)
    return models


def _check_own_model(model: str) -> None:
    looks_local = model.startswith(("/", ".", "~"))
    if looks_local and not (Path(model).expanduser() / "config.json").is_file():
        raise PrepareError(
            f"RAGWORKS_MODEL names the folder {model}, which holds no model (config.json is missing).",
            advice="Name the folder of a model in Hugging Face's format, or a Hugging Face id such as org/model.",
        )


def _prepare(plan: Plan) -> None:
    started = time.monotonic()
    missing = plan.missing_parts
    if not missing:
        note("Everything is prepared.")
        return
    check_space(_ROOT, parts=missing)
    log = plan.home / "logs" / "prepare.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    note(f"Preparing {', '.join(missing)}. Everything the tools say goes to {log}")
    runner = Runner(root=_ROOT, log=log, environment=tool_environment())
    _do(plan, runner)
    note(f"Prepared in {time.monotonic() - started:.0f} s.")


def _do(plan: Plan, runner: Runner) -> None:
    environments = [env for env in (plan.platform, plan.engine, plan.bench, plan.aiperf) if env is not None]
    steps = Steps(total=1 + len(environments) + bool(plan.models) + len(plan.node_projects))
    with steps.step("package installer (uv)") as step:
        uv = _uv(runner, step)
    for environment in environments:
        with steps.step(f"environment {environment.folder.name}") as step:
            if environment.fits:
                step.ends_as("ready")
            else:
                make(environment, uv, runner, step, gpu=plan.gpu)
    if plan.models:
        with steps.step(f"models {', '.join(model.name for model in plan.models)}") as step:
            _models(plan, uv, runner, step)
    for project in plan.node_projects:
        with steps.step(project.title) as step:
            failure = build(project, _ROOT, uv, runner, step)
        if failure is not None:
            note(f"\n{failure}\n")


def _uv(runner: Runner, step: Step) -> Path:
    found = find_uv(_ROOT)
    if found is None:
        return fetch_uv(_ROOT, runner, step)
    step.ends_as("ready")
    return found


def _models(plan: Plan, uv: Path, runner: Runner, step: Step) -> None:
    """All at once: making one keeps little more than one processor busy."""
    missing = plan.missing_models
    if not missing:
        step.ends_as("ready")
        return
    remove_old_attempts(plan.models_folder)
    engine = plan.engine or plan.platform
    with ThreadPoolExecutor(len(missing)) as pool:
        kitchens = [
            Kitchen(_ROOT, plan.platform.python, engine.python, runner, step.part(each.name)) for each in missing
        ]
        jobs = [
            pool.submit(prepare_model, model, plan.models_folder, uv, kitchen)
            for model, kitchen in zip(missing, kitchens, strict=True)
        ]
        try:
            for job in as_completed(jobs):
                job.result()
        except BaseException:
            runner.stop()
            raise


@contextmanager
def _one_at_a_time(folder: Path) -> Generator[None]:
    """Two runs at once would install into the same environments; the second waits."""
    lock = os.open(folder, os.O_RDONLY)  # a folder can be locked like a file, and nothing is left behind
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        note("Another preparation is running; waiting for it.")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)
