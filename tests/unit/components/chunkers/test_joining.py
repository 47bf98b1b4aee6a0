"""A document's text is put together from its chunks."""

from services.shared.components.chunkers.joining import TextJoiner

_TEXT = "First part.\n\nSecond part goes on.\n  Third."


def _joined(spans: list[tuple[int, int]]) -> str:
    joiner = TextJoiner()
    return "".join(joiner.add(_TEXT[start:end], start=start, end=end) for start, end in spans)


def test_white_space_between_chunks_comes_back_so_that_places_stay() -> None:
    joined = _joined([(0, 11), (13, 33), (36, 42)])

    assert joined == "First part.\n\nSecond part goes on.\n\n\nThird."
    assert len(joined) == len(_TEXT)


def test_what_chunks_share_is_written_once() -> None:
    assert _joined([(0, 24), (13, 33), (20, 30), (25, 42)]) == _TEXT
