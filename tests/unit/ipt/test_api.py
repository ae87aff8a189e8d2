"""The engine as a pure function."""

from __future__ import annotations

import json

import pytest

from ipt.api import Asked, Done, parallelize
from ipt.errors import AnswersError, SourceError

PROGRAM = "int a[5000];\nvoid f(void) {\nfor (int i = 0; i < 5000; i++)\na[i] = i;\n}\n"


def test_dialogue_is_led_call_by_call() -> None:
    """Each call answers one more question; the last one brings the program."""
    answers: dict[str, str] = {}
    for _ in range(10):
        step = parallelize(PROGRAM, "a.c", answers)
        if isinstance(step, Done):
            break
        answers[step.question.id] = ""
    else:
        pytest.fail("the dialogue does not end")

    result = step.to_json()["result"]

    assert isinstance(result, dict)
    assert result["status"] == "parallelized"
    assert result["name"] == "a_omp.c"
    assert "#pragma omp parallel for" in result["text"]
    assert result["files"] == [
        {"origin": "a.c", "name": "a_omp.c", "text": result["text"]}
    ]
    assert json.dumps(step.to_json())


def test_question_is_json() -> None:
    """A page can be made from it."""
    step = parallelize(PROGRAM, "a.c", {"model": "openmp", "function": "f"})

    assert isinstance(step, Asked)
    value = json.loads(json.dumps(step.to_json()))
    assert value["question"]["id"] == "f.loop1"
    assert value["question"]["default"] == "yes"
    assert value["question"]["notes"][0]["findings"][0]["code"] == "IPT101"
    assert value["answers"] == {"model": "openmp", "function": "f"}


def test_choices_that_are_not_available_say_so() -> None:
    """The page can show them greyed out, with the reason."""
    step = parallelize(PROGRAM, "a.c", {})

    assert isinstance(step, Asked)
    choices = [each.unavailable for each in step.question.choices]
    assert [bool(each) for each in choices] == [True, False, True]


def test_unchanged_is_a_result() -> None:
    """Nothing to do is no error."""
    step = parallelize("int x;", "a.c", {}, defaults=True)

    value = step.to_json()["result"]
    assert isinstance(value, dict)
    assert value["status"] == "unchanged"


@pytest.mark.parametrize(
    "name",
    ["../a.c", "/etc/a.c", "a/b.c", "-o.c", ".c", "", "a b.c", "a.c\n", "x" * 200],
)
def test_name_must_be_plain(name: str) -> None:
    """No folder, no option, nothing odd."""
    with pytest.raises(SourceError, match="plain name"):
        parallelize(PROGRAM, name, {})


def test_text_must_not_be_huge() -> None:
    """The limit is a megabyte."""
    with pytest.raises(SourceError, match="at most 1000000 bytes"):
        parallelize(" " * 1_000_001, "a.c", {})


def test_lone_surrogates_are_refused_as_text() -> None:
    """What JSON can hold and UTF-8 cannot is no C either."""
    with pytest.raises(SourceError):
        parallelize("int \ud800;", "a.c", {})


def test_wrong_answer_is_named() -> None:
    """The caller learns which one."""
    with pytest.raises(AnswersError) as caught:
        parallelize(PROGRAM, "a.c", {"model": "cuda"})

    assert caught.value.question == "model"
    assert "not available yet" in caught.value.message


def test_every_file_must_have_a_plain_name() -> None:
    """The other files too."""
    with pytest.raises(SourceError, match="plain name"):
        parallelize(PROGRAM, "a.c", {}, more_files={"../b.c": "int x;"})
