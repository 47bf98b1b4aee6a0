"""Prompt templates: those that come with the service, an operator's own, and what is refused."""

from pathlib import Path

import pytest

from services.orchestrator.adapters.prompt_files import PromptFileError, read_templates

OWN = 'system = "Be brief."\nuser = "{question} from {passages}"\n'


def test_what_is_filled_in_is_taken_as_it_is() -> None:
    template = read_templates(None).answer
    told = template.message(passages="[1] {question} costs {9}", question="How much is {passages}?")
    assert "[1] {question} costs {9}" in told
    assert told.endswith("Question: How much is {passages}?\nAnswer:")


def test_examples_come_before_the_question_each_with_its_answer() -> None:
    messages = read_templates(None).phrase.with_examples(text="The ferry leaves at 07:40.", question="When?")
    assert [message["role"] for message in messages] == ["system", *["user", "assistant"] * 3, "user"]
    assert messages[-1]["content"] == "Text: The ferry leaves at 07:40.\n\nQuestion: When?"
    assert messages[2]["content"] == "31 March 1889"


def test_an_own_template_takes_the_place_of_one_and_has_a_version_of_its_own(tmp_path: Path) -> None:
    packaged = read_templates(None)
    (tmp_path / "answer.toml").write_text(OWN)
    own = read_templates(tmp_path)
    assert own.answer.system == "Be brief."
    assert own.phrase == packaged.phrase
    assert own.answer.version.startswith("answer@")
    assert own.answer.version != packaged.answer.version
    (tmp_path / "answer.toml").write_text(OWN.replace("brief", "long"))
    assert read_templates(tmp_path).answer.version != own.answer.version


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("answer", OWN.replace("{passages}", "nothing"), "{passages} and {question}"),
        ("answer", OWN.replace("brief", "brief").replace("{question}", "{question} {date}"), "no others"),
        ("answer", 'system = "Be brief."\n', "user"),
        ("answer", "system = Be brief", "not a TOML file"),
        ("answer", OWN + 'temperature = "0"\n', "temperature"),
        ("phrase", 'system = ""\nuser = "{text} {question}"\n[[examples]]\ntext = "x"\n', "question and answer"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_by_its_file(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(content)
    with pytest.raises(PromptFileError) as caught:
        read_templates(tmp_path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PromptFileError, match="RAGWORKS_ORCHESTRATOR_PROMPTS"):
        read_templates(tmp_path / "missing")
