"""`ragworks feedback`: what somebody thinks of an answer."""

from services.frontend.cli.exits import CliError, ExitCode
from services.frontend.cli.gateway import open_gateway
from services.frontend.cli.settings import running_settings
from services.frontend.cli.terminal import output, print_json, safe
from services.shared.contracts.records import Feedback, Rating, RecordSummary


def run(
    record_id: str,
    *,
    up: bool | None,
    comment: str | None,
    corrected: str | None,
    wrong: list[int] | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Send what was said; the rest of what was said before stays.

    Raises:
        CliError: nothing was said.
    """
    rating = None if up is None else (Rating.UP if up else Rating.DOWN)
    said = {"rating": rating, "comment": comment, "corrected_answer": corrected, "wrong_citations": wrong}
    body = {name: value for name, value in said.items() if value is not None}
    if not body:
        raise CliError(
            "There is nothing to say.",
            hint="Give --up, --down, --comment, --corrected or --wrong.",
            exit_code=ExitCode.USAGE,
        )
    answer = open_gateway(running_settings(url=url)).post("/api/feedback", {"record_id": record_id, **body})
    record = RecordSummary.model_validate_json(answer)
    if as_json:
        print_json(record.model_dump(mode="json"))
        return
    kept = f": {safe(in_words(record.feedback))}" if record.feedback else ""
    output().print(f"[ok]✓[/] Kept with [bold]{safe(record.id)}[/]{kept}")


def in_words(feedback: Feedback) -> str:
    """Feedback on one line."""
    parts = [f"thumbs {feedback.rating.value}"] if feedback.rating else []
    parts += [f"“{feedback.comment}”"] if feedback.comment else []
    parts += [f"better: “{feedback.corrected_answer}”"] if feedback.corrected_answer else []
    if feedback.wrong_citations:
        parts.append("wrong: " + " ".join(f"[{number}]" for number in feedback.wrong_citations))
    return ", ".join(parts) or "nothing any more"
