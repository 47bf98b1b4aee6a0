"""The course of one document through a search, as stages that a reader can follow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.shared.contracts.explain import (
    ExplainedChunk,
    ExplainRequest,
    Explanation,
    Outcome,
    QuestionWords,
    Stage,
    StageName,
)


@dataclass(frozen=True)
class Place:
    """Where a chunk stands in a ranking."""

    score: float | None
    """None: the ranking cannot have it, as no word of the question occurs in it."""
    rank: int | None
    """None: it has none, or stands further down than was looked."""
    last: float | None
    """The score of the last one that is kept; None when nothing has to go."""
    kept: bool


@dataclass(frozen=True)
class Ending:
    """What became of a chunk that was read."""

    phrases: float | None
    """What words that stand together gave; None: not counted."""
    ordered: Place
    """Where it stood when the texts were known."""
    repeats: str | None
    """The source of a better passage that says nearly the same."""
    reranked: Place | None
    """Where the reranker put it; None: it was not asked, or did not read it."""
    final: Place | None
    """Where it stands in what is shown; None when it repeats another."""


@dataclass(frozen=True)
class Course:
    """All that is known of the document's way."""

    request: ExplainRequest
    collection: str
    chunk: ExplainedChunk
    words: QuestionWords
    compared: str
    """What the filters compared, as the chunk has it."""
    candidates: int
    depth: int
    """How many chunks of the fused ranking are read."""
    dense: Place | None
    """None: this search does not rank so."""
    sparse: Place | None
    fused: Place
    """Its score is what it would be, where it is no candidate."""
    ending: Ending | None
    """None: it was not read."""
    best_similarity: float | None
    """Of the passages that an answer reads."""
    has_all_words: bool
    """Whether one of them has all of several words of the question."""
    looks_for_repeats: bool
    reranks: int
    """How many passages the reranker reads; 0: there is none."""
    rerank_failed: bool

    @property
    def is_near_enough(self) -> bool:
        """Whether an answer is looked for: a passage is near in meaning, or has all of the question's words."""
        near = self.best_similarity is not None and self.best_similarity >= self.request.min_similarity
        return near or self.has_all_words

    @property
    def is_candidate(self) -> bool:
        """Whether either ranking returned it."""
        return any(place is not None and place.kept for place in (self.dense, self.sparse))


def stages_of(course: Course) -> list[Stage]:
    """Every stage, those that were not reached included."""
    makers: Sequence[Callable[[Course], Stage]] = (_candidates, _fusion, _phrases, _repeats, _rerank, _limit)
    stages = [
        Stage(name=StageName.ACCESS, outcome=Outcome.KEPT),
        Stage(
            name=StageName.FILTERS,
            outcome=Outcome.KEPT if course.request.filters else Outcome.UNUSED,
            note=course.compared,
        ),
        _dense(course),
        _sparse(course),
    ]
    for make in makers:
        reached = all(stage.outcome is not Outcome.OUT for stage in stages)
        made = make(course)
        stages.append(made if reached else made.model_copy(update={"outcome": Outcome.NOT_REACHED}))
    return [*stages, _answer(course)]


def unread_from(stage: StageName) -> list[Stage]:
    """The stages after this one, none of them reached."""
    names = list(StageName)
    return [Stage(name=name, outcome=Outcome.NOT_REACHED) for name in names[names.index(stage) + 1 :]]


def fell_out(stages: Sequence[Stage]) -> StageName | None:
    """The first stage that did not keep it."""
    return next((stage.name for stage in stages if stage.outcome is Outcome.OUT), None)


def explained(course: Course, *, verdict: str, advice: str) -> Explanation:
    """The whole explanation."""
    stages = stages_of(course)
    kept = {stage.name for stage in stages if stage.outcome is Outcome.KEPT}
    return Explanation(
        collection=course.collection,
        query=course.request.query,
        document=course.request.document,
        shown=StageName.LIMIT in kept,
        answers=StageName.ANSWER in kept,
        fell_out=fell_out(stages),
        verdict=verdict,
        advice=advice,
        chunk=course.chunk,
        words=course.words,
        stages=stages,
    )


def _dense(course: Course) -> Stage:
    place = course.dense
    if place is None:
        return Stage(name=StageName.DENSE, outcome=Outcome.UNUSED)
    note = ""
    if not place.kept:
        note = _missed_by_meaning(place, course.candidates)
        if course.sparse is not None and course.sparse.kept:
            note += "; its similarity counts all the same, as it is found by its words"
    return _of_place(StageName.DENSE, place, course.candidates, note)


