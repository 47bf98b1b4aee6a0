"""What is deleted is gone from answers, too: real answers, on the whole platform."""

import httpx

from services.shared.contracts.receipts import Receipt
from tests.e2e.clients import http_client, openai_client, upload
from tests.e2e.documents import HARBOUR, LIGHTHOUSE
from tests.platforms import Platform
from tests.processes import wait_until

QUESTION = "What is the range of the lamp of the lighthouse?"
FACT = "31 nautical miles"


def test_a_deleted_document_takes_the_words_of_answers_with_it(platform: Platform) -> None:
    client = openai_client(platform)
    store = upload(client, "to-be-deleted", {"lighthouse.md": LIGHTHOUSE, "harbour.md": HARBOUR})
    chat = client.chat.completions.create(model=f"rag/{store.name}", messages=[{"role": "user", "content": QUESTION}])
    response = client.responses.create(model=f"rag/{store.name}", input=QUESTION)
    assert FACT in (chat.choices[0].message.content or "")
    assert FACT in response.output_text
    with http_client(platform) as http:
        assert FACT in http.get(f"/api/records/{chat.id}").json()["answer"]
        document = _document(http, store.name, store.files["lighthouse.md"])

        receipt = _deleted(http, document)

        assert (receipt.records, receipt.turns) == (2, 1)
        assert http.post(f"/api/receipts/{receipt.id}/verify").json()["remains"] == []
        for record_id in (chat.id, response.id):
            assert FACT not in http.get(f"/api/records/{record_id}").raise_for_status().text
        assert http.get(f"/v1/responses/{response.id}").status_code == 404
        _assert_only_the_question_stays(http, response.id)
    client.vector_stores.delete(store.id)


def _document(http: httpx.Client, collection: str, file_id: str) -> str:
    listed = http.get("/api/documents", params={"collection": collection}).json()["data"]
    return next(each["id"] for each in listed if each["file_id"] == file_id)


def _deleted(http: httpx.Client, document: str) -> Receipt:
    receipt_id = http.delete(f"/api/documents/{document}").raise_for_status().json()["receipt_id"]

    def issued() -> Receipt | None:
        receipt = Receipt.model_validate(http.get(f"/api/receipts/{receipt_id}").json())
        return receipt if receipt.issued_at else None

    found = wait_until(issued, deadline_s=60, what="the receipt to be issued")
    assert found is not None
    return found


def _assert_only_the_question_stays(http: httpx.Client, response_id: str) -> None:
    for each in http.get("/api/conversations").json()["data"]:
        said = http.get(f"/api/conversations/{each['id']}").json()["said"]
        for turn in said:
            if turn["response_id"] == response_id:
                assert turn["deleted"]
                assert [message["text"] for message in turn["messages"]] == [QUESTION]
                return
    raise AssertionError(f"No conversation has the turn {response_id}.")
