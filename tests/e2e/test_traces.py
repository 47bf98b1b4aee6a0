"""One question is one trace through every service it touches."""

from tests.e2e.clients import eventually, http_client, openai_client, upload
from tests.e2e.documents import LIGHTHOUSE
from tests.otlp_collector import Collector
from tests.platforms import Platform

CHAT = "/v1/chat/completions"
TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_question_is_one_trace_through_gateway_orchestrator_retrieval_and_inference(
    platform: Platform, collector: Collector
) -> None:
    client = openai_client(platform)
    store = upload(client, "traced", {"lighthouse.md": LIGHTHOUSE})
    body = {"model": f"rag/{store.name}", "messages": [{"role": "user", "content": "Who keeps the lighthouse?"}]}
    with http_client(platform) as http:
        answer = http.post(
            "/v1/chat/completions", json=body, headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        )
    assert answer.status_code == 200
    expected = {f"ragworks-{name}" for name in ("gateway", "orchestrator", "retrieval", "inference")}
    eventually(lambda: expected <= collector.services_of(TRACE), within_s=20, what="spans of all four services")
    steps = {"retrieve", "prompt", "generate"}
    eventually(lambda: steps <= collector.names_of(TRACE), within_s=20, what="a span of each step")
    eventually(lambda: (f"POST {CHAT}") in collector.names_of(TRACE), within_s=20, what="the gateway's own span")
    ids = {span.span_id for span in collector.spans if span.trace_id == TRACE}
    orphans = [s for s in collector.spans if s.trace_id == TRACE and s.parent_id not in ids | {"b7ad6b7169203331"}]
    assert not orphans
    client.vector_stores.delete(store.id)
