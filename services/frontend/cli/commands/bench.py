"""`ragworks bench`: the throughput frontier of a model, and what follows from it."""

import json
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
from pydantic import ValidationError

from services.frontend.cli.capacity import planned
from services.frontend.cli.evaluation.evaluator import evaluate
from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import Gateway, key_of, open_gateway
from services.frontend.cli.settings import CliSettings, running_settings
from services.frontend.cli.terminal import notices, output, plural, print_json, safe, table
from services.shared.contracts.frontier import FrontierOrder, FrontierPlotOrder, FrontierReport, OperatingPoint

_QUERY_S = 5


@dataclass(frozen=True)
class Load:
    """What is sent, and what is expected."""

    concurrencies: tuple[int, ...]
    requests: int
    input_tokens: int
    output_tokens: int
    ttft_ms: float
    itl_ms: float


def numbers(text: str) -> tuple[int, ...]:
    """`1,2,4` as numbers, the smallest first.

    Raises:
        CliError: it is something else.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and int(part) > 0 for part in parts):
        raise CliError(f"'{text}' is no list of numbers above 0, such as 1,2,4,8.", exit_code=ExitCode.USAGE)
    return tuple(sorted({int(part) for part in parts}))


def measure(
    load: Load, *, model: str | None, tokenizer: str | None, gpus: int | None, out: Path, url: str | None
) -> None:
    """Measure, draw, and show what was found."""
    settings = running_settings(url=url)
    if out.suffix != ".json" or not out.resolve().parent.is_dir():
        raise CliError(f"{out}: name a .json file in a folder that is there.", exit_code=ExitCode.USAGE)
    if not settings.aiperf.is_file():
        raise CliError(
            f"AIPerf is not at {settings.aiperf}.",
            hint="Install it (0.9 GB): python3 infra/prepare/prepare.py --aiperf",
        )
    unit, units = _units(gpus)
    order = FrontierOrder(
        gateway_url=settings.gateway_url,
        api_key=key_of(settings),
        aiperf=str(settings.aiperf),
        model=model or _first_model(open_gateway(settings)),
        tokenizer=tokenizer or _tokenizer(settings),
        concurrencies=load.concurrencies,
        requests=load.requests,
        input_tokens=load.input_tokens,
        output_tokens=load.output_tokens,
        slo_ttft_ms=load.ttft_ms,
        slo_itl_ms=load.itl_ms,
        unit=unit,
        units=units,
        hardware=_hardware(unit, units),
        report=str(out.resolve()),
    )
    evaluate(order)
    _show(_read(out))
    notices().print(f"[ok]✓[/] {safe(str(out))}, {safe(out.with_suffix('.png').name)}, {out.with_suffix('.html').name}")


def compare(first: Path, second: Path, *, out: Path | None, as_json: bool) -> None:
    """Two runs side by side."""
    before, after = _read(first), _read(second)
    if out is not None:
        evaluate(FrontierPlotOrder(reports=(str(first.resolve()), str(second.resolve())), report=str(out.resolve())))
        notices().print(f"[ok]✓[/] {safe(str(out))}")
    theirs = {point.concurrency: point for point in after.points}
    pairs = [(point, theirs[point.concurrency]) for point in before.points if point.concurrency in theirs]
    if as_json:
        print_json([_pair(one, other) for one, other in pairs])
        return
    columns = ("at once", "tokens/s", "per user", "TTFT p50 ms", "ITL p95 ms")
    shown = table(*columns, right=columns)
    for one, other in pairs:
        shown.add_row(
            str(one.concurrency),
            _change(one.tokens_per_s, other.tokens_per_s, more_is_better=True),
            _change(one.tokens_per_s_user, other.tokens_per_s_user, more_is_better=True),
            _change(one.ttft_ms.p50, other.ttft_ms.p50, more_is_better=False),
            _change(one.itl_ms.p95, other.itl_ms.p95, more_is_better=False),
        )
    output().print(shown if pairs else "The two runs have no concurrency in common.")
    output().print(f"\nBest point: {_best(before)} before, {_best(after)} after.")


def plan(run: Path, *, requests_per_s: float, output_tokens: int | None, headroom: float, as_json: bool) -> None:
    """Replicas for a load.

    Raises:
        CliError: no measured point meets the targets.
    """
    report = _read(run)
    made = planned(
        report,
        requests_per_s=requests_per_s,
        output_tokens=output_tokens or report.output_tokens,
        headroom=headroom,
    )
    if made is None:
        raise CliError(
            f"No point of {run} meets its targets: TTFT {report.slo_ttft_ms:g}, ITL {report.slo_itl_ms:g} ms at p95.",
            hint="Measure smaller concurrencies, or allow more with --ttft and --itl.",
        )
    if as_json:
        print_json(made.model_dump(mode="json"))
        return
    output().print(
        f"[bold]{plural(made.replicas, 'replica')}[/] of {safe(report.model)} "
        f"({plural(made.units, report.unit)}) for {made.tokens_per_s:,.1f} tokens/s: "
        f"{made.utilisation:.0%} of what they do within the targets.\n"
    )
    output().print("In the file of RAGWORKS_INFERENCE_MODELS:\n")
    output().print(
        f"  \\[slo.measured]\n  ttft_ms = {report.slo_ttft_ms:g}\n  itl_ms = {report.slo_itl_ms:g}\n\n"
        f'  \\[\\[models]]\n  name = "{safe(report.model)}"\n  concurrency = {made.concurrency}\n  slo = "measured"\n'
        f"  replicas = \\[ ... {made.replicas} addresses ... ]"
    )


def _show(report: FrontierReport) -> None:
    columns = ("at once", "tokens/s", "per user", f"per {report.unit}", "TTFT p50", "p95", "ITL p50", "ITL p95")
    shown = table(*columns, "front", "targets", right=columns)
    for each in report.points:
        is_best = each.concurrency == report.best
        shown.add_row(
            f"[bold]{each.concurrency}[/]" if is_best else str(each.concurrency),
            f"{each.tokens_per_s:,.1f}",
            f"{each.tokens_per_s_user:,.1f}",
            f"{each.tokens_per_s_unit:,.1f}",
            f"{each.ttft_ms.p50:,.0f} ms",
            f"{each.ttft_ms.p95:,.0f} ms",
            f"{each.itl_ms.p50:,.1f} ms",
            f"{each.itl_ms.p95:,.1f} ms",
            "[accent]yes[/]" if each.on_front else "",
            "[ok]met[/]" if each.meets_slo else "[warn]missed[/]",
        )
    output().print(f"\n[bold]{safe(report.model)}[/] on {safe(report.hardware)}\n")
    output().print(shown)
    output().print(f"\nBest point: {_best(report)}.")


def _best(report: FrontierReport) -> str:
    best = next((each for each in report.points if each.concurrency == report.best), None)
    if best is None:
        return "none meets the targets"
    return f"{best.concurrency} at once, {best.tokens_per_s:,.1f} tokens/s, {best.tokens_per_s_user:,.1f} for each user"


def _pair(one: OperatingPoint, other: OperatingPoint) -> dict[str, object]:
    return {"concurrency": one.concurrency, "before": one.model_dump(), "after": other.model_dump()}


def _change(before: float, after: float, *, more_is_better: bool) -> str:
    share = (after - before) / before if before else 0.0
    colour = "ok" if (share > 0) == more_is_better else "bad"
    return f"{before:,.1f} → {after:,.1f} [{colour}]({share:+.0%})[/]"


def _read(path: Path) -> FrontierReport:
    try:
        return FrontierReport.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CliError(f"{path} is no run of 'ragworks bench inference'.", exit_code=ExitCode.USAGE) from error


def _first_model(gateway: Gateway) -> str:
    for model in json.loads(gateway.get("/v1/models"))["data"]:
        if model.get("max_model_len") and not model["id"].startswith("rag/"):
            return str(model["id"])
    raise CliError("No model that generates is served; 'ragworks status' shows why.", exit_code=ExitCode.NOT_UP)


def _tokenizer(settings: CliSettings) -> str:
    return settings.model_path


def _units(gpus: int | None) -> tuple[Literal["core", "GPU"], int]:
    found = gpus or len(_gpu_names())
    return ("GPU", found) if found else ("core", psutil.cpu_count() or os.cpu_count() or 1)


def _hardware(unit: str, units: int) -> str:
    names = _gpu_names()
    what = names[0] if unit == "GPU" and names else _processor()
    return f"{what}, {plural(units, unit)}"


def _gpu_names() -> list[str]:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    asked = [tool, "--query-gpu=name", "--format=csv,noheader"]
    ended = subprocess.run(asked, capture_output=True, text=True, timeout=_QUERY_S, check=False)
    return [line.strip() for line in ended.stdout.splitlines() if line.strip()] if ended.returncode == 0 else []


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.split(":", maxsplit=1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
