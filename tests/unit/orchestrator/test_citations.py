"""How an answer's claims are checked, marked and cited while it streams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orchestrator.domain.checking import CheckRules, ClaimChecker
from services.orchestrator.domain.citations import CheckedAnswer
from services.orchestrator.domain.sources import number_sources
from services.shared.contracts.answers import UnsupportedPolicy, Verdict
from services.shared.contracts.search import Passage
from tests.unit.orchestrator.passages import passage

RULES = CheckRules(min_support=0.6, undecided_from=0.3, min_similarity=0.75, comparisons=0)
GATEWAY = passage(
    "The gateway listens on port 8080 and asks for an API key. It was built on 12 March 2024 by Dr. Ada Long in Oslo.",
    index=0,
)
KEYS = passage("The key lies in the file var/secrets/api.key.", index=1, headings=("Keys",))


class Asked(CheckedAnswer):
    """An answer, streamed in pieces."""

    async def stream(self, text: str, piece: int) -> str:
        shown = [await self.feed(text[at : at + piece]) for at in range(0, len(text), piece)]
        return "".join(shown) + await self.finish()


def answer(*passages: Passage, policy: UnsupportedPolicy = UnsupportedPolicy.MARK) -> Asked:
    sources = number_sources(passages or (GATEWAY, KEYS))
    return Asked(ClaimChecker("How is the gateway reached?", sources, RULES), policy)


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
async def test_each_supported_sentence_gets_its_number_however_the_stream_is_cut(piece: int) -> None:
    asked = answer()
    shown = await asked.stream("The gateway listens on port 8080. The key lies in var/secrets/api.key.", piece)
    assert shown == "The gateway listens on port 8080 [1]. The key lies in var/secrets/api.key [2]."
    assert [citation.number for citation in asked.citations()] == [1, 2]


async def test_a_mark_says_where_it_stands_in_the_answer() -> None:
    asked = answer()
    shown = await asked.stream("The gateway listens on port 8080. The key lies in var/secrets/api.key.", 3)
    assert [shown[mark.start : mark.end] for mark in asked.marks] == ["[1]", "[2]"]


async def test_a_number_that_stands_in_no_passage_is_never_cited() -> None:
    asked = answer()
    assert await asked.stream("The gateway listens on port 9090.", 4) == (
        "The gateway listens on port 9090 [unverified: 9090]."
    )
    assert asked.citations() == []
    assert asked.claims[0].verdict is Verdict.PARTLY


async def test_numbers_the_model_wrote_are_replaced_by_what_is_supported() -> None:
    shown = await answer().stream("The gateway listens on port 8080 [7]. Bananas are yellow [1].", 2)
    assert shown == "The gateway listens on port 8080 [1]. Bananas are yellow [unverified]."


@pytest.mark.parametrize("piece", [1, 1000])
async def test_a_question_is_no_claim_even_where_a_passage_holds_all_its_words(piece: int) -> None:
    asked = answer()
    text = "The gateway listens on port 8080? The key lies in var/secrets/api.key."
    assert (
        await asked.stream(text, piece) == "The gateway listens on port 8080? The key lies in var/secrets/api.key [2]."
    )
    assert [claim.text for claim in asked.claims] == ["The key lies in var/secrets/api.key"]


@pytest.mark.parametrize("text", ["It costs 3.50 a piece.", "It was built by Dr. Long.", "See e.g. the docs."])
async def test_a_full_stop_inside_a_sentence_does_not_end_it(text: str) -> None:
    shown = await answer(policy=UnsupportedPolicy.OFF).stream(text, 1)
    assert shown.replace(" [1]", "") == text


async def test_the_quote_is_the_sentence_and_its_span_that_of_the_document() -> None:
    chunk = GATEWAY.chunk.model_copy(update={"char_start": 500, "char_end": 500 + len(GATEWAY.chunk.text)})
    asked = answer(GATEWAY.model_copy(update={"chunk": chunk}))
    await asked.stream("It was built in Oslo by Ada Long.", 5)
    (citation,) = asked.citations()
    assert citation.quote == "It was built on 12 March 2024 by Dr. Ada Long in Oslo."
    document = " " * 500 + GATEWAY.chunk.text
    assert document[citation.char_start : citation.char_end] == citation.quote
    assert (citation.chunk_char_start, citation.chunk_char_end) == (chunk.char_start, chunk.char_end)


async def test_a_passage_quoted_at_two_places_is_listed_for_each_under_one_number() -> None:
    asked = answer()
    await asked.stream("The gateway listens on port 8080. It was built in Oslo by Ada Long.", 5)
    assert [(each.number, each.quote[:11]) for each in asked.citations()] == [(1, "The gateway"), (1, "It was buil")]


async def test_clauses_from_two_passages_are_cited_for_both() -> None:
    asked = answer()
    shown = await asked.stream("The gateway listens on port 8080, and the key lies in the file api.key.", 5)
    assert shown.endswith(" [1][2].")
    assert [claim.text for claim in asked.claims] == [
        "The gateway listens on port 8080",
        "and the key lies in the file api.key",
    ]


async def test_a_sentence_with_one_unsupported_clause_is_not_shown_as_cited() -> None:
    asked = answer()
    shown = await asked.stream("The gateway listens on port 8080, and sharks swim in the harbour.", 5)
    assert shown.endswith(" [unverified].")
    assert [claim.verdict for claim in asked.claims] == [Verdict.SUPPORTED, Verdict.UNSUPPORTED]


async def test_a_denial_is_not_supported_by_the_statement_it_denies() -> None:
    asked = answer()
    await asked.stream("The gateway never listens on port 8080.", 5)
    assert [claim.verdict for claim in asked.claims] == [Verdict.PARTLY]


async def test_list_items_are_claims_without_their_marks() -> None:
    asked = answer()
    shown = await asked.stream("What is known:\n1. The gateway listens on port 8080\n- Sharks swim", 4)
    assert shown == "What is known:\n1. The gateway listens on port 8080 [1]\n- Sharks swim [unverified]"
    assert [claim.text for claim in asked.claims] == ["The gateway listens on port 8080", "Sharks swim"]


@pytest.mark.parametrize("text", ["I do not know.", "Is that so?", "It is what it is."])
async def test_what_states_nothing_is_neither_cited_nor_doubted(text: str) -> None:
    asked = answer()
    assert await asked.stream(text, 3) == text
    assert asked.claims == []
    assert not asked.supported


async def test_headings_count_as_part_of_their_passage() -> None:
    asked = answer()
    await asked.stream("Keys lie in the file", 3)
    assert [citation.number for citation in asked.citations()] == [2]


SENTENCES = st.sampled_from(
    [
        "The gateway listens on port 8080.",
        "It listens on port 9090!",
        "The key lies in the file var/secrets/api.key.",
        "I do not know.",
        "It was built on 2024-03-12 by Dr. Ada Long, and bananas are yellow.",
        "Sharks swim [3].",
        "- The file is api.key",
        "Is it?",
        "Really... it is 1. 2. 3.",
    ]
)
ANSWERS = st.lists(st.tuples(SENTENCES, st.sampled_from([" ", "\n", "\n\n", "  "])), max_size=6).map(
    lambda parts: "".join(sentence + space for sentence, space in parts)
)
CUTS = st.lists(st.integers(1, 9), min_size=1, max_size=8)


@given(text=st.one_of(ANSWERS, st.text(alphabet="ab .[]18!?\n\"'ç。", max_size=60)), cuts=CUTS)
@pytest.mark.parametrize("policy", list(UnsupportedPolicy))
async def test_an_answer_is_the_same_however_its_stream_is_cut(
    policy: UnsupportedPolicy, text: str, cuts: list[int]
) -> None:
    whole, pieces = answer(policy=policy), answer(policy=policy)
    at, shown = 0, ""
    while at < len(text):
        size = cuts[at % len(cuts)]
        shown += await pieces.feed(text[at : at + size])
        at += size
    shown += await pieces.finish()
    assert shown == await whole.stream(text, len(text) or 1)
    assert pieces.claims == whole.claims
    assert all(shown[mark.start : mark.end] == f"[{mark.source.number}]" for mark in pieces.marks)
    placed = [claim for claim in pieces.claims if claim.start_index is not None]
    assert all(shown[claim.start_index : claim.end_index] == claim.text for claim in placed)


@pytest.mark.parametrize("piece", [1, 5, 1000])
@pytest.mark.parametrize("policy", [UnsupportedPolicy.MARK, UnsupportedPolicy.DROP])
async def test_a_sentence_that_was_said_is_not_said_again_nor_its_cut_off_begin(
    policy: UnsupportedPolicy, piece: int
) -> None:
    said = "The gateway listens on port 8080. "
    asked = answer(policy=policy)
    shown = await asked.stream(said + "The gateway asks for an API key. " + said * 3 + "The gateway listens on", piece)
    assert shown.rstrip() == "The gateway listens on port 8080 [1]. The gateway asks for an API key [1]."
    assert len(asked.claims) == 2
    assert asked.is_loop


async def test_what_begins_like_a_sentence_that_was_said_is_shown_with_its_marks_in_place() -> None:
    asked = answer()
    shown = await asked.stream("The gateway listens on port 8080. The gateway listens on port 9090. It was built.", 3)
    assert shown.startswith(
        "The gateway listens on port 8080 [1]. The gateway listens on port 9090 [unverified: 9090]."
    )
    assert [shown[claim.start_index : claim.end_index] for claim in asked.claims][:2] == [
        "The gateway listens on port 8080",
        "The gateway listens on port 9090",
    ]
    assert not asked.is_loop


@given(text=ANSWERS)
async def test_dropping_shows_nothing_that_is_not_supported_and_off_changes_no_word(text: str) -> None:
    dropped, left = answer(policy=UnsupportedPolicy.DROP), answer(policy=UnsupportedPolicy.OFF)
    shown = await dropped.stream(text, 4)
    assert "9090" not in shown
    assert "bananas" not in shown
    untouched = (await left.stream(text, 4)).replace(" [1]", "").replace("[2]", "").replace(" ", "")
    assert untouched.split() == text.replace("[3]", "").replace(" ", "").split()
