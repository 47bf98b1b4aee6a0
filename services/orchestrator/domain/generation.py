"""What is known of a generation when it has ended."""

from dataclasses import dataclass, field

from services.orchestrator.domain.ports import Delta
from services.shared.contracts.openai import Usage


@dataclass
class GenerationEnd:
    """Collects from its deltas what a model said, why it ended, and when its first token came."""

    reason: str = "stop"
    usage: Usage = field(default_factory=Usage)
    timings_ms: dict[str, float] = field(default_factory=dict[str, float])
    _pieces: list[str] = field(default_factory=list[str])

    @property
    def text(self) -> str:
        """What the model said, as it said it."""
        return "".join(self._pieces)

    def note(self, delta: Delta, *, after_ms: float) -> None:
        """Keep what a delta says, which came so long after the question."""
        self.reason = delta.finish_reason or self.reason
        self.usage = delta.usage or self.usage
        self._pieces.append(delta.text)
        if delta.text and not self.timings_ms:
            self.timings_ms = {"first_token": after_ms}
