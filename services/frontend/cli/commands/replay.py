"""`ragworks replay`: logged requests asked again, and what came compared with what had come."""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from services.frontend.cli.commands.requests import found
from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import Gateway, GatewayError, open_gateway, segment
from services.frontend.cli.replaying import Replayed, asked_again, compare, request_of
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import notices, output, plural, print_json, progress_bar, safe, table
from services.shared.contracts.records import Record
from services.shared.contracts.requests import REQUESTS, LoggedRequest


def run(wanted: str, *, to_model: str | None, limit: int, parallel: int, out: Path | None, url: str | None) -> None:
    """Ask again, compare, print or write.

    Raises:
        CliError: nothing fits that could be asked again.
    """
    gateway = open_gateway(running_settings(url=url))
    listed = [each.id for each in islice(found(gateway, wanted), limit)]
    replayed = list(_replay(gateway, listed, to_model, parallel))
    if not replayed:
        raise CliError(
            f"None of the {plural(len(listed), 'request')} that fit can be asked again: their words are not kept.",
            hint="RAGWORKS_INFERENCE_LOG=full keeps them from now on; answers of rag/ models are kept as records.",
            exit_code=ExitCode.FAILED,
        )
    skipped = len(listed) - len(replayed)
    report = {"summary": _summary(replayed), "skipped": skipped, "requests": [each.as_json() for each in replayed]}
    if out is not None and str(out) == "-":
        print_json(report)
        return
    if out is not None:
        _write(out, report)
    _show(replayed, skipped)


def _replay(gateway: Gateway, ids: Sequence[str], to_model: str | None, parallel: int) -> Iterator[Replayed]:
    def one(request_id: str) -> Replayed | None:
        logged = LoggedRequest.model_validate_json(gateway.get(f"{REQUESTS}/{segment(request_id)}"))
        record = _record(gateway, logged) if logged.body is None else None
        request = request_of(logged, record)
        if request is None:
            return None
        again = asked_again(gateway, request, model=to_model or logged.model)
        return compare(logged, request, again)

    with progress_bar(notices(), transient=True) as progress, ThreadPoolExecutor(parallel) as pool:
        task = progress.add_task("Asking again", total=len(ids), note="")
        for done in pool.map(one, ids):
            progress.advance(task)
            if done is not None:
                yield done


def _record(gateway: Gateway, logged: LoggedRequest) -> Record | None:
    """The record of the answer that the request was made for: it has the prompt where the log has not."""
    if logged.request_id is None or logged.operation != "chat":
        return None
    try:
        return Record.model_validate_json(gateway.get(f"/api/records/{segment(logged.request_id)}"))
    except GatewayError as error:
        if error.status == 404:
            return None
        raise


def _summary(replayed: Sequence[Replayed]) -> dict[str, object]:
    answered = [each for each in replayed if each.error is None]
    known = [each for each in answered if each.similarity is not None]
    return {
        "asked": len(replayed),
        "failed": len(replayed) - len(answered),
        "compared": len(known),
        "exact": sum(bool(each.exact) for each in known),
        "similarity_mean": _mean([each.similarity for each in known]),
        "tokens_before": sum(each.tokens_before or 0 for each in answered),
        "tokens_after": sum(each.tokens_after or 0 for each in answered),
        "ms_before_median": _median([each.ms_before for each in answered]),
        "ms_after_median": _median([each.ms_after for each in answered]),
    }


def _show(replayed: Sequence[Replayed], skipped: int) -> None:
    numbers = ("similarity", "tokens", "ms")
    shown = table("request", "model", "same", *numbers, "end", right=numbers)
    for each in replayed:
        shown.add_row(
            f"[bold]{safe(each.id)}[/]",
            safe(
                each.model_after
                if each.model_before == each.model_after
                else f"{each.model_before} → {each.model_after}"
            ),
            "" if each.exact is None else "[ok]yes[/]" if each.exact else "no",
            "–" if each.similarity is None else f"{each.similarity:.2f}",
            f"{_number(each.tokens_before)} → {_number(each.tokens_after)}",
            f"{each.ms_before:,.0f} → {each.ms_after:,.0f}",
            f"[bad]{safe(each.error)}[/]" if each.error else safe(each.finish_reason or ""),
        )
    output().print(shown)
    told = _summary(replayed)
    mean = told["similarity_mean"]
    output().print(
        f"\n{told['exact']} of {told['compared']} the same"
        + (f", mean similarity {mean:.2f}" if isinstance(mean, float) else "")
        + f"; tokens {told['tokens_before']} → {told['tokens_after']}"
        + f"; median {told['ms_before_median']:,.0f} → {told['ms_after_median']:,.0f} ms; {told['failed']} failed."
    )
    if skipped:
        notices().print(f"[dim]{plural(skipped, 'request')} left out: their words are not kept.[/]")


def _write(path: Path, report: Mapping[str, object]) -> None:
    try:
        path.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}.") from error
    notices().print(f"[ok]✓[/] {safe(str(path))}")


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return round(statistics.fmean(there), 4) if there else None


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 1) if values else 0.0
