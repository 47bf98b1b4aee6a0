"""`ragworks requests`: requests to models, as the inference service keeps them."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode

from services.frontend.cli.exits import CliError
from services.frontend.cli.gateway import Gateway, open_gateway, segment
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import human_bytes, notices, output, print_json, safe, table
from services.shared.contracts.requests import REQUESTS, Flag, LoggedRequest, RequestSummary

_BAD = frozenset({Flag.ERROR, Flag.EMPTY, Flag.REPETITION})
_SHOWN_CHARS = 2_000


def query(flags: Sequence[Flag] | None, flagged: bool | None, **named: str | None) -> str:
    """The listing's filters as the query of an address, without those that were left out."""
    pairs = [(name, value) for name, value in named.items() if value is not None]
    pairs += [("flag", flag.value) for flag in flags or ()]
    pairs += [] if flagged is None else [("flagged", str(flagged).lower())]
    return urlencode(pairs)


def found(gateway: Gateway, wanted: str) -> Iterator[RequestSummary]:
    """The requests that fit, the newest first."""
    path = f"{REQUESTS}?{wanted}&limit=100" if wanted else f"{REQUESTS}?limit=100"
    after = ""
    while True:
        page = json.loads(gateway.get(path + after))
        yield from (RequestSummary.model_validate(each) for each in page["data"])
        if not page["has_more"]:
            return
        after = f"&after={segment(page['last_id'])}"


def show_all(wanted: str, *, limit: int, url: str | None, as_json: bool) -> None:
    """The newest requests, one a line."""
    requests = list(islice(found(_gateway(url), wanted), limit))
    if as_json:
        print_json([each.model_dump(mode="json") for each in requests])
        return
    numbers = ("in", "out", "TTFT", "total")
    shown = table("request", "asked", "model", *numbers, "end", "flags", right=numbers)
    for each in requests:
        shown.add_row(
            f"[bold]{safe(each.id)}[/]",
            f"{each.created_at:%Y-%m-%d %H:%M}",
            safe(each.model),
            _count(each.usage.prompt_tokens if each.usage else None),
            _count(each.usage.completion_tokens if each.usage else None),
            _ms(each.timings.ttft_ms),
            _ms(each.timings.e2e_ms),
            safe(each.error_code or each.finish_reason or ""),
            _flags(each.flags),
        )
    output().print(shown if requests else "Nothing is kept that fits.")


def show(request_id: str, *, url: str | None, as_json: bool) -> None:
    """One request."""
    request = LoggedRequest.model_validate_json(_gateway(url).get(_path(request_id)))
    if as_json:
        print_json(request.model_dump(mode="json"))
        return
    grid = table("", "")
    grid.show_header = False
    for name, value in _facts(request):
        grid.add_row(f"[dim]{name}[/]", value)
    output().print(grid)
    if request.body is None:
        reason = f" ({request.without})" if request.without else ": RAGWORKS_INFERENCE_LOG=full keeps them"
        output().print(f"\n[dim]No words are kept of it{safe(reason)}.[/]")
        return
    output().print("\n[bold]Request[/]")
    output().print(safe(_shortened(json.dumps(request.body, indent=2, ensure_ascii=False))))
    for each in request.outputs or []:
        output().print("\n[bold]Answer[/]")
        output().print(safe(_shortened(each.content or json.dumps(each.tool_calls, indent=2))))


def export(wanted: str, *, to: Path | None, url: str | None) -> None:
    """All requests that fit, as JSON Lines.

    Raises:
        CliError: the file cannot be written.
    """
    address = f"{REQUESTS}/export" + (f"?{wanted}" if wanted else "")
    size = 0
    try:
        target = nullcontext(sys.stdout.buffer) if to is None else to.open("wb")
        with target as file, _gateway(url).download(address) as blocks:
            for block in blocks:
                size += file.write(block)
    except BrokenPipeError:
        return  # the reader has enough
    except OSError as error:
        raise CliError(f"{to} cannot be written: {error.strerror}.") from error
    if to is not None:
        notices().print(f"[ok]✓[/] {human_bytes(size)} in {safe(str(to))}")


def delete(request_id: str, *, url: str | None, as_json: bool) -> None:
    """Forget one."""
    _gateway(url).delete(_path(request_id))
    if as_json:
        print_json({"id": request_id, "deleted": True})
    else:
        output().print(f"[ok]✓[/] {safe(request_id)} is deleted.")


def _facts(request: LoggedRequest) -> Iterator[tuple[str, str]]:
    yield "request", f"[bold]{safe(request.id)}[/]"
    yield "transaction", safe(request.request_id or "")
    yield "asked", f"{request.created_at:%Y-%m-%d %H:%M:%S %Z} by {safe(request.principal or 'the platform')}"
    served = request.served_model or request.model
    by = f" served by {safe(served)}" if served != request.model else ""
    yield "model", f"{safe(request.model)}{by} at {safe(request.replica or 'no replica')}"
    yield "end", safe(request.error_code or request.finish_reason or "")
    if request.flags:
        yield "flags", _flags(request.flags)
    if request.usage:
        used = request.usage
        yield "tokens", f"{used.prompt_tokens:,} in ({used.cached_tokens:,} cached), {used.completion_tokens:,} out"
    times = {
        name.removesuffix("_ms"): value for name, value in request.timings.model_dump().items() if value is not None
    }
    yield "milliseconds", ", ".join(f"{name} {value:,.1f}" for name, value in times.items())
    if request.cost is not None:
        yield "cost", f"{request.cost:.6f}"
    if request.parameters:
        yield "parameters", safe(", ".join(f"{name}={value}" for name, value in request.parameters.items()))


def _flags(flags: Sequence[Flag]) -> str:
    return " ".join(f"[bad]{flag}[/]" if flag in _BAD else f"[warn]{flag}[/]" for flag in flags)


def _count(tokens: int | None) -> str:
    return "" if tokens is None else f"{tokens:,}"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f} ms"


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]} … (--json shows all)"


def _path(request_id: str) -> str:
    return f"{REQUESTS}/{segment(request_id)}"


def _gateway(url: str | None) -> Gateway:
    return open_gateway(running_settings(url=url))
