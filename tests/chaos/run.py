"""A chaos run: rounds of work and kills, each ended by a comparison of the store with the truth."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.killer import Kill, Killer
from tests.chaos.material import real_documents
from tests.chaos.patient import PATIENCE_S, Patient, RefusedError
from tests.chaos.truth import Comparison, Findings
from tests.chaos.watch import Watch
from tests.chaos.work import SYNCED, UPLOADED, Work
from tests.integration.ingest.stack import Stack

_STUBBED = ("ingest", "vectordb", "inference", "corpus")
_VERIFIED = 50
_EXPECTED_FAILURES = {"document_deleted"}  # deleted while it waited in a job


@dataclass(frozen=True)
class Plan:
    """How much of it."""

    kills: int
    seed: int
    kills_a_round: int = 20
    documents: int = 300


@dataclass
class Outcome:
    """What happened; `findings` is that of the last comparison, which is the first one that is not clean."""

    plan: Plan
    kills: list[Kill] = field(default_factory=list[Kill])
    steps: dict[str, int] = field(default_factory=dict[str, int])
    findings: Findings = field(default_factory=Findings)
    failures: list[str] = field(default_factory=list[str])
    rounds: int = 0
    seconds: float = 0.0
    settled_s: list[float] = field(default_factory=list[float])
    again: list[int] = field(default_factory=list[int])
    """Texts that were embedded once more after each kill of the worker."""

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled, stuck or orphaned, and nothing failed."""
        return self.findings.clean and not self.failures


def run(stack: Stack, plan: Plan, folder: Path, *, tell: Callable[[str], None]) -> Outcome:
    """Run until all kills are done or something is wrong. Every process of the stack must be running."""
    chance, began = random.Random(plan.seed), time.monotonic()  # noqa: S311 - to be repeated
    patient, watch = Patient(stack), Watch(stack.home)
    victims = tuple(name for name in stack.modules if name in {*_STUBBED, "embedding"})
    killer = Killer(stack, watch, random.Random(plan.seed + 1), victims)  # noqa: S311
    work = Work(patient, real_documents(plan.documents, chance), folder, chance)
    comparison = Comparison(patient, watch)
    outcome = Outcome(plan, killer.kills, work.steps)
    work.begin()
    while len(killer.kills) < plan.kills and outcome.clean:
        with killer.at_work(min(plan.kills_a_round, plan.kills - len(killer.kills))) as killing:
            while killing.is_alive():
                time.sleep(0.1 if work.step() else 1.0)
        at = time.monotonic()
        outcome.findings = _settled(comparison, work)
        outcome.settled_s.append(round(time.monotonic() - at, 1))
        outcome.failures = _failures(patient)
        outcome.rounds += 1
        tell(
            f"round {outcome.rounds}: {len(killer.kills)} kills, {outcome.findings.documents} documents, "
            f"{outcome.findings.chunks} chunks, settled after {outcome.settled_s[-1]} s, clean: {outcome.clean}"
        )
    outcome.seconds = round(time.monotonic() - began, 1)
    outcome.again = _embedded_again(stack, killer.kills)
    return outcome


def _settled(comparison: Comparison, work: Work) -> Findings:
    """The comparison when it is clean, or what is wrong when patience ends."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            findings = comparison.of_all(work.truths)
        except RefusedError as refused:  # a version that was listed is dropped, or has become the active one
            if refused.code != "collection_not_found" or time.monotonic() > deadline:
                raise
        else:
            if findings.clean or time.monotonic() > deadline:
                return findings
        time.sleep(1)


def _failures(patient: Patient) -> list[str]:
    """Jobs and syncs that did not end well, and what reconciliation finds."""
    found: list[str] = []
    for name in (UPLOADED, SYNCED):
        for job in patient.all("/api/jobs", collection=name):
            codes = {each["reason"]["code"] for each in job["failures"]}
            if job["status"] != "completed" or codes - _EXPECTED_FAILURES:
                found.append(f"{name}: {job['id']} is {job['status']}: {job['error']} {sorted(codes)}")
        checked = patient.ask(lambda http, name=name: http.post(f"/api/collections/{name}/reconcile")).json()
        found += [f"{name}: {each['problem']} {each['source']}" for each in checked["discrepancies"]]
    for receipt in patient.get("/api/receipts", limit=_VERIFIED)["data"]:
        path = f"/api/receipts/{receipt['id']}/verify"
        checked = patient.ask(lambda http, path=path: http.post(path)).json()
        if checked["remains"] or not checked["signature_valid"]:
            found.append(f"{receipt['id']} is not verified: {checked['remains']}")
    for sync in patient.all(f"/api/sources/{SYNCED}/syncs"):
        if sync["status"] != "completed" or sync["failed"]:
            found.append(f"{sync['id']} is {sync['status']}: {sync['error']}, {sync['failed']} failed")
    return found


def _embedded_again(stack: Stack, kills: list[Kill]) -> list[int]:
    """For each kill of the worker: how many texts of its last work were embedded again after it."""
    texts = stack.embedded_texts()
    moments = [kill.embedded for kill in kills if kill.victim == "ingest"]
    again: list[int] = []
    for at, until in zip(moments, [*moments[1:], len(texts)], strict=True):
        before = texts[max(0, at - 2_000) : at]
        again.append(len(set(before) & set(texts[at : min(until, at + 2_000)])))
    return again
