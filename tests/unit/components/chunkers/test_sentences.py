"""Sentences end where readers of many scripts see them end."""

import pytest

from services.shared.components.chunkers.sentences import sentence_spans


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    "sentences",
    [
        ["The wind rises.", "Is the mast safe?", "Yes!", "“It is.”", "Good … so far.", "No end here"],
        ["Der Wind frischt auf.", "Hält der Mast?"],
        ["Ветер усиливается.", "Мачта выдержит?"],
        ["هل الصاري آمن؟", "نعم، هو آمن."],
        ["हवा तेज़ है।", "क्या मस्तूल सुरक्षित है?"],
        ["Քամին ուժեղանում է։", "Կայմը ապահով է։"],
        ["ነፋሱ እየጨመረ ነው።", "ምሰሶው ደህና ነው።"],
    ],
    ids=["latin", "german", "cyrillic", "arabic", "devanagari", "armenian", "ethiopic"],
)
def test_sentences_with_spaces_between_them(sentences: list[str]) -> None:
    assert _sentences(" ".join(sentences)) == sentences


def test_chinese_and_japanese_sentences_need_no_space() -> None:
    assert _sentences("风越来越大。桅杆安全吗？“安全。”好") == ["风越来越大。", "桅杆安全吗？", "“安全。”", "好"]
    assert _sentences("風が強い。「大丈夫？」はい！") == ["風が強い。", "「大丈夫？」", "はい！"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Dr. Solheim met J. R. Korvin, e.g. in Lund.",
        "See Fig. 3 and Nr. 7, vgl. Abb. 2.",
        "1. Lower the sail.",
        "The lamp reaches 3.5 miles at ragworks.example.org today.",
        "Das gilt z.B. für Masten.",
    ],
)
def test_a_full_stop_inside_a_sentence_ends_none(sentence: str) -> None:
    assert _sentences(f"{sentence} Then it rained.") == [sentence, "Then it rained."]


def test_a_line_end_inside_a_sentence_ends_none() -> None:
    assert _sentences("The wind\nrises. The mast\nholds.") == ["The wind\nrises.", "The mast\nholds."]


def test_only_the_given_part_is_looked_at() -> None:
    text = "One. Two. Three."
    assert [text[start:end] for start, end in sentence_spans(text, 5, 9)] == ["Two."]