def _missed_by_meaning(place: Place, candidates: int) -> str:
    if place.rank is None:
        return "far down"
    if place.rank <= candidates:
        return "near enough, but the vector index is approximate and missed it"
    return f"{place.rank - 1:,} chunks are nearer in meaning"


def _sparse(course: Course) -> Stage:
    place, words = course.sparse, course.words
    if place is None or not (words.found or words.missing):
        why = "the question has only words that are not looked up" if place is not None else ""
        return Stage(name=StageName.SPARSE, outcome=Outcome.UNUSED, note=why)
    parts = [f"{name} {', '.join(some)}" for name, some in (("has", words.found), ("lacks", words.missing)) if some]
    return _of_place(StageName.SPARSE, place, course.candidates, "; ".join(parts))


def _candidates(course: Course) -> Stage:
    return Stage(
        name=StageName.CANDIDATES,
        outcome=Outcome.KEPT if course.is_candidate else Outcome.OUT,
        kept=course.candidates,
        note="" if course.is_candidate else f"not among the first {course.candidates} of any ranking",
    )


def _fusion(course: Course) -> Stage:
    place = course.fused
    note = "" if course.is_candidate else "what it would score"
    stage = _of_place(StageName.FUSION, place, course.depth, note)
    return stage if place.kept else stage.model_copy(update={"outcome": Outcome.OUT})


def _phrases(course: Course) -> Stage:
    ending = course.ending
    if ending is None or ending.phrases is None:
        return Stage(name=StageName.PHRASES, outcome=Outcome.UNUSED)
    note = f"words together as in the question: {ending.phrases:.2f} of the best"
    return _of_place(StageName.PHRASES, ending.ordered, course.depth, note)


def _repeats(course: Course) -> Stage:
    if course.ending is None or not course.looks_for_repeats:
        return Stage(name=StageName.REPEATS, outcome=Outcome.UNUSED)
    better = course.ending.repeats
    if better is None:
        return Stage(name=StageName.REPEATS, outcome=Outcome.KEPT)
    return Stage(name=StageName.REPEATS, outcome=Outcome.OUT, note=f"says nearly the same as {better}")


def _rerank(course: Course) -> Stage:
    """It keeps what it does not read, too, below what it reads."""
    place = course.ending.reranked if course.ending else None
    if not course.reranks:
        return Stage(name=StageName.RERANK, outcome=Outcome.UNUSED)
    if place is not None:
        return _of_place(StageName.RERANK, place, course.reranks, "")
    why = "the reranker is down" if course.rerank_failed else "below what the reranker reads"
    return Stage(name=StageName.RERANK, outcome=Outcome.MISSED, kept=course.reranks, note=why)


def _limit(course: Course) -> Stage:
    place = course.ending.final if course.ending else None
    if place is None:
        return Stage(name=StageName.LIMIT, outcome=Outcome.NOT_REACHED, kept=course.request.limit)
    stage = _of_place(StageName.LIMIT, place, course.request.limit, "")
    return stage if place.kept else stage.model_copy(update={"outcome": Outcome.OUT})


def _answer(course: Course) -> Stage:
    """By its own limits: an answer may read more than a search shows."""
    request = course.request
    place = course.ending.final if course.ending else None
    if place is None or place.rank is None:
        return Stage(name=StageName.ANSWER, outcome=Outcome.NOT_REACHED, kept=request.answer_passages)
    near = course.is_near_enough
    kept = near and place.rank <= request.answer_passages
    nearest = "none" if course.best_similarity is None else f"{course.best_similarity:.2f}"
    return Stage(
        name=StageName.ANSWER,
        outcome=Outcome.KEPT if kept else Outcome.OUT,
        score=course.best_similarity,
        needed=request.min_similarity,
        rank=place.rank,
        kept=request.answer_passages,
        note="" if near else f"no passage is near enough: {nearest}, {request.min_similarity:g} is needed",
    )


def _of_place(name: StageName, place: Place, kept: int, note: str) -> Stage:
    outcome = Outcome.KEPT if place.kept else Outcome.MISSED
    return Stage(
        name=name, outcome=outcome, score=place.score, needed=place.last, rank=place.rank, kept=kept, note=note
    )
