"""The platform through the official OpenAI client and through LangChain, with real models behind it."""

from collections.abc import Iterator

import openai
import pytest
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam
from pydantic import SecretStr

from tests.e2e.clients import Uploaded, openai_client, upload
from tests.e2e.documents import HARBOUR, LIGHTHOUSE
from tests.platforms import Platform

QUESTION = "What is the range of the lamp of the lighthouse?"


@pytest.fixture(scope="module")
def client(platform: Platform) -> OpenAI:
    return openai_client(platform)


@pytest.fixture(scope="module")
def island(client: OpenAI) -> Iterator[Uploaded]:
    store = upload(client, "island", {"lighthouse.md": LIGHTHOUSE, "harbour.md": HARBOUR})
    yield store
    client.vector_stores.delete(store.id)


def plain_model(client: OpenAI) -> str:
    return next(model.id for model in client.models.list() if "SmolLM2" in model.id)


def test_models_lists_collections_and_plain_models(client: OpenAI, island: Uploaded) -> None:
    names = [model.id for model in client.models.list()]
    assert f"rag/{island.name}" in names
    assert any("SmolLM2" in name for name in names)
    assert client.models.retrieve(f"rag/{island.name}").owned_by == "ragworks"


def test_a_question_is_answered_with_the_fact_and_its_citation(client: OpenAI, island: Uploaded) -> None:
    answer = client.chat.completions.create(
        model=f"rag/{island.name}", messages=[{"role": "user", "content": QUESTION}]
    )
    message = answer.choices[0].message
    assert "31 nautical miles" in (message.content or "")
    citation = (message.model_extra or {})["citations"][0]
    assert citation["file_id"] == island.files["lighthouse.md"]
    assert "31 nautical miles" in citation["quote"]
    annotation = (message.annotations or [])[0].url_citation
    assert (message.content or "")[annotation.start_index : annotation.end_index] == f"[{citation['number']}]"
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 0


def test_a_streamed_answer_is_the_same_answer(client: OpenAI, island: Uploaded) -> None:
    model = f"rag/{island.name}"
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": QUESTION}]
    whole = client.chat.completions.create(model=model, messages=messages).choices[0].message.content
    stream = client.chat.completions.create(
        model=model, messages=messages, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole
    assert chunks[-1].usage is not None
    stages = [extra["stage"] for chunk in chunks if (extra := (chunk.model_extra or {}).get("ragworks"))]
    assert stages == ["retrieve", "prompt", "generate", "cite", "done"]


def test_a_question_far_from_the_corpus_is_told_that_there_is_no_answer(client: OpenAI, island: Uploaded) -> None:
    answer = client.chat.completions.create(
        model=f"rag/{island.name}",
        messages=[{"role": "user", "content": "Which enzyme splits lactose in the small intestine?"}],
    )
    assert "found no answer in the collection 'island'" in (answer.choices[0].message.content or "")
    assert (answer.choices[0].message.model_extra or {})["citations"] == []


def test_plain_chat_streams_and_completes(client: OpenAI) -> None:
    model = plain_model(client)
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Say hello."}]
    whole = client.chat.completions.create(model=model, messages=messages, max_tokens=12, temperature=0)
    parts = client.chat.completions.create(model=model, messages=messages, max_tokens=12, temperature=0, stream=True)
    text = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
    assert text == whole.choices[0].message.content
    assert whole.usage is not None
    assert whole.usage.completion_tokens <= 12


def test_text_completions_work(client: OpenAI) -> None:
    answer = client.completions.create(model=plain_model(client), prompt="One, two, three,", max_tokens=5)
    assert answer.choices[0].text.strip()


def test_embeddings_come_in_both_encodings_and_are_unit_vectors(client: OpenAI) -> None:
    as_float = client.embeddings.create(model="all-MiniLM-L6-v2", input=["a", "b"], encoding_format="float")
    as_base64 = client.embeddings.create(model="all-MiniLM-L6-v2", input=["a", "b"])
    assert [len(each.embedding) for each in as_float.data] == [384, 384]
    assert as_float.data[1].embedding == pytest.approx(as_base64.data[1].embedding, abs=1e-5)
    assert sum(x * x for x in as_float.data[0].embedding) == pytest.approx(1, abs=1e-3)


def test_vector_stores_can_be_listed_searched_and_emptied(client: OpenAI, island: Uploaded) -> None:
    assert island.id in [store.id for store in client.vector_stores.list()]
    assert client.vector_stores.retrieve(island.id).file_counts.completed == 2
    files = client.vector_stores.files.list(island.id)
    assert {file.id for file in files} == set(island.files.values())
    found = client.vector_stores.search(island.id, query="When does the ferry leave?").data
    assert found[0].file_id == island.files["harbour.md"]
    assert "07:40" in found[0].content[0].text


def test_a_file_taken_out_of_a_store_is_found_no_more(client: OpenAI) -> None:
    store = upload(client, "short-lived", {"lighthouse.md": LIGHTHOUSE, "harbour.md": HARBOUR})
    client.vector_stores.files.delete(store.files["harbour.md"], vector_store_id=store.id)
    found = client.vector_stores.search(store.id, query="When does the ferry leave?").data
    assert {each.file_id for each in found} == {store.files["lighthouse.md"]}
    client.vector_stores.delete(store.id)
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.retrieve(store.id)


def test_langchain_chat_and_embeddings_work_unchanged(platform: Platform, island: Uploaded) -> None:
    key = SecretStr(platform.key)
    chat = ChatOpenAI(model=f"rag/{island.name}", base_url=f"{platform.url}/v1", api_key=key)
    assert "31 nautical miles" in str(chat.invoke(QUESTION).content)
    assert "31 nautical miles" in "".join(str(chunk.content) for chunk in chat.stream(QUESTION))
    embeddings = OpenAIEmbeddings(
        model="all-MiniLM-L6-v2", base_url=f"{platform.url}/v1", api_key=key, check_embedding_ctx_length=False
    )
    assert len(embeddings.embed_query("ferry")) == 384
