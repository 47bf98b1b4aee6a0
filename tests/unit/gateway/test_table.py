"""Which public path belongs to which service."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.table import RULES, Body, RoutingTable, Service
from services.shared.kit.errors import MethodNotAllowedError

TABLE = RoutingTable()


@pytest.mark.parametrize(
    ("method", "path", "service"),
    [
        ("POST", "/v1/vector_stores/vs_1/search", Service.RETRIEVAL),
        ("GET", "/v1/vector_stores/vs_1/files/file-1", Service.CORPUS),
        ("POST", "/v1/vector_stores/vs_1/search/more", Service.CORPUS),
        ("GET", "/v1/models/HuggingFaceTB/SmolLM2-135M", Service.ORCHESTRATOR),
        ("GET", "/api/documents/日本語 の 文書", Service.CORPUS),
        ("POST", "/api/chunks/preview", Service.CORPUS),
        ("PATCH", "/api/sources/handbook", Service.CORPUS),
        ("DELETE", "/api/principals/key:anna", Service.CORPUS),
        ("POST", "/api/syncs/sync-1/cancel", Service.CORPUS),
    ],
)
def test_the_first_rule_about_a_path_decides(method: str, path: str, service: Service) -> None:
    rule = TABLE.find(method, path)
    assert rule is not None
    assert rule.service is service


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/internal/search",
        "/v1",
        "/v1/",
        "/v1/files/",
        "/v1/files//x",
        "/v1/files/../x",
        "/v1/files/x/..",
        "/v1/files/./x",
        "/v1/files/%2e%2e/x",
        "/v1/files/x\\y",
        "/v1/files/x?y",
        "/v1/files/x#y",
        "/v1/files/x\ny",
        "/v1/files/x\n",
        "/v1/filesystem",
        "x/v1/files",
        "/api/keys",
        "/healthz",
    ],
)
def test_any_other_path_has_no_rule(path: str) -> None:
    assert TABLE.find("GET", path) is None


def test_dots_inside_a_name_are_no_trick() -> None:
    for name in ("report.v2..pdf", "..hidden", "a..", ".env", "..."):
        assert TABLE.find("GET", f"/v1/files/{name}") is not None


def test_a_known_path_with_another_method_names_its_methods() -> None:
    with pytest.raises(MethodNotAllowedError) as refused:
        TABLE.find("PATCH", "/v1/vector_stores/vs_1")
    assert refused.value.allowed == ("DELETE", "GET", "POST")


def test_uploads_are_the_only_bodies_that_are_not_json() -> None:
    uploads = [(rule.path, set(rule.methods)) for rule in RULES if rule.body is Body.UPLOAD]
    assert uploads == [("/v1/files", {"POST"}), ("/api/imports", {"POST"})]


@given(
    st.text(alphabet="/.%\\?#ab:\x00é", max_size=30), st.sampled_from(["/v1/files/", "/v1/models/", "/api/jobs/", ""])
)
def test_no_path_that_is_let_through_can_be_read_in_two_ways(tail: str, start: str) -> None:
    path = start + tail
    if TABLE.find("GET", path) is not None:
        segments = path.split("/")[1:]
        assert not {"", ".", ".."} & set(segments)
        assert not set("%\\?#\x00") & set(path)
