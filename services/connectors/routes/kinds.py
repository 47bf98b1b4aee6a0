"""The kinds of connectors that are installed, and what each has to be told: enough to render a form."""

import inspect

from fastapi import APIRouter

from services.shared.components.connectors.connector import config_model
from services.shared.components.connectors.registry import UnknownKindError, connector_class, kinds
from services.shared.contracts.frozen import Frozen
from services.shared.contracts.tools import KindView

router = APIRouter()


class Kinds(Frozen):
    """All kinds."""

    kinds: list[KindView]


@router.get("/api/connector-kinds")
def list_kinds() -> Kinds:
    """The kinds by name, with the schemas of their configs; one whose package is broken says why."""
    return Kinds(kinds=[_view(each) for each in sorted(kinds())])


def _view(kind: str) -> KindView:
    try:
        found = connector_class(kind)
    except UnknownKindError as error:
        return KindView(kind=kind, about="", config={}, problem=str(error))
    about = (inspect.getdoc(found) or "").split("\n\n")[0]
    return KindView(kind=kind, about=about, config=config_model(found).model_json_schema())
