"""Whether a vector fits its collection. The engine takes NaN and malformed sparse vectors silently; we do not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

from services.vectordb.domain.fields import JsonObject, as_list, as_object
from services.vectordb.errors import FormatError, UnsupportedError, ValidationError, WrongInputError

MAX_FLOAT32 = 3.4028234663852886e38
_MAX_SPARSE_INDEX = 2**32 - 1
_INFERENCE_KEYS = frozenset({"text", "image", "object"})

Dense: TypeAlias = list[float]
Multi: TypeAlias = list[list[float]]


@dataclass(frozen=True)
class Sparse:
    """A sparse vector: unique indices and their values, equally long."""

    indices: list[int]
    values: list[float]


@dataclass(frozen=True)
class DenseSpace:
    """The shape every dense vector of one name has."""

    size: int
    is_multi: bool = False


@dataclass(frozen=True)
class VectorSpaces:
    """The named vectors of a collection; the unnamed one is called ''."""

    dense: Mapping[str, DenseSpace]
    sparse: frozenset[str]

    def check(self, name: str, value: object) -> Dense | Multi | Sparse:
        """The vector under this name when it fits; WrongInputError, ValidationError or FormatError otherwise."""
        space = self.dense.get(name)
        if space is not None:
            refuse_inference(value)
            return check_multi(value, space.size) if space.is_multi else check_dense(value, space.size)
        if name not in self.sparse:
            raise WrongInputError(f"Not existing vector name error: {name}")
        refuse_inference(value)
        return check_sparse(value)

    def check_point(self, value: object) -> dict[str, Dense | Multi | Sparse]:
        """All vectors of a point as it travels: an array for the unnamed vector, or an object of names."""
        if isinstance(value, list):
            return {"": self.check("", cast("object", value))}
        vectors = as_object(value, "vector")
        if not _INFERENCE_KEYS.isdisjoint(vectors) and _INFERENCE_KEYS.isdisjoint({*self.dense, *self.sparse}):
            raise UnsupportedError("Embedding text or images in the database (inference)")
        return {name: self.check(name, vector) for name, vector in vectors.items()}


def check_dense(value: object, size: int | None) -> Dense:
    """A vector of finite 32-bit floats, of the given size when it is known."""
    if not isinstance(value, list):
        raise FormatError("vector: expected an array of numbers")
    vector = cast("list[float]", value)
    if size is not None and len(vector) != size:
        raise WrongInputError(f"Vector dimension error: expected dim: {size}, got {len(vector)}")
    if not vector:
        raise WrongInputError("Vector dimension error: a vector cannot be empty")
    try:
        finite = min(vector) >= -MAX_FLOAT32 and max(vector) <= MAX_FLOAT32
    except TypeError as error:
        raise FormatError("vector: expected an array of numbers") from error
    if not finite:
        raise WrongInputError("vector: every value must be a finite 32-bit float")
    return vector


def check_multi(value: object, size: int | None) -> Multi:
    """A matrix of such vectors; a single vector counts as a matrix of one row."""
    rows = as_list(value, "vector")
    if rows and not isinstance(rows[0], list):
        return [check_dense(rows, size)]
    if not rows:
        raise WrongInputError("Vector dimension error: a multivector cannot be empty")
    return [check_dense(row, size) for row in rows]


def check_sparse(value: object) -> Sparse:
    """A sparse vector with unique indices, as many values, all finite."""
    body = as_object(value, "sparse vector")
    indices = as_list(body.get("indices"), "indices")
    values = as_list(body.get("values"), "values")
    if len(indices) != len(values):
        raise ValidationError("[values: must be the same length as indices]")
    if not indices:
        return Sparse([], [])
    numbers = cast("list[int]", indices)
    if set(map(type, numbers)) != {int} or min(numbers) < 0 or max(numbers) > _MAX_SPARSE_INDEX:
        raise FormatError("indices: expected unsigned 32-bit integers")
    if len(set(numbers)) != len(numbers):
        raise ValidationError("[indices: must be unique]")
    return Sparse(numbers, check_dense(values, None))


def query_vector(value: object) -> Dense | Multi | Sparse:
    """The vector of a query, whose shape alone tells its kind."""
    if isinstance(value, dict):
        refuse_inference(cast("JsonObject", value))
        return check_sparse(cast("JsonObject", value))
    rows = as_list(value, "query")
    return check_multi(rows, None) if rows and isinstance(rows[0], list) else check_dense(rows, None)


def refuse_inference(value: object) -> None:
    """Refuse text or an image where a vector belongs: embedding is the inference service's job."""
    if isinstance(value, dict) and not _INFERENCE_KEYS.isdisjoint(cast("JsonObject", value)):
        raise UnsupportedError("Embedding text or images in the database (inference)")
