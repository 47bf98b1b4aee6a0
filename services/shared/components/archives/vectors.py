"""Vectors of chunks as NumPy's own file format, which every data tool reads."""

import io
import math
import zipfile
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.shared.components.archives.layout import InvalidArchiveError
from services.shared.components.embedders.sparse import SparseVector

_ARRAYS = {"dense": "<f4", "bm25_offsets": "<i8", "bm25_indices": "<u4", "bm25_values": "<f4"}

Vectors = tuple[Sequence[float], SparseVector]


def pack(vectors: Sequence[Vectors]) -> bytes:
    """The vectors, a row each; row i of BM25 is from `bm25_offsets[i]` to `bm25_offsets[i + 1]`."""
    lengths = [len(sparse.indices) for _, sparse in vectors]
    arrays = {
        "dense": np.asarray([dense for dense, _ in vectors], dtype="<f4"),
        "bm25_offsets": np.cumsum([0, *lengths], dtype="<i8"),
        "bm25_indices": np.fromiter((each for _, sparse in vectors for each in sparse.indices), dtype="<u4"),
        "bm25_values": np.fromiter((each for _, sparse in vectors for each in sparse.values), dtype="<f4"),
    }
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def unpack(content: bytes, *, count: int, dimensions: int) -> list[Vectors]:
    """The vectors of `count` chunks.

    Raises:
        InvalidArchiveError: they are not what an export writes.
    """
    arrays = _arrays(content)
    dense, offsets = arrays["dense"], arrays["bm25_offsets"]
    indices, values = arrays["bm25_indices"], arrays["bm25_values"]
    fits = dense.shape == (count, dimensions) and offsets.shape == (count + 1,) and indices.shape == values.shape
    bounds = fits and offsets[0] == 0 and offsets[-1] == len(indices) and bool(np.all(np.diff(offsets) >= 0))
    if not bounds or not np.isfinite(dense).all() or not np.isfinite(values).all():
        raise _unusable(f"they are not {count} vectors of {dimensions} dimensions")
    rows, ends = dense.tolist(), offsets.tolist()
    return [
        (rows[i], SparseVector(indices[ends[i] : ends[i + 1]].tolist(), values[ends[i] : ends[i + 1]].tolist()))
        for i in range(count)
    ]


def _arrays(content: bytes) -> dict[str, NDArray[np.generic]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            stored = {each.filename: each for each in packed.infolist()}
            if set(stored) != {f"{name}.npy" for name in _ARRAYS}:
                raise _unusable("the arrays are others")
            if any(each.compress_type != zipfile.ZIP_STORED for each in stored.values()):
                raise _unusable("they are compressed")  # which could hide any size
            return {name: _array(packed.read(f"{name}.npy"), kind) for name, kind in _ARRAYS.items()}
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, RuntimeError) as error:
        raise _unusable(str(error)) from error


def _array(content: bytes, kind: str) -> NDArray[np.generic]:
    """The array, of no more than the bytes that are there, whatever its header says."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise _unusable("the arrays are in another version of their format")
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
    data = memoryview(content)[file.tell() :]
    if dtype != np.dtype(kind) or by_columns or math.prod(shape) * dtype.itemsize != len(data):
        raise _unusable("the arrays have other types or sizes")
    return np.frombuffer(data, dtype).reshape(shape)


def _unusable(detail: str) -> InvalidArchiveError:
    return InvalidArchiveError(f"The vectors of the archive cannot be read: {detail}.")
