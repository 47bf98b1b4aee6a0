"""`python -m tests.chaos`, as `make chaos` runs it; CHAOS_KILLS and CHAOS_SEED say how much and which.

Writes `chaos.json` into the folder that CHAOS_OUT names (default: var). Exit code 1: something was not as it must be.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.chaos.report import as_json, show
from tests.chaos.run import Plan, run
from tests.integration.ingest.stack import new_stack
from tests.processes import REPOSITORY, logs, starts

_DEFAULT_KILLS, _DEFAULT_SEED = "200", "20261123"


def main() -> int:
    """Run, tell, and leave the logs when it was not clean."""
    console = Console(width=120)
    plan = Plan(
        kills=int(os.environ.get("CHAOS_KILLS") or _DEFAULT_KILLS),
        seed=int(os.environ.get("CHAOS_SEED") or _DEFAULT_SEED),
    )
    place = Path(tempfile.mkdtemp(prefix="ragworks-chaos-"))
    logs.folder = place
    starts.forked = False
    stack = new_stack(place / "home")
    stack.env |= {"RAGWORKS_SOURCES_FOLDERS": str(place), "RAGWORKS_HASHING_SECONDS_PER_TEXT": "0.02"}
    console.print(f"{plan.kills} kills, seed {plan.seed}; ledger, index and logs are in {place}")
    try:
        stack.start(*stack.modules)
        outcome = run(stack, plan, place / "folder", tell=console.print)
    finally:
        stack.stop()
    show(outcome, console)
    out = Path(os.environ.get("CHAOS_OUT") or REPOSITORY / "var") / "chaos.json"
    out.write_text(json.dumps(as_json(outcome), indent=1))
    console.print(f"Written to {out}")
    return 0 if outcome.clean else 1


if __name__ == "__main__":
    sys.exit(main())
