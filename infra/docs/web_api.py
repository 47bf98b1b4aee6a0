"""Writes what the web pages know of the API: the platform's contracts as one OpenAPI document.

`python -m infra.docs.web_api` writes it, `--check` only says whether it is current. The web build makes TypeScript
types of it. It holds the bodies alone; which paths there are, the gateway's table says.
"""

import sys
from pathlib import Path

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.gateway.schemas import CreatedKey, KeyView, NewKey, SessionView
from services.shared.contracts import answers, explain, fleet, openai, records, requests, responses, sources, tools
from services.shared.contracts import corpus as corpora
from services.shared.contracts.documents import DocumentChunk
from services.shared.contracts.receipts import DeletedSource, DeletedWithReceipt, Receipt, Verification
from services.shared.contracts.search import SearchRequest, SearchResponse
from services.shared.contracts.statistics import CollectionStatistics

_TARGET = Path(__file__).resolve().parents[2] / "services" / "frontend" / "web" / "src" / "api" / "openapi.json"

ANSWERED: tuple[type[BaseModel], ...] = (
    CreatedKey,
    KeyView,
    SessionView,
    answers.Claim,
    answers.Searched,
    openai.Citation,
    openai.FileObject,
    openai.Model,
    responses.Conversation,
    responses.ConversationInFull,
    records.Record,
    records.RecordSummary,
    requests.LoggedRequest,
    requests.RequestSummary,
    fleet.ModelView,
    sources.Source,
    sources.SourceItem,
    sources.Sync,
    sources.SyncChange,
    tools.ApprovalView,
    tools.CallRecord,
    tools.CallResult,
    tools.ConnectorView,
    tools.ToolView,
    DeletedSource,
    corpora.CountedCollection,
    corpora.Document,
    corpora.DocumentProgress,
    corpora.Job,
    CollectionStatistics,
    DocumentChunk,
    DeletedWithReceipt,
    Receipt,
    Verification,
    SearchResponse,
    explain.Explanation,
)
ASKED: tuple[type[BaseModel], ...] = (
    NewKey,
    responses.RenameConversation,
    sources.CreateSource,
    tools.CallRequest,
    SearchRequest,
    explain.ExplainRequest,
    records.FeedbackRequest,
    corpora.CreateCollection,
    corpora.CreateJob,
)


def document() -> bytes:
    """The document, with its keys in order."""
    kinds = [(model, "serialization") for model in ANSWERED] + [(model, "validation") for model in ASKED]
    _, schemas = models_json_schema(kinds, ref_template="#/components/schemas/{model}")  # pyright: ignore[reportArgumentType]
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Ragworks", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas["$defs"]},
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def main(arguments: list[str]) -> int:
    """Write the document, or check it."""
    wanted = document()
    if "--check" in arguments:
        if _TARGET.is_file() and _TARGET.read_bytes() == wanted:
            return 0
        print(f"{_TARGET.name} is out of date: run 'make docs'.", file=sys.stderr)
        return 1
    _TARGET.parent.mkdir(parents=True, exist_ok=True)
    _TARGET.write_bytes(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
