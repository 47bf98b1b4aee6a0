"""Vectors of questions are remembered, as many as there is room for."""

import pytest

from services.retrieval.adapters.question_vectors import QuestionVectors
from services.shared.components.embedders.inference import InferenceEmbedder
from services.shared.kit.errors import NotFoundError
from tests.search_stack import SearchStack


class Counting(InferenceEmbedder):
    """The real embedder, with the questions that reached it."""

    def __init__(self, embedder: InferenceEmbedder, model: str) -> None:
        self._embedder, self.model = embedder.of(model), model
        self.asked: list[str] = []

    def of(self, model: str) -> InferenceEmbedder:
        return self if model == self.model else self._embedder.of(model)

    async def embed_query(self, text: str) -> list[float]:
        self.asked.append(text)
        return await self._embedder.embed_query(text)


async def test_a_question_asked_again_is_not_embedded_again(stack: SearchStack) -> None:
    model = stack.settings.embedding_model
    async with stack.embedder() as embedder:
        counting = Counting(embedder, model)
        vectors = QuestionVectors(counting, remembered=2)
        first = await vectors.of("When is high tide?", model=model)
        assert await vectors.of("When is high tide?", model=model) == pytest.approx(first)
        assert counting.asked == ["When is high tide?"]

        await vectors.of("When is high tide?", model=model, anew=True)
        assert len(counting.asked) == 2

        await vectors.of("Who keeps the lighthouse?", model=model)
        await vectors.of("How long is dough kneaded?", model=model)
        await vectors.of("When is high tide?", model=model)
        assert counting.asked[2:] == [
            "Who keeps the lighthouse?",
            "How long is dough kneaded?",
            "When is high tide?",
        ], "there is room for two"


async def test_a_vector_of_one_model_is_not_taken_for_that_of_another(stack: SearchStack) -> None:
    async with stack.embedder() as embedder:
        vectors = QuestionVectors(embedder, remembered=2)
        await vectors.of("When is high tide?", model=stack.settings.embedding_model)
        with pytest.raises(NotFoundError):
            await vectors.of("When is high tide?", model="another")
