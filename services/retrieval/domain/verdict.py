"""A document's course in one sentence, and what to do about it."""

from collections.abc import Callable, Mapping

from services.retrieval.domain.course import Course, explained, fell_out, stages_of, unread_from
from services.shared.contracts.explain import ExplainRequest, Explanation, Outcome, Stage, StageName

Said = tuple[str, str]
"""The verdict and the advice."""

_CANDIDATES_SETTING = "RAGWORKS_RETRIEVAL_CANDIDATES"


def explanation_of(course: Course) -> Explanation:
    """The course with its verdict."""
    stage = fell_out(stages_of(course))
    verdict, advice = _SENTENCES[stage](course) if stage is not None else _found(course)
    return explained(course, verdict=verdict, advice=advice)


def not_readable(collection: str, request: ExplainRequest) -> Explanation:
    """What is said of a document that does not exist, and of one that the caller may not read: the same."""
    out = Stage(name=StageName.ACCESS, outcome=Outcome.OUT, note="nothing that you can search has this id or source")
    return Explanation(
        collection=collection,
        query=request.query,
        document=request.document,
        shown=False,
        answers=False,
        fell_out=StageName.ACCESS,
        verdict=f"There is no document '{request.document}' in '{collection}' that you can search.",
        advice="Name it by the id or source that 'ragworks documents list' shows; if it was ingested just now, wait "
        "for its job; if it is somebody else's, ask for access.",
        stages=[out, *unread_from(StageName.ACCESS)],
    )


def filtered_out(collection: str, request: ExplainRequest, *, compared: str) -> Explanation:
    """What is said of a document that the filters leave out; `compared` is what it has where they look."""
    stages = [
        Stage(name=StageName.ACCESS, outcome=Outcome.KEPT),
        Stage(name=StageName.FILTERS, outcome=Outcome.OUT, note=compared),
    ]
    return Explanation(
        collection=collection,
        query=request.query,
        document=request.document,
        shown=False,
        answers=False,
        fell_out=StageName.FILTERS,
        verdict=f"The filters leave it out: {compared}.",
        advice="Loosen the filters, or ingest the document with the attributes that they ask for.",
        stages=[*stages, *unread_from(StageName.FILTERS)],
    )


def _found(course: Course) -> Said:
    rank = course.ending.final.rank if course.ending and course.ending.final else None
    return (
        f"It is found at place {rank}, and an answer reads it.",
        "Nothing to do; if an answer leaves it unused, look at the answer's claims.",
    )


def _no_candidate(course: Course) -> Said:
    reasons: list[str] = []
    if course.sparse is not None and not course.words.found:
        reasons.append("none of the question's words occurs in it")
    elif course.sparse is not None:
        lacking = f" (it lacks {_list(course.words.missing)})" if course.words.missing else ""
        reasons.append(f"it stands at {_place(course.sparse.rank)} by words{lacking}")
    if course.dense is not None:
        reasons.append(f"it stands at {_place(course.dense.rank)} in meaning")
    said = ", and ".join(reasons)
    verdict = f"{said[0].upper()}{said[1:]}; only the first {course.candidates} of a ranking are looked at."
    ranks = [place.rank for place in (course.dense, course.sparse) if place is not None and place.rank is not None]
    deeper = f", or set {_CANDIDATES_SETTING} to {min(ranks)} or more" if ranks and min(ranks) <= 1000 else ""
    return verdict, f"Ask in the document's own words{deeper}; filters narrow what it competes with."


def _fused_low(course: Course) -> Said:
    place = course.fused
    verdict = f"Both rankings together put it at {_place(place.rank)}; only the first {course.depth} are read."
    return verdict, f"{_better_words(course)}, or ask for {place.rank} passages (limit, at most 100)."


def _repeated(course: Course) -> Said:
    better = course.ending.repeats if course.ending else None
    return (
        f"It says nearly the same as {better}, which is shown instead.",
        "That is the collection's wish (deduplication.near); a collection without it shows both.",
    )


def _below_limit(course: Course) -> Said:
    rank = course.ending.final.rank if course.ending and course.ending.final else None
    limit = course.request.limit
    by_reranker = ", where the reranker put it," if course.ending and course.ending.reranked else ","
    verdict = f"It is found at {_place(rank)}{by_reranker} and the search returns the first {limit}."
    return verdict, f"Ask for {rank} passages (limit). {_better_words(course)}."


def _not_for_answer(course: Course) -> Said:
    request, rank = course.request, course.ending.final.rank if course.ending and course.ending.final else None
    similarity = course.best_similarity
    if not course.is_near_enough:
        nearest = "unknown" if similarity is None else f"{similarity:.2f}"
        verdict = f"It is found at {_place(rank)}, but nothing is near enough to answer from: the best similarity is "
        return (
            f"{verdict}{nearest}, {request.min_similarity:g} is needed.",
            "Ask more precisely, or lower RAGWORKS_ORCHESTRATOR_MIN_SIMILARITY.",
        )
    return (
        f"It is found at {_place(rank)}, but an answer reads only the first {request.answer_passages} passages.",
        f"Set RAGWORKS_ORCHESTRATOR_PASSAGES to {rank} or more. {_better_words(course)}.",
    )


def _better_words(course: Course) -> str:
    if course.sparse is not None and course.words.missing:
        return f"It lacks {_list(course.words.missing)}: ask in its own words"
    return "Ask more precisely"


def _place(rank: int | None) -> str:
    return "a place far down" if rank is None else f"place {rank:,}"


def _list(words: list[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_SENTENCES: Mapping[StageName, Callable[[Course], Said]] = {
    StageName.CANDIDATES: _no_candidate,
    StageName.FUSION: _fused_low,
    StageName.REPEATS: _repeated,
    StageName.LIMIT: _below_limit,
    StageName.ANSWER: _not_for_answer,
}
