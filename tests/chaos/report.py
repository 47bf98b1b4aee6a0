"""What a chaos run tells: a table for people, JSON for machines."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.chaos.killer import Kill
from tests.chaos.run import Outcome

RESUME_TARGET_S = 5.0


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything."""
    resumed = [kill.resumed_s for kill in outcome.kills if kill.resumed_s is not None]
    ready = [kill.ready_s for kill in outcome.kills if kill.ready_s is not None]
    return {
        "seed": outcome.plan.seed,
        "clean": outcome.clean,
        "kills": len(outcome.kills),
        "kills_by_process": Counter(kill.victim for kill in outcome.kills),
        "kills_by_phase": Counter(kill.phase for kill in outcome.kills),
        "rounds": outcome.rounds,
        "seconds": outcome.seconds,
        "work": outcome.steps,
        "documents": outcome.findings.documents,
        "chunks": outcome.findings.chunks,
        "lost": outcome.findings.lost,
        "doubled": outcome.findings.doubled,
        "stuck": outcome.findings.stuck,
        "orphaned": outcome.findings.orphaned,
        "failures": outcome.failures,
        "ready_s": _spread(ready),
        "resumed_s": _spread(resumed),
        "resumed_after_ready_s": _spread(_after_ready(outcome.kills)),
        "resumed_within_target_after_ready": sum(each <= RESUME_TARGET_S for each in _after_ready(outcome.kills)),
        "resumed_within_target": sum(each <= RESUME_TARGET_S for each in resumed),
        "settled_s": outcome.settled_s,
        "texts_embedded_again": _spread([float(each) for each in outcome.again]),
        "each_kill": [asdict(kill) for kill in outcome.kills],
    }


def show(outcome: Outcome, console: Console) -> None:
    """The table."""
    told = as_json(outcome)
    victims = sorted(told["kills_by_process"])
    shown = Table("phase", *victims, "resumed after (median, most)", title=f"seed {told['seed']}")
    for phase, _ in told["kills_by_phase"].most_common():
        of_phase = [kill for kill in outcome.kills if kill.phase == phase]
        counts = Counter(kill.victim for kill in of_phase)
        shown.add_row(phase, *(str(counts[victim] or "") for victim in victims), _resumed(of_phase))
    shown.add_section()
    shown.add_row("all", *(str(told["kills_by_process"][victim]) for victim in victims), _resumed(outcome.kills))
    console.print(shown)
    resumed = told["resumed_s"]
    console.print(
        f"{told['kills']} kills in {told['seconds']:.0f} s; compared {told['documents']} documents and "
        f"{told['chunks']} chunks in the last of {told['rounds']} rounds.\n"
        f"Work went on within {RESUME_TARGET_S:g} s after {told['resumed_within_target']} of {resumed['count']} kills "
        f"that were waited for; within {RESUME_TARGET_S:g} s after the process was ready again, after "
        f"{told['resumed_within_target_after_ready']}. Until it was ready: {told['ready_s']}.\n"
        f"From then until work went on: {told['resumed_after_ready_s']}."
        f"\nTexts embedded again after a kill of the worker: {told['texts_embedded_again']}."
    )
    for kind in ("lost", "doubled", "stuck", "orphaned", "failures"):
        console.print(f"{kind}: {len(told[kind])}")
        for each in told[kind][:20]:
            console.print(f"  {each}", markup=False)


def _resumed(kills: list[Kill]) -> str:
    times = sorted(kill.resumed_s for kill in kills if kill.resumed_s is not None)
    return f"{times[len(times) // 2]:.1f} s, {times[-1]:.1f} s" if times else ""


def _after_ready(kills: list[Kill]) -> list[float]:
    times = [(kill.ready_s, kill.resumed_s) for kill in kills]
    return [
        round(max(0.0, resumed - ready), 3) for ready, resumed in times if ready is not None and resumed is not None
    ]


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {"count": 0}
    at = {"median": 0.5, "p95": 0.95}
    spread = {name: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for name, share in at.items()}
    return {"count": len(ordered), **spread, "most": ordered[-1]}
