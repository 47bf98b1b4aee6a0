"""Runs AIPerf, in an environment of its own, at one concurrency, and reads what it found."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipelines.evaluate.failures import EvaluationError, NotInstalledError
from services.shared.contracts.frontier import FrontierOrder, OperatingPoint, Spread

_LONGEST_S = 3600
_LAST_IN_LINE = ("nice", "-n", "10")
"""AIPerf keeps half a core busy whatever it sends; where model and generator share cores, the model goes first."""
_TAIL_LINES = 12
_TERMINATED = 143


def run(order: FrontierOrder, concurrency: int) -> tuple[OperatingPoint, str]:
    """The point at this concurrency, and AIPerf's version.

    Raises:
        EvaluationError: AIPerf is not installed, or ended without figures; its last words are told.
    """
    if not Path(order.aiperf).is_file():
        raise NotInstalledError(
            f"AIPerf is not at {order.aiperf}.", hint="Install it: python3 infra/prepare/prepare.py --aiperf"
        )
    with tempfile.TemporaryDirectory(
        prefix="ragworks-aiperf-"
    ) as folder:  # readable by its owner alone: it has the key
        configuration, out = Path(folder, "run.json"), Path(folder, "out")
        configuration.write_text(json.dumps(_configuration(order, concurrency)), encoding="utf-8")
        command = [order.aiperf, "profile", "--config", str(configuration), "--artifact-dir", str(out), "--ui", "none"]
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # so that AIPerf does not outlive us
        said = asyncio.run(_run([*_LAST_IN_LINE, *command]))
        found = out / "profile_export_aiperf.json"
        if not found.is_file():
            raise EvaluationError(f"AIPerf ended without figures: {_last_words(said)}")
        figures = json.loads(found.read_text(encoding="utf-8"))
    return _point(order, concurrency, figures), str(figures["aiperf_version"])


async def _run(command: list[str]) -> str:
    """What it said. It and its helpers end with this call, however this ends."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True
    )
    try:
        async with asyncio.timeout(_LONGEST_S):
            said, _ = await process.communicate()
        return said.decode(errors="replace")
    except TimeoutError as error:
        raise EvaluationError(f"AIPerf did not end within {_LONGEST_S} s.") from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _configuration(order: FrontierOrder, concurrency: int) -> dict[str, object]:
    """In AIPerf's form of version 2.0; lean, so that the generator leaves the processor to the model."""
    return {
        "schemaVersion": "2.0",
        "benchmark": {
            "model": order.model,
            "endpoint": {
                "url": order.gateway_url,
                "type": "chat",
                "streaming": True,
                "api_key": order.api_key,
                "use_server_token_count": True,
                "extra": {"ignore_eos": True, "ragworks": {"record": "off"}},
            },
            "tokenizer": {"name": order.tokenizer},
            "runtime": {"workers": 1, "record_processors": 1},
            "server_metrics": {"enabled": False},
            "gpu_telemetry": {"enabled": False},
            "dataset": {
                "type": "synthetic",
                "entries": order.requests * concurrency,
                "prompts": {"isl": order.input_tokens, "osl": order.output_tokens},
            },
            "phases": [
                {"name": "warmup", "type": "concurrency", "concurrency": concurrency, "requests": concurrency,
                 "exclude_from_results": True},
                {"name": "profiling", "type": "concurrency", "concurrency": concurrency,
                 "requests": order.requests * concurrency},
            ],
        },
    }  # fmt: skip


def _point(order: FrontierOrder, concurrency: int, figures: dict[str, Any]) -> OperatingPoint:
    def figure(name: str, part: str = "avg") -> float:
        return float((figures.get(name) or {}).get(part) or 0.0)

    tokens_per_s, itl = figure("output_token_throughput"), _spread(figures, "inter_token_latency")
    ttft = _spread(figures, "time_to_first_token")
    done, failed = int(figure("completed_request_count")), int(figure("error_request_count"))
    if not done:
        raise EvaluationError(
            f"None of the requests at concurrency {concurrency} was answered.", hint="See 'ragworks logs inference'."
        )
    return OperatingPoint(
        concurrency=concurrency,
        requests=done,
        failed=failed,
        duration_s=round(figure("benchmark_duration"), 3),
        tokens_per_s=round(tokens_per_s, 3),
        tokens_per_s_user=round(1000 / itl.p50, 3) if itl.p50 else 0.0,
        tokens_per_s_unit=round(tokens_per_s / order.units, 3),
        requests_per_s=round(figure("request_throughput"), 4),
        ttft_ms=ttft,
        itl_ms=itl,
        on_front=False,
        meets_slo=not failed and ttft.p95 <= order.slo_ttft_ms and itl.p95 <= order.slo_itl_ms,
    )


def _spread(figures: dict[str, Any], name: str) -> Spread:
    found = figures.get(name) or {}
    return Spread(p50=round(float(found.get("p50") or 0.0), 2), p95=round(float(found.get("p95") or 0.0), 2))


def _last_words(said: str) -> str:
    lines = [line.strip("│ ") for line in said.splitlines() if line.strip("│╭╮╰╯─ ")]
    return " ".join(lines[-_TAIL_LINES:]) or "it said nothing."
