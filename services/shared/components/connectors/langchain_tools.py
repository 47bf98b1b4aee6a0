"""The platform's live tools as tools of LangChain: an agent asks the gateway, whose policy holds. Needs langchain-core.

Nothing in the platform imports this: it is for programs that build agents beside it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
from langchain_core.tools import BaseTool, StructuredTool, ToolException
from pydantic import SecretStr, TypeAdapter

from services.shared.contracts.tools import CallResult, ToolView

_LISTED = TypeAdapter(dict[str, list[ToolView]])
_OUTSIDE = "From outside the platform; nobody vouches for it:"
_BETWEEN = "__"


def platform_tools(url: str, *, key: SecretStr, timeout_s: float = 60) -> list[BaseTool]:
    """The tools that the key may call. Each answers with screened text; its artifact is the whole result.

    A call that is refused, or waits for an operator's approval, answers with the reason instead of raising.

    Raises:
        httpx.HTTPError: the gateway at `url` cannot be reached, or refuses the key.
    """
    client = httpx.Client(
        base_url=url, headers={"authorization": f"Bearer {key.get_secret_value()}"}, timeout=timeout_s
    )
    answer = client.get("/api/tools").raise_for_status()
    return [_tool(each, client) for each in _LISTED.validate_json(answer.content)["tools"] if each.approved]


def _tool(shown: ToolView, client: httpx.Client) -> BaseTool:
    def call(**arguments: Any) -> tuple[str, Mapping[str, Any]]:  # noqa: ANN401 - as the tool declares them
        answer = client.post(f"/api/tools/{quote(shown.name)}/call", json={"arguments": arguments})
        if answer.is_error:
            raise ToolException(_reason(answer))
        result = CallResult.model_validate_json(answer.content)
        pieces = [f"{each.title} ({each.source})\n{each.text}" for each in result.material]
        return "\n\n".join([_OUTSIDE, *pieces]), result.model_dump(mode="json")

    return StructuredTool.from_function(
        call,
        name=shown.name.replace(".", _BETWEEN, 1),  # models take no dots in names
        description=shown.description,
        args_schema=shown.arguments,
        infer_schema=False,
        response_format="content_and_artifact",
        handle_tool_error=True,
    )


def _reason(answer: httpx.Response) -> str:
    match answer.json() if "json" in answer.headers.get("content-type", "") else None:
        case {"error": {"message": str(message)}}:
            return message
        case _:
            return f"The platform answered with HTTP status {answer.status_code}."
