"""A trial on live questions: which side brought the passages that answers cite.

Every result list of the trial held passages of both sides in an order drawn by lot, so a side is credited more often
only when it ranks better what answers stand on. A citation that a user called wrong is no credit.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pipelines.evaluate.gateway import Gateway
from pipelines.evaluate.significance import difference
from pipelines.evaluate.telling import stage
from services.shared.contracts.evaluation import TrialOrder, TrialReport
from services.shared.contracts.search import Arm


@dataclass(frozen=True)
class Credit:
    """What an answer says about the sides."""

    record: str
    cited: Counter[str]
    abstained: bool
    rating: str | None

    @property
    def winner(self) -> str | None:
        """The side that more was cited of."""
        current, tried = self.cited[Arm.CURRENT], self.cited[Arm.TRIED]
        return None if current == tried else (Arm.TRIED if tried > current else Arm.CURRENT).value


def evaluate_trial(order: TrialOrder) -> TrialReport:
    """Read the records, and weigh the sides.

    Raises:
        EvaluationError: the platform fails.
    """
    wanted = {"collection": order.collection, "since": order.since.isoformat() if order.since else None}
    query = urlencode({name: value for name, value in wanted.items() if value is not None})
    with (
        stage("Reading records", total=1) as reading,
        Gateway(order.gateway_url, order.api_key, timeout_s=order.request_timeout_s, patience_s=order.patience_s) as at,
    ):
        lines = at.get(f"/api/records/export?{query}").splitlines()
        reading.advance()
    found = [credit for line in lines if (credit := credit_of(json.loads(line), order.trial)) is not None]
    return report_of(found, order)


def credit_of(record: dict[str, Any], trial: str) -> Credit | None:
    """The credit of a record; None when its results were not of this trial."""
    sides = {
        passage["number"]: place["arm"]
        for passage in record["passages"]
        if (place := passage["scores"].get("trial")) is not None and place["name"] == trial
    }
    if not sides:
        return None
    feedback = record.get("feedback") or {}
    wrong = set(feedback.get("wrong_citations") or [])
    numbers = {citation["number"] for citation in record["citations"]} - wrong
    return Credit(
        record=record["id"],
        cited=Counter(sides[number] for number in numbers if number in sides),
        abstained=bool(record["abstained"]),
        rating=feedback.get("rating"),
    )


def report_of(answers: Iterable[Credit], order: TrialOrder) -> TrialReport:
    """The sides beside each other."""
    found = list(answers)
    tried = {each.record: float(each.cited[Arm.TRIED]) for each in found}
    current = {each.record: float(each.cited[Arm.CURRENT]) for each in found}
    rated = {arm.value: Counter(each.rating for each in found if each.winner == arm and each.rating) for arm in Arm}
    return TrialReport(
        trial=order.trial,
        since=order.since,
        answers=len(found),
        abstained=sum(each.abstained for each in found),
        cited={arm.value: sum(each.cited[arm] for each in found) for arm in Arm},
        difference=difference(tried, current) if found else None,
        rated={arm: dict(counts) for arm, counts in rated.items() if counts},
    )
