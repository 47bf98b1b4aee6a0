"""What is said of a document's way through a search, for courses that a small collection does not have."""

from dataclasses import replace

from services.retrieval.domain.course import Course, Ending, Place
from services.retrieval.domain.filtering import compared_values
from services.retrieval.domain.verdict import explanation_of
from services.shared.contracts.explain import ExplainedChunk, ExplainRequest, Outcome, QuestionWords, StageName
from services.shared.contracts.search import ComparisonFilter, CompoundFilter
from tests.unit.retrieval.passages import passage

_FAR = Place(0.1, None, 0.4, kept=False)
_NEAR = Place(0.9, 1, 0.4, kept=True)
_COURSE = Course(
    request=ExplainRequest(collection="c", query="late ferry", document="d"),
    collection="c",
    chunk=ExplainedChunk(id="i", document_id="d", source="d.md", title="D", index=0, page=None, text="Ferry."),
    words=QuestionWords(found=["ferry"], missing=["late"]),
    compared="",
    candidates=50,
    depth=20,
    dense=_NEAR,
    sparse=_NEAR,
    fused=_NEAR,
    ending=Ending(phrases=None, ordered=_NEAR, repeats=None, reranked=None, final=_NEAR),
    best_similarity=0.9,
    has_all_words=False,
    looks_for_repeats=False,
    reranks=0,
    rerank_failed=False,
)


def _note(course: Course, name: StageName) -> str:
    return next(stage.note for stage in explanation_of(course).stages if stage.name is name)


def test_a_place_too_far_down_to_look_for_has_no_number() -> None:
    found = explanation_of(replace(_COURSE, dense=_FAR, sparse=_FAR, fused=_FAR, ending=None))
    assert found.verdict == (
        "It stands at a place far down by words (it lacks 'late'), and it stands at a place far down in meaning; only "
        "the first 50 of a ranking are looked at."
    )
    assert "RAGWORKS_RETRIEVAL_CANDIDATES" not in found.advice


def test_a_near_chunk_that_the_index_missed_is_told_as_such() -> None:
    missed = Place(0.8, 7, 0.4, kept=False)
    assert "approximate" in _note(replace(_COURSE, dense=missed), StageName.DENSE)


def test_a_similarity_counts_for_what_words_found() -> None:
    missed = Place(0.3, 80, 0.4, kept=False)
    assert _note(replace(_COURSE, dense=missed), StageName.DENSE).startswith("79 chunks are nearer in meaning; its")


def test_an_answer_is_judged_by_its_own_limits() -> None:
    second = Place(0.5, 2, 0.9, kept=False)
    course = replace(
        _COURSE,
        request=_COURSE.request.model_copy(update={"limit": 1}),
        ending=Ending(phrases=None, ordered=_NEAR, repeats=None, reranked=None, final=second),
    )
    found = explanation_of(course)
    assert (found.shown, found.answers, found.fell_out) == (False, True, StageName.LIMIT)
    assert {stage.outcome for stage in found.stages} == {Outcome.KEPT, Outcome.UNUSED, Outcome.OUT}


def test_values_that_filters_compare_are_named_once_and_as_they_are() -> None:
    chunk = passage("a", "text").chunk.model_copy(update={"attributes": {"year": 2024.0}, "page": 3})
    keys = [ComparisonFilter(type="eq", key=key, value=1) for key in ("year", "page", "team", "year")]
    nested = CompoundFilter(type="or", filters=[keys[0], CompoundFilter(type="and", filters=list(keys))])
    assert compared_values(nested, chunk) == "year is 2024.0, page is 3, it has no team"
    assert compared_values(None, chunk) == ""
