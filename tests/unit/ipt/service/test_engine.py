"""What the engine answers to a program that uses it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ipt.cli import Terminal, run
from ipt.dialogue.answers import read_answers
from ipt.errors import AnswersError, IptError, ServiceRefused, SourceError
from ipt.service import offers

if TYPE_CHECKING:
    from tests.unit.ipt.service.conftest import Serve

CASES = Path(__file__).parents[3] / "engine" / "cases"
LOOP = "for (int i = 0; i < 9000; i++)"
PROGRAM = f"int a[9000];\nvoid f(void) {{\n{LOOP}\na[i] = i;\n}}\n"
# A loop that is right only where k has no number twice.
SCATTER = f"void f(int *a, int *k) {{\n{LOOP}\na[k[i]] = i;\n}}\n"


def cli(*arguments: str) -> tuple[int, str]:
    """Run a command; return its exit code and what it printed."""
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), {})
    code = run(arguments, terminal)
    assert isinstance(terminal.stdout, io.StringIO)
    return code, terminal.stdout.getvalue()


def texts(result: dict[str, Any]) -> dict[str, bytes]:
    """Return the bytes of the new files, by name."""
    return {
        each["name"]: each["text"].encode("utf-8", "surrogateescape")
        for each in result["sources"]
    }


def test_auto_tells_all_that_the_command_does(engine: Serve) -> None:
    """Text, command, diff and report are those of `ipt parallelize --auto`."""
    result = engine({"a.c": PROGRAM})
    code, shown = cli("parallelize", "--auto", "--report", "r.json", "a.c")
    _, diff = cli("parallelize", "--auto", "--diff", "a.c")

    assert code == 0
    assert result["status"] == "parallelized"
    assert texts(result) == {"a_omp.c": Path("a_omp.c").read_bytes()}
    assert f"Compile: {result['compile']}\n" in shown
    assert diff.endswith(result["diff"])
    assert result["diff"].startswith("--- a.c\n+++ a_omp.c\n")
    assert result["report"] == json.loads(Path("r.json").read_text())
    assert (result["warnings"], result["remarks"]) == ([], [])


def test_analysis_is_that_of_the_command(engine: Serve) -> None:
    """`analyze` answers what `ipt analyze --json` writes."""
    result = engine({"a.c": PROGRAM, "b.c": SCATTER.replace("f(", "g(")}, "analyze")

    _, printed = cli("analyze", "--json", "a.c", "b.c")
    remarks = result.pop("remarks")
    assert (remarks, result) == ([], json.loads(printed))


def test_analysis_of_one_function(engine: Serve) -> None:
    """Only the functions that are named are told about."""
    files = {"a.c": PROGRAM + SCATTER.replace("f(", "g(")}

    result = engine(files, "analyze", functions=("g",))

    assert [each["name"] for each in result["functions"]] == ["g"]


def test_nothing_to_do_is_a_result(engine: Serve) -> None:
    """The reason is told, and nothing is written."""
    result = engine({"a.c": "int x;\n"})

    assert result["status"] == result["report"]["status"] == "unchanged"
    assert result["reason"].startswith("No loop is both proved")
    assert (result["sources"], result["compile"], result["diff"]) == ([], "", "")


def test_names_as_of_the_first_ipt(engine: Serve) -> None:
    """On demand the files are named as before, and the command follows."""
    result = engine({"src/a.c": PROGRAM}, rose_names=True)

    assert list(texts(result)) == ["rose_a_OpenMP.c"]
    assert result["sources"][0]["origin"] == "src/a.c"
    assert "rose_a_OpenMP.c" in result["compile"]


def test_headers_and_options(engine: Serve) -> None:
    """Given headers are found by -I, macros and the standard are heeded."""
    files = {
        "src/a.c": f'#include "size.h"\n#ifdef ON\n{PROGRAM.replace("9000", "SIZE")}'
        "#endif\n",
        "include/size.h": "#define SIZE 9000\n",
    }

    result = engine(files, include=("include",), define=("ON=1",), standard="c99")

    assert result["status"] == "parallelized"
    assert "-Iinclude -DON=1 -std=c99" in result["compile"]


def test_bytes_that_are_no_utf_8_stay(engine: Serve) -> None:
    """A comment in Latin-1 comes back as it was."""
    source = b"// \xe9\xfc\n" + PROGRAM.encode()

    result = engine({"a.c": source})

    assert texts(result)["a_omp.c"].startswith(b"// \xe9\xfc\n")


def test_exact_and_restructure_are_those_of_the_command(engine: Serve) -> None:
    """Both are passed on to what chooses."""
    total = (
        f"double f(double *a) {{\ndouble s = 0;\n{LOOP}\ns += a[i];\nreturn s;\n}}\n"
    )
    before = (CASES / "restructure_carried" / "before.c").read_bytes()

    assert engine({"a.c": total})["status"] == "parallelized"
    assert engine({"a.c": total}, exact=True)["status"] == "unchanged"
    rewritten = engine({"a.c": before}, restructure=True)
    cli("parallelize", "--auto", "--restructure", "a.c")
    assert texts(rewritten) == {"a_omp.c": Path("a_omp.c").read_bytes()}


@pytest.mark.parametrize("name", ["heat", "region_lines", "critical_list", "target"])
def test_asking_is_what_the_answers_file_does(name: str, engine: Serve) -> None:
    """The same answers lead to the same bytes as in the case of the command."""
    folder = CASES / name
    answers = read_answers(folder / "answers.json")

    result = engine(
        {"before.c": (folder / "before.c").read_bytes()}, "ask", answers=answers
    )

    assert texts(result) == {"before_omp.c": (folder / "after.c").read_bytes()}
    assert result["unused_answers"] == []


def test_dialogue_is_led_without_any_memory(engine: Serve) -> None:
    """Each call gets the answers so far; the last one gets the program."""
    answers: dict[str, str] = {}
    asked: list[str] = []
    result: dict[str, Any] = {"status": "asking"}
    for _ in range(20):
        result = engine({"a.c": PROGRAM}, "ask", answers=answers)
        if result["status"] != "asking":
            break
        question = result["questions"][0]
        asked.append(question["id"])
        answers = {**result["answers"], question["id"]: question["default"]}

    assert result["status"] == "parallelized"
    assert asked[:3] == ["model", "function", "f.loop1"]
    assert result["answers"] == answers
    assert result == engine({"a.c": PROGRAM}, "ask", answers=answers)


def test_question_has_all_that_a_page_needs(engine: Serve) -> None:
    """Words, choices, reasons, the place and the lines of the program."""
    answers = {"model": "openmp", "function": "f"}

    result = engine({"a.c": PROGRAM}, "ask", answers=answers)

    question = result["questions"][0]
    assert question["id"] == "f.loop1"
    assert not question["is_optional"]
    assert all(question[name] for name in ("text", "why", "default", "help", "kind"))
    assert question["place"] == {
        "file": "a.c",
        "line": 3,
        "column": 1,
        "text": LOOP,
    }
    excerpt = question["notes"][0]["excerpt"]
    assert [3, LOOP] in excerpt


def test_optional_questions_can_be_answered_too(engine: Serve) -> None:
    """They got their default; who answers one of them is heeded."""
    text = PROGRAM.replace("}\n", f"{LOOP}\na[i] += 1;\n}}\n")
    answers = {"model": "openmp", "function": "f"}
    result = engine({"a.c": text}, "ask", answers=answers)
    optional = [each for each in result["questions"] if each["is_optional"]]

    assert [each["id"] for each in optional] == ["f.make"]
    again = engine({"a.c": text}, "ask", answers={**answers, "f.make": "loops"})
    assert again["answers"]["f.make"] == "loops"
    assert [each["is_optional"] for each in again["questions"]] == [False]


def test_second_function_of_a_name_has_its_place(engine: Serve) -> None:
    """The place of `f#2` is not that of `f`."""
    text = PROGRAM.replace("int a[", "int a[9000], b[")
    other = f"void f(int x) {{\n{LOOP}\nb[i] = x;\n}}\n"
    answers = {"model": "openmp", "function": "f#2"}

    result = engine({"a.cpp": text + other}, "ask", answers=answers)

    question = result["questions"][0]
    assert (question["id"], question["place"]["line"]) == ("f#2.loop1", 7)


def test_defaults_and_unused_answers(engine: Serve) -> None:
    """Everything else gets its default; what no question had is told."""
    result = engine(
        {"a.c": PROGRAM}, "ask", answers={"nobody.asked": "x"}, defaults=True
    )

    assert result["status"] == "parallelized"
    assert result["unused_answers"] == ["nobody.asked"]
    assert result["answers"]["model"] == "openmp"


def test_model_of_the_options_answers_its_question(engine: Serve) -> None:
    """It is not asked for then."""
    result = engine({"a.c": PROGRAM}, "ask", model="openmp")

    assert result["answers"] == {"model": "openmp"}
    assert result["questions"][0]["id"] == "function"


def test_wrong_answer_is_refused_with_the_counter_example(engine: Serve) -> None:
    """Two iterations are named that would clash, and the question."""
    largest = (
        "int f(int n, int *a) {\nint m = 0;\nfor (int i = 0; i < n; i++)\n"
        "m = a[i] > m ? a[i] : m;\nreturn m;\n}\n"
    )
    answers = {"f.loop1": "details", "f.loop1.reductions": "none"}

    with pytest.raises(AnswersError, match="i = 1 changes what the iter") as caught:
        engine({"a.c": largest}, "ask", answers=answers, defaults=True)

    assert caught.value.question == "f.loop1.reductions"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": "cuda"}, "cuda is not available yet"),
        ({"answers": {"model": "openmp"}}, "answers and defaults are for ask"),
        ({"defaults": True}, "answers and defaults are for ask"),
        ({"action": "ask", "exact": True}, "exact and restructure are for auto"),
        ({"action": "ask", "restructure": True}, "exact and restructure are for"),
        ({"include": ("/usr",)}, "include names folders"),
        ({"include": ("nowhere",)}, "include names folders"),
        ({"include": ("..",)}, "include names folders"),
        ({"define": ("1=2",)}, "A macro is a name"),
        ({"define": ("X -include /etc/passwd",)}, "A macro is a name"),
        ({"standard": "c++17"}, "not a standard of the language"),
        (
            {"action": "ask", "answers": {"a": "", "b": ""}, "most_questions": 1},
            "at most 1 answers",
        ),
        ({"action": "analyze", "functions": ("g",)}, "There is no function g"),
    ],
)
def test_what_does_not_go_together_is_refused(
    fields: dict[str, Any], message: str, engine: Serve
) -> None:
    """As on the command line, each with the way out."""
    with pytest.raises(IptError, match=message):
        engine({"a.c": PROGRAM}, **fields)


def test_dialogues_come_to_an_end(engine: Serve) -> None:
    """A program with more questions than allowed is given up."""
    with pytest.raises(ServiceRefused, match="more than 2 questions") as caught:
        engine({"a.c": PROGRAM}, "ask", defaults=True, most_questions=2)

    assert caught.value.reason == "questions"


@pytest.mark.parametrize(
    "files",
    [
        {"a.c": PROGRAM, "a_omp.c": "int x;\n"},
        {"a/x.c": PROGRAM, "b/x.c": SCATTER.replace("f(", "g(")},
    ],
)
def test_no_file_is_written_over(files: dict[str, str], engine: Serve) -> None:
    """Neither an input nor another result."""
    with pytest.raises(IptError, match=r"[ax]_omp\.c"):
        engine(files)


def test_errors_show_the_given_program_only(engine: Serve) -> None:
    """A mistake in a given header names the header as it was given."""
    files = {"a.c": '#include "u.h"\n' + PROGRAM, "u.h": "int = 3;\n"}

    with pytest.raises(SourceError) as caught:
        engine(files)

    assert caught.value.message.startswith("./u.h:1:5: error")


def test_offers_name_what_there_is() -> None:
    """OpenMP, and both languages with their standards."""
    found = offers()

    available = [each["name"] for each in found["models"] if each["is_available"]]
    assert available == ["openmp"]
    assert all(each["reason"] for each in found["models"] if not each["is_available"])
    standards = {each["name"]: each["standards"] for each in found["languages"]}
    assert {"c99", "gnu17"} <= set(standards["c"])
    assert "c++17" in standards["c++"]
