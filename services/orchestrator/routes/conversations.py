"""`/api/conversations`: what the server remembers; everybody sees their own, the operator all."""

from functools import partial
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from services.orchestrator.adapters import conversations
from services.orchestrator.dependencies import CurrentParts, CurrentViewer, PageCursor
from services.orchestrator.domain.transcript import as_markdown
from services.orchestrator.schemas import Listing
from services.shared.contracts.openai import Deleted
from services.shared.contracts.responses import Conversation, ConversationInFull, RenameConversation

router = APIRouter(prefix="/api/conversations")


@router.get("")
async def list_conversations(cursor: PageCursor, parts: CurrentParts, viewer: CurrentViewer) -> Listing[Conversation]:
    """A page of the conversations, the newest first."""
    page = await parts.store.read(partial(conversations.page, cursor=cursor, viewer=viewer))
    return Listing.of(page, id_of=lambda conversation: conversation.id)


@router.get("/{conversation_id}")
async def get_conversation(conversation_id: str, parts: CurrentParts, viewer: CurrentViewer) -> ConversationInFull:
    """All that was said."""
    return await parts.store.read(partial(conversations.get, conversation_id=conversation_id, viewer=viewer))


@router.get("/{conversation_id}/export")
async def export_conversation(
    conversation_id: str, parts: CurrentParts, viewer: CurrentViewer, form: Literal["json", "markdown"] = "json"
) -> Response:
    """The same as a file, for programs or for people."""
    found = await get_conversation(conversation_id, parts, viewer)
    ending, kind = ("md", "text/markdown; charset=utf-8") if form == "markdown" else ("json", "application/json")
    content = as_markdown(found) if form == "markdown" else found.model_dump_json(indent=2)
    headers = {"content-disposition": f'attachment; filename="{found.id}.{ending}"'}
    return Response(content, media_type=kind, headers=headers)


@router.patch("/{conversation_id}")
async def rename_conversation(
    conversation_id: str, wanted: RenameConversation, parts: CurrentParts, viewer: CurrentViewer
) -> ConversationInFull:
    """Call it something else."""
    title = " ".join(wanted.title.split())
    await parts.store.write(partial(conversations.rename, conversation_id=conversation_id, title=title, viewer=viewer))
    return await get_conversation(conversation_id, parts, viewer)


@router.delete("/{conversation_id}")
async def delete_conversation(conversation_id: str, parts: CurrentParts, viewer: CurrentViewer) -> Deleted:
    """Forget it, with all its turns."""
    await parts.store.write(partial(conversations.remove, conversation_id=conversation_id, viewer=viewer))
    return Deleted(id=conversation_id, object="conversation")
