"""`ragworks up`: start everything, show it coming up, ingest the sample, answer a first question."""

from rich.console import Console

from services.frontend.cli.commands.ask import Answer, ask_and_print
from services.frontend.cli.commands.ingest import print_report
from services.frontend.cli.commands.startup_view import LineView, TableView
from services.frontend.cli.commands.what_next import print_what_next
from services.frontend.cli.corpus.ingestion import Ingestion
from services.frontend.cli.corpus.report import IngestReport
from services.frontend.cli.corpus.sample import SAMPLE_COLLECTION, SAMPLE_QUESTION, find_sample
from services.frontend.cli.corpus.stages import Stages
from services.frontend.cli.gateway import Gateway, open_gateway
from services.frontend.cli.host import startup
from services.frontend.cli.settings import CliSettings, load_settings, running_settings
from services.frontend.cli.terminal import human_seconds, notices, output, print_json, safe


def run(*, sample: bool, question: str | None, as_json: bool) -> None:
    """Bring the platform up; a running one is left as it is."""
    console = notices()
    started = startup.start(load_settings())
    settings = running_settings()
    if not started:
        console.print(f"[ok]✓[/] Ragworks is already running at [bold]{settings.gateway_url}[/]")
    progress = _watch(settings, console)
    if started:
        console.print(f"[ok]✓[/] Every service is ready after {human_seconds(progress.elapsed_s)}\n")
    report, answer = _show_sample(settings, console, started=started, sample=sample, question=question)
    if as_json:
        print_json(
            {
                "url": settings.gateway_url,
                "key_file": str(settings.api_key_file),
                "started": started,
                "ready_s": round(progress.elapsed_s, 1),
                "sample": report.as_dict() if report else None,
                "answer": answer.as_dict() if answer else None,
            }
        )
    else:
        print_what_next(settings, output(), collection=SAMPLE_COLLECTION, question=SAMPLE_QUESTION)


def _watch(settings: CliSettings, console: Console) -> startup.Progress:
    view = TableView(console) if console.is_terminal else LineView(console)
    with view:
        return startup.wait_ready(settings, show=view.show)


def _show_sample(
    settings: CliSettings, console: Console, *, started: bool, sample: bool, question: str | None
) -> tuple[IngestReport | None, Answer | None]:
    if not sample:
        return None, None
    gateway = open_gateway(settings)
    report = _ingest_sample(settings, gateway, console)
    if not (started or report.done or question):
        return report, None
    asked = question or SAMPLE_QUESTION
    console.print(f"\n[bold]Asking:[/] {safe(asked)}\n")
    answer = ask_and_print(gateway, asked, model=f"rag/{SAMPLE_COLLECTION}", to=console)
    return report, answer


def _ingest_sample(settings: CliSettings, gateway: Gateway, console: Console) -> IngestReport:
    found = find_sample()
    console.print(f"[bold]Sample corpus[/] → collection [accent]{SAMPLE_COLLECTION}[/]")
    stages = Stages(console)
    with stages.shown():
        report = Ingestion(gateway, settings, collection=SAMPLE_COLLECTION, stages=stages).run(found)
    print_report(report, console)
    return report
