"""The language of a text, where it has enough prose to tell."""

import pytest

from services.shared.components.languages.identify import language_of


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The handbook describes the rules for holidays and travel in our company."),
        ("de", "Das Handbuch beschreibt die Regeln für Urlaub und Reisen in unserem Unternehmen."),
        ("es", "El manual describe las reglas de vacaciones y los viajes de nuestra empresa."),
        ("fr", "Le manuel décrit les règles des congés et des voyages dans notre entreprise."),
        ("zh", "本手册介绍了我们公司的假期和差旅规定，员工每年有三十天假期，出差需要提前申请。"),
        ("ar", "يصف هذا الدليل قواعد الإجازات والسفر في شركتنا ويشرح كيفية تقديم الطلبات."),
    ],
)
def test_prose_tells_its_language(language: str, text: str) -> None:
    assert language_of(text) == language
    assert language_of(f"# 1\n\n{text} " * 200) == language


@pytest.mark.parametrize("text", ["", "ok", "123 456 | 789 | 0.5", "x = f(y)\n" * 50, "😀" * 300])
def test_what_has_no_prose_has_no_language(text: str) -> None:
    assert language_of(text) is None
