"""The throughput frontier: which points are on it, which is best, and what a load takes."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.evaluate.failures import EvaluationError
from pipelines.evaluate.inference.aiperf import run
from pipelines.evaluate.inference.drawing import draw
from pipelines.evaluate.inference.front import best_of, with_front
from pipelines.evaluate.inference.page import write_page
from services.frontend.cli.capacity import planned
from services.shared.contracts.frontier import FrontierOrder, FrontierReport, OperatingPoint, Spread

_FIGURES = """{
  "aiperf_version": "0.13.0", "completed_request_count": {"avg": 8}, "benchmark_duration": {"avg": 4.0},
  "output_token_throughput": {"avg": 64.0}, "request_throughput": {"avg": 2.0},
  "time_to_first_token": {"p50": 90.0, "p95": 140.0}, "inter_token_latency": {"p50": 25.0, "p95": 40.0}
}"""


def _point(concurrency: int, user: float, unit: float, *, meets: bool = True) -> OperatingPoint:
    spread = Spread(p50=10, p95=20)
    return OperatingPoint(
        concurrency=concurrency,
        requests=10,
        failed=0,
        duration_s=1,
        tokens_per_s=2 * unit,
        tokens_per_s_user=user,
        tokens_per_s_unit=unit,
        requests_per_s=1,
        ttft_ms=spread,
        itl_ms=spread,
        on_front=False,
        meets_slo=meets,
    )


def _report(*points: OperatingPoint) -> FrontierReport:
    return FrontierReport(
        measured_at=datetime(2026, 1, 1, tzinfo=UTC),
        model="<m>",
        hardware="a machine, 2 cores",
        unit="core",
        units=2,
        input_tokens=64,
        output_tokens=32,
        slo_ttft_ms=500,
        slo_itl_ms=50,
        points=with_front(points),
        best=best_of(points),
        aiperf="0.13.0",
    )


def _order(aiperf: Path) -> FrontierOrder:
    return FrontierOrder(
        gateway_url="http://127.0.0.1:1",
        api_key="rw-secret",
        aiperf=str(aiperf),
        model="m",
        tokenizer="t",
        concurrencies=(2,),
        requests=4,
        input_tokens=64,
        output_tokens=32,
        slo_ttft_ms=150,
        slo_itl_ms=30,
        unit="core",
        units=2,
        hardware="a machine",
        report="r.json",
    )


def _program(path: Path, script: str) -> Path:
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_point_that_another_beats_in_both_rates_is_not_on_the_front() -> None:
    found = with_front([_point(4, 20, 30), _point(1, 40, 20), _point(2, 30, 19), _point(8, 20, 29)])
    assert [(each.concurrency, each.on_front) for each in found] == [(1, True), (2, False), (4, True), (8, False)]


def test_the_best_point_has_the_most_tokens_of_those_that_meet_the_targets() -> None:
    points = [_point(1, 40, 20), _point(4, 30, 50), _point(8, 29, 50.5), _point(16, 10, 90, meets=False)]
    assert best_of(points) == 4
    assert best_of([_point(1, 40, 20, meets=False)]) is None


def test_a_load_takes_as_many_replicas_as_leave_the_headroom_free() -> None:
    report = _report(_point(4, 30, 50))  # 100 tokens/s a replica
    made = planned(report, requests_per_s=3, output_tokens=100, headroom=0.25)
    assert made is not None
    assert (made.replicas, made.concurrency, made.units) == (4, 4, 8)
    assert made.utilisation == pytest.approx(0.75)
    late = _report(_point(4, 30, 50, meets=False))
    assert planned(late, requests_per_s=3, output_tokens=100, headroom=0.25) is None


def test_what_aiperf_found_becomes_a_point_and_the_key_is_on_no_command_line(tmp_path: Path) -> None:
    script = (
        f'echo "$@" > {tmp_path}/seen; mkdir -p "$5"; cat > "$5/profile_export_aiperf.json" <<EOF\n{_FIGURES}\nEOF\n'
    )
    point, version = run(_order(_program(tmp_path / "aiperf", script)), 2)
    assert "rw-secret" not in (tmp_path / "seen").read_text()
    assert version == "0.13.0"
    assert (point.tokens_per_s, point.tokens_per_s_user, point.tokens_per_s_unit) == (64, 40, 32)
    assert (point.ttft_ms.p95, point.itl_ms.p95) == (140, 40)
    assert not point.meets_slo  # the ITL is too long


def test_aiperf_that_ends_without_figures_is_quoted(tmp_path: Path) -> None:
    failing = _program(tmp_path / "aiperf", "echo 'No such tokenizer.'; exit 1\n")
    with pytest.raises(EvaluationError, match="No such tokenizer"):
        run(_order(failing), 2)
    with pytest.raises(EvaluationError) as missing:
        run(_order(tmp_path / "nowhere"), 2)
    assert "--aiperf" in missing.value.hint


def test_a_run_is_drawn_and_its_page_shows_names_as_they_are(tmp_path: Path) -> None:
    report = _report(_point(1, 40, 20), _point(4, 30, 50), _point(8, 10, 40, meets=False))
    draw([report], tmp_path / "front.png")
    write_page([report, report], tmp_path / "front.html")
    assert (tmp_path / "front.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "front.html").read_text()
    assert "&lt;m&gt;" in page
    assert page.count("<tr class=best>") == 2
    with pytest.raises(EvaluationError):
        draw([report], tmp_path / "front.docx")
