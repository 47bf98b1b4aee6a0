"""What is counted of tools; the outcome is `ok`, `cached` or the code of the refusal or failure."""

from prometheus_client import Counter, Histogram

CALLS = Counter("ragworks_tool_calls", "Calls of tools, by outcome.", ["tool", "outcome"])
SECONDS = Histogram(
    "ragworks_tool_call_seconds",
    "Time of a call that reached the outside system.",
    ["tool"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
