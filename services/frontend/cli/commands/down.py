"""`ragworks down`: stop the platform."""

from services.frontend.cli.host.shutdown import stop
from services.frontend.cli.settings import load_settings
from services.frontend.cli.terminal import notices


def run() -> None:
    """Stop every process and say so."""
    console = notices()
    with console.status("Stopping …") as status:
        stopped = stop(
            load_settings(),
            show=lambda names: status.update(f"Stopping [dim]{' '.join(names) or 'the supervisor'}[/]"),
        )
    console.print("[ok]✓[/] Ragworks is stopped." if stopped else "Ragworks was not running.")
