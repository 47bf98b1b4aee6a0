"""Archives: what is written comes back, and nothing that was changed, cut off or slipped in passes."""

import hashlib
import io
import tarfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.shared.components.archives import vectors
from services.shared.components.archives.layout import HEADER, InvalidArchiveError, Limits, part_name
from services.shared.components.archives.reader import ArchiveReader, Found, OriginalPiece, Part
from services.shared.components.embedders.sparse import SparseVector
from services.shared.contracts.archives import ArchiveManifest
from services.shared.kit.errors import PayloadTooLargeError, PlatformError
from tests.unit.components.archives.archive_files import Members, header, members, pack, vector

LIMITS = Limits(archive=10**9, original=10**6, part=10**6)
PACKED = pack(members())


def read(archive: bytes, *, pieces: int = 1_000_000, limits: Limits = LIMITS) -> list[Found]:
    """All that an archive holds, fed in pieces."""
    reader = ArchiveReader(limits)
    found = [each for start in range(0, len(archive), pieces) for each in reader.feed(archive[start : start + pieces])]
    reader.close()
    return found


@given(pieces=st.integers(1, 3000), content=st.binary(max_size=2000))
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read_however_the_bytes_come(pieces: int, content: bytes) -> None:
    found = read(pack(members(content)), pieces=pieces)

    assert b"".join(each.data for each in found if isinstance(each, OriginalPiece)) == content
    assert [each.kind for each in found if isinstance(each, Part)] == ["documents", "chunks", "vectors"]
    assert isinstance(found[-1], ArchiveManifest)


@given(place=st.integers(0, len(PACKED) - 1), bit=st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_no_bit_of_a_members_content_can_be_changed(place: int, bit: int) -> None:
    changed = bytearray(PACKED)
    changed[place] ^= 1 << bit
    try:
        found = read(bytes(changed))
    except PlatformError:
        return
    assert found == read(PACKED)  # it was in padding, or in a field of the tar that says nothing about a content


@given(length=st.integers(0, len(PACKED.rstrip(b"\0"))))
@settings(max_examples=100, deadline=None)
def test_an_archive_that_breaks_off_is_refused(length: int) -> None:
    with pytest.raises(InvalidArchiveError):
        read(PACKED[:length])


def test_checksums_are_those_of_sha256sum() -> None:
    with tarfile.open(fileobj=io.BytesIO(PACKED)) as tar:
        contents = {each.name: file.read() for each in tar if (file := tar.extractfile(each))}
    sums = contents.pop("SHA256SUMS").decode().splitlines()

    assert sums == [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in contents.items()]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "originals/../x", "documents/1.jsonl", "originals/aa/" + "b" * 64, "x"]
)
def test_a_member_that_has_no_place_is_refused(name: str) -> None:
    contents = members()
    with pytest.raises(InvalidArchiveError, match="no place"):
        read(pack([contents[0], (name, b""), *contents[1:]]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.CHRTYPE, b"x"])
def test_anything_but_a_file_is_refused(kind: bytes) -> None:
    member = tarfile.TarInfo(HEADER)
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(InvalidArchiveError, match="no plain file"):
        read(member.tobuf(tarfile.GNU_FORMAT) + PACKED)


def _without_a_part(contents: Members) -> Members:
    return [*contents[:2], (part_name("documents", 2), contents[2][1]), *contents[3:]]


def _without_vectors(contents: Members) -> Members:
    return [*contents[:4], contents[5]]


def _twice(contents: Members) -> Members:
    return [contents[0], *contents]


def _without_header(contents: Members) -> Members:
    return contents[1:]


def _with_more_behind(contents: Members) -> Members:
    return [*contents, contents[1]]


@pytest.mark.parametrize("change", [_without_a_part, _without_vectors, _twice, _without_header, _with_more_behind])
def test_members_that_are_not_where_they_were_written_are_refused(change: Callable[[Members], Members]) -> None:
    with pytest.raises(InvalidArchiveError):
        read(pack(change(members())))


def test_an_unknown_format_version_is_refused_by_its_number() -> None:
    newer = header(format_version=7)
    with pytest.raises(InvalidArchiveError, match="version 7") as refused:
        read(pack([(HEADER, newer), *members()[1:]]))
    assert refused.value.code == "unknown_archive_version"


@pytest.mark.parametrize("content", [b"", b"no tar", b"\x1f\x8b" + bytes(1000), bytes(2048)])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidArchiveError):
        read(content)


@pytest.mark.parametrize("limits", [Limits(10_000, 10**6), Limits(10**9, 6), Limits(10**9, 10**6, part=20)])
def test_what_is_over_a_limit_is_refused(limits: Limits) -> None:
    with pytest.raises(PayloadTooLargeError):
        read(PACKED + bytes(10_000), limits=limits)


@given(st.lists(st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3), min_size=1, max_size=5), st.data())
@settings(max_examples=50, deadline=None)
def test_vectors_come_back_bit_by_bit(dense: list[list[float]], data: st.DataObject) -> None:
    terms = st.dictionaries(st.integers(0, 2**32 - 1), st.floats(0, 100, width=32), max_size=4)
    sparse = [SparseVector(list(each), list(each.values())) for each in data.draw(st.tuples(*[terms] * len(dense)))]
    written = list(zip(dense, sparse, strict=True))

    assert vectors.unpack(vectors.pack(written), count=len(dense), dimensions=3) == written


@pytest.mark.parametrize(
    "content", [b"", b"PK", vector(3), vector().replace(b"(1, 4)", b"(9, 4)"), vector().replace(b"<f4", b"|O4")]
)
def test_vectors_that_are_not_as_written_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidArchiveError):
        vectors.unpack(content, count=1, dimensions=4)
