"""One question is one trace through every service it touches."""

from tests.e2e.clients import eventually, http_client, openai_client, upload
from tests.e2e.documents import LIGHTHOUSE
from tests.otlp_collector import Collector, ReceivedSpan
from tests.platforms import Platform

CHAT = "/v1/chat/completions"
TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"


def orphans(collector: Collector) -> list[ReceivedSpan]:
    """Spans of the trace whose parent has not been exported; each service exports on its own time."""
    spans = [span for span in collector.spans if span.trace_id == TRACE]
    known = {CALLER, *(span.span_id for span in spans)}
    return [span for span in spans if span.parent_id not in known]


def test_a_question_is_one_trace_through_gateway_orchestrator_retrieval_and_inference(
    platform: Platform, collector: Collector
) -> None:
    client = openai_client(platform)
    store = upload(client, "traced", {"lighthouse.md": LIGHTHOUSE})
    body = {"model": f"rag/{store.name}", "messages": [{"role": "user", "content": "Who keeps the lighthouse?"}]}
    with http_client(platform) as http:
        answer = http.post("/v1/chat/completions", json=body, headers={"traceparent": f"00-{TRACE}-{CALLER}-01"})
    assert answer.status_code == 200
    services = {f"ragworks-{name}" for name in ("gateway", "orchestrator", "retrieval", "inference")}
    steps = {"retrieve", "prompt", "generate", f"POST {CHAT}"}
    eventually(lambda: services <= collector.services_of(TRACE), within_s=20, what="spans of all four services")
    eventually(
        lambda: steps <= collector.names_of(TRACE), within_s=20, what="a span of each step, and the gateway's own"
    )
    eventually(lambda: not orphans(collector), within_s=20, what="the parent of every span")
    client.vector_stores.delete(store.id)
