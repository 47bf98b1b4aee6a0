"""What a user gets when a model says what is so, what is not so, or what nobody knows."""

import json
from typing import Any

import httpx2
import pytest

from tests.integration.orchestrator.conftest import COLLECTION, DOCUMENTS
from tests.integration.orchestrator.engine import ScriptedEngine

QUESTION = "When does the ferry to Nordsund leave?"


async def _whole(http: httpx2.AsyncClient, question: str = QUESTION, **options: str) -> dict[str, Any]:
    answer = await http.post("/v1/chat/completions", json=_body(question, options))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _streamed(http: httpx2.AsyncClient, **options: str) -> tuple[list[str], dict[str, Any]]:
    """The pieces of text as they came, and the delta that ended them."""
    answer = await http.post("/v1/chat/completions", json={**_body(QUESTION, options), "stream": True})
    assert answer.status_code == 200, answer.text
    events = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: {")]
    deltas = [event["choices"][0]["delta"] for event in events]
    return [delta["content"] for delta in deltas if delta.get("content")], deltas[-1]


def _body(question: str, options: dict[str, str]) -> dict[str, object]:
    return {
        "model": f"rag/{COLLECTION}",
        "messages": [{"role": "user", "content": question}],
        **({"ragworks": options} if options else {}),
    }


async def test_a_quote_is_the_documents_own_text_at_its_span(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = "The ferry to Nordsund leaves at 07:40. The light of the lighthouse reaches 31 nautical miles."
    message = (await _whole(http))["choices"][0]["message"]
    assert message["content"].count("[") == 2
    quotes = [citation["quote"] for citation in message["citations"]]
    assert sorted(quotes) == ["Its light reaches 31 nautical miles.", "The ferry to Nordsund leaves at 07:40."]
    for citation in message["citations"]:
        document = DOCUMENTS[citation["document_id"]]
        assert document[citation["char_start"] : citation["char_end"]] == citation["quote"]
        assert (
            citation["chunk_char_start"] <= citation["char_start"] < citation["char_end"] <= citation["chunk_char_end"]
        )
        assert 0.6 <= citation["support"] <= 1
    for annotation in message["annotations"]:
        place = annotation["url_citation"]
        assert message["content"][place["start_index"] : place["end_index"]] in {"[1]", "[2]"}


async def test_made_up_values_are_named_and_their_claims_marked(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = "The ferry to Nordsund leaves at 09:15. Captain Olaf Berg is in command since 4 May 2019."
    completion = await _whole(http, "Who steers the boat, and when?")
    message = completion["choices"][0]["message"]
    assert "[unverified: 09:15]" in message["content"]
    flagged = [(value["kind"], value["text"]) for claim in message["claims"] for value in claim["flagged"]]
    assert flagged == [("number", "09:15"), ("name", "Captain Olaf Berg"), ("date", "4 May 2019")]
    assert message["citations"] == []
    assert completion["ragworks"]["abstained"] is True


async def test_a_model_that_goes_round_in_circles_is_stopped_and_each_sentence_shown_once(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    sentence = "The ferry to Nordsund leaves at 07:40. "
    model.says, model.stops_after, model.counts_words = sentence * 9, len(sentence) * 4, True
    completion = await _whole(http)  # an engine that nobody stops never ends
    assert completion["choices"][0]["message"]["content"] == "The ferry to Nordsund leaves at 07:40 [1]."
    assert completion["choices"][0]["finish_reason"] == "stop"
    assert 14 <= completion["usage"]["completion_tokens"] <= 28
    assert completion["usage"]["prompt_tokens"] > 20


async def test_a_stream_is_the_same_answer_and_shows_text_before_its_sentence_ends(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = "The ferry to Nordsund leaves at 07:40. Bananas are yellow. I hope that this helps you."
    whole = (await _whole(http))["choices"][0]["message"]
    pieces, end = await _streamed(http)
    assert "".join(pieces) == whole["content"]
    assert pieces[0] == "The f"
    assert end["claims"] == whole["claims"]


async def test_dropping_shows_only_whole_sentences_that_are_supported(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = "Bananas are yellow. The ferry to Nordsund leaves at 07:40. It costs 99 euros."
    pieces, end = await _streamed(http, unsupported_claims="drop")
    assert "".join(pieces) == "The ferry to Nordsund leaves at 07:40 [1]."
    assert [(claim["verdict"], claim["start_index"]) for claim in end["claims"]] == [
        ("unsupported", None),
        ("supported", 0),
        ("partly", None),
    ]


async def test_an_answer_of_which_nothing_is_left_says_what_was_searched(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = "Bananas are yellow."
    completion = await _whole(http, "Who repairs the engine of the ferry at night?", unsupported_claims="drop")
    assert "found no answer in the collection 'harbour'" in completion["choices"][0]["message"]["content"]
    assert completion["ragworks"]["searched"] == {
        "collection": "harbour",
        "passages": 2,
        "titles": ["ferry", "lighthouse"],
        "queries": ["Who repairs the engine of the ferry at night?"],
    }


async def test_a_paraphrase_is_found_by_its_meaning(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = "The departure time of the Nordsund ferry is 07:40."
    message = (await _whole(http))["choices"][0]["message"]
    assert [citation["quote"] for citation in message["citations"]] == ["The ferry to Nordsund leaves at 07:40."]


async def test_a_question_about_nothing_in_the_collection_costs_no_model(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    completion = await _whole(http, "Which enzyme splits lactose?")
    assert model.asked == []
    assert completion["ragworks"]["abstained"] is True
    assert "2 passages were read" in completion["choices"][0]["message"]["content"]


async def test_a_phrase_is_chosen_from_the_sentence_nearest_to_the_question(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    model.says = "07:40"
    message = (await _whole(http, form="phrase"))["choices"][0]["message"]
    assert message["content"] == "07:40 [1]"
    assert [citation["quote"] for citation in message["citations"]] == ["The ferry to Nordsund leaves at 07:40."]
    choices = model.asked[-1]["structured_outputs"]
    assert choices == {"choice": ["07:40"]}


async def test_a_phrase_about_a_name_that_no_passage_knows_is_not_looked_for(
    http: httpx2.AsyncClient, model: ScriptedEngine
) -> None:
    completion = await _whole(http, "When does the ferry to Osterhamn leave?", form="phrase")
    assert completion["ragworks"]["abstained"] is True
    assert model.asked == []


async def test_where_the_model_fails_the_passage_is_quoted(http: httpx2.AsyncClient, model: ScriptedEngine) -> None:
    model.says = "Bananas are yellow."
    completion = await _whole(http, "When does the ferry leave to Nordsund?", unsupported_claims="drop")
    message = completion["choices"][0]["message"]
    assert message["content"] == "The passages say: “The ferry to Nordsund leaves at 07:40.” [1]"
    assert completion["ragworks"]["abstained"] is False
    (claim,) = message["claims"][1:]
    assert message["content"][claim["start_index"] : claim["end_index"]] == claim["text"]


@pytest.mark.parametrize("options", [{"unsupported_claims": "hide"}, {"unknown": "x"}])
async def test_an_option_that_does_not_exist_is_refused_by_name(
    http: httpx2.AsyncClient, options: dict[str, str]
) -> None:
    answer = await http.post("/v1/chat/completions", json=_body(QUESTION, options))
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == f"ragworks.{next(iter(options))}"
