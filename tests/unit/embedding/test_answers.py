"""How vectors are written down."""

import base64

import numpy as np

from services.embedding.domain.answers import embedding_list
from services.embedding.domain.requests import Encoding

VECTORS = np.array([[0.5, -0.25], [1.0, 0.0]], dtype=np.float32)


def test_numbers_keep_their_order_and_count_tokens_once() -> None:
    answer = embedding_list(VECTORS, model="m", tokens=7, encoding=Encoding.FLOAT)
    assert answer["usage"] == {"prompt_tokens": 7, "total_tokens": 7}
    assert answer["data"] == [
        {"object": "embedding", "index": 0, "embedding": [0.5, -0.25]},
        {"object": "embedding", "index": 1, "embedding": [1.0, 0.0]},
    ]


def test_base64_holds_little_endian_floats() -> None:
    answer = embedding_list(VECTORS[:1], model="m", tokens=1, encoding=Encoding.BASE64)
    expected = base64.b64encode(b"\x00\x00\x00?\x00\x00\x80\xbe").decode()
    assert answer["data"] == [{"object": "embedding", "index": 0, "embedding": expected}]
