"""Reports that were written before."""

from pathlib import Path

from pydantic import BaseModel, ValidationError

from pipelines.evaluate.failures import EvaluationError
from services.shared.contracts.answer_evaluation import AnswersReport
from services.shared.contracts.evaluation import RetrievalReport


class _Kind(BaseModel):
    kind: str


def read_report(path: str) -> RetrievalReport | AnswersReport:
    """The report of a file.

    Raises:
        EvaluationError: it cannot be read, or is none.
    """
    try:
        content = Path(path).read_bytes()
        kind = _Kind.model_validate_json(content).kind
        return (AnswersReport if kind == "answers" else RetrievalReport).model_validate_json(content)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise EvaluationError(f"{path} is not a report of 'ragworks eval': {place}: {first['msg']}.") from error
