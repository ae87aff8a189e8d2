"""`ipt analyze`: for people and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ipt.testing.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """static double a[9000], b[9000];
double sum(int n) {
  double s = 0;
  for (int i = 0; i < n; i++)
    s += a[i];
  return s;
}
void copy(double *p, double *q, int n) {
  for (int i = 0; i < n; i++)
    p[i] = q[i];
}
int main(void) {
  for (int i = 0; i < 9000; i++)
    a[i] = i;
  for (int i = 3; i < 9000; i++)
    b[i] = b[i - 3] + 1;
  for (int i = 0; i < 4; i++)
    b[i] = 0;
  for (int i = 0; i < 3000; i++)
    for (int j = 0; j < 9000; j++)
      a[j] = 2 * b[i];
  copy(a, b, 9000);
  return sum(9000) > 0;
}
"""


@pytest.fixture(name="here")
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.c").write_text(PROGRAM)
    return tmp_path


def loops(*arguments: str) -> dict[str, dict[str, Any]]:
    """Return the loops of the JSON output by their id."""
    result = run_command("analyze", "--json", *arguments)
    assert result.code == 0, result.err
    record = json.loads(result.out)
    return {loop["id"]: loop for each in record["functions"] for loop in each["loops"]}


def test_json_tells_the_verdict_of_every_loop(here: Path) -> None:
    """All loops are there, inner ones too."""
    found = loops("p.c")

    assert here.exists()
    assert {name: loop["verdict"] for name, loop in found.items()} == {
        "sum.loop1": "reduction",
        "copy.loop1": "parallel",
        "main.loop1": "parallel",
        "main.loop2": "refused",
        "main.loop3": "parallel",
        "main.loop4": "refused",
        "main.loop5": "parallel",
    }


def test_json_has_the_documented_values(here: Path) -> None:
    """What is there keeps its name and its meaning."""
    loop = loops("p.c")["sum.loop1"]

    assert here.exists()
    assert loop["line"] == 4
    assert loop["end_line"] == 5
    assert loop["column"] == 3
    assert loop["text"] == "for (int i = 0; i < n; i++)"
    assert loop["chosen"]
    assert loop["directive"].startswith("#pragma omp parallel for default(none)")
    assert {"name": "s", "role": "reduction", "operator": "+"} in loop["variables"]
    assert {"name": "a", "role": "shared", "operator": None} in loop["variables"]
    assert loop["decisions"] == [
        {
            "question": "sum.loop1.rounding.s",
            "kind": "rounding",
            "names": ["s"],
            "statement": "s may differ in the last digits",
        }
    ]
    assert "IPT102" in loop["codes"]
    assert loop["dependences"] == []


def test_dependence_is_told_in_words_with_its_distance(here: Path) -> None:
    """With place, code and variables."""
    (dependence,) = loops("p.c")["main.loop2"]["dependences"]

    assert here.exists()
    assert dependence["code"] == "IPT301"
    assert "3 iterations earlier" in dependence["words"]
    assert dependence["distance"] == 3
    assert dependence["variables"] == ["b[i]", "b[i - 3]"]
    assert (dependence["line"], dependence["is_refusal"]) == (16, True)


def test_nesting_is_told(here: Path) -> None:
    """An inner loop names the one around it."""
    found = loops("p.c")

    assert here.exists()
    assert (found["main.loop5"]["inside"], found["main.loop5"]["depth"]) == (
        "main.loop4",
        1,
    )
    assert found["main.loop4"]["inside"] is None


def test_summary_counts_the_loops(here: Path) -> None:
    """The head of the JSON names schema, version, files and language."""
    record = json.loads(run_command("analyze", "p.c", "--json").out)

    assert here.exists()
    assert record["schema"] == "ipt-analysis"
    assert record["version"] == 1
    assert record["files"] == ["p.c"]
    assert record["language"] == "c"
    assert record["warnings"] == []
    assert record["summary"] == {
        "functions": 3,
        "loops": 7,
        "parallel": 4,
        "reduction": 1,
        "needs_decision": 0,
        "refused": 2,
    }


def test_people_get_a_table_and_the_reasons(here: Path) -> None:
    """Verdict, advice, roles, and the line of a refusal with a caret."""
    result = run_command("analyze", "p.c")
    rows = [line.split() for line in result.out.splitlines()]

    assert here.exists()
    assert result.code == 0
    assert ["sum.loop1", "4", "reduction", "--auto", "takes", "it"] in rows
    assert ["main.loop2", "15", "refused", "IPT301"] in rows
    assert ["main.loop3", "17", "parallel", "not", "worth", "it"] in rows
    assert "7 loops: 4 parallel, 1 reduction, 2 refused" in result.out
    assert "reduction +: s" in result.out
    assert "          b[i] = b[i - 3] + 1;\n                 ^" in result.out
    assert "→ Look for a loop" in result.out
    assert "\033" not in result.out


def test_screen_gets_colours(here: Path) -> None:
    """Red for what is refused."""
    result = run_command("analyze", "p.c", screen=True)

    assert here.exists()
    assert "\033[31mmain.loop2" in result.out


def test_brief_output_is_the_table_alone(here: Path) -> None:
    """A line a loop, and the sum."""
    result = run_command("analyze", "p.c", "--brief")

    assert here.exists()
    assert len(result.out.splitlines()) == 1 + 7 + 2


def test_one_function_can_be_asked_for(here: Path) -> None:
    """One that is not there is refused, with those that are."""
    found = loops("p.c", "--function", "copy")
    refused = run_command("analyze", "p.c", "--function", "gone")

    assert here.exists()
    assert list(found) == ["copy.loop1"]
    assert refused.code == 2
    assert "no function gone. The program has: copy, main, sum." in refused.err


def test_decision_names_its_question(here: Path) -> None:
    """The id is that of the answers file."""
    (here / "q.c").write_text(PROGRAM.partition("int main")[0])
    loop = loops("q.c")["copy.loop1"]
    shown = run_command("analyze", "q.c")

    assert loop["verdict"] == "needs_decision"
    assert loop["directive"] is None
    assert loop["decisions"][0]["question"] == "copy.loop1.distinct.p+q"
    assert "needs decision  if you vouch for it" in shown.out


def test_program_without_loops_has_nothing_to_analyse(here: Path) -> None:
    """It says so; the JSON is empty."""
    (here / "e.c").write_text("int main(void) { return 0; }\n")

    assert "There is no for-loop" in run_command("analyze", "e.c").out
    assert loops("e.c") == {}


def test_several_files_are_one_program(here: Path) -> None:
    """Calls are followed from file to file."""
    (here / "util.c").write_text("double half(double x) { return x / 2; }\n")
    (here / "main.c").write_text(
        "double half(double);\nstatic double a[9000];\nint main(void) {\n"
        "for (int i = 0; i < 9000; i++)\na[i] = half(i);\nreturn 0; }\n"
    )
    found = loops("main.c", "util.c")

    assert found["main.loop1"]["verdict"] == "parallel"


def test_warnings_are_shown(here: Path) -> None:
    """As the compiler puts them."""
    (here / "w.c").write_text("int main(void) { return 1 / 0; }\n")

    assert "warning: division by zero" in run_command("analyze", "w.c").out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["gone.c"], 3, "gone.c: No such file"),
        (["p.c", "p.c"], 2, "p.c is named twice"),
        (["p.f90"], 3, "ipt reads C"),
    ],
)
def test_unusable_input_is_refused(
    here: Path, arguments: list[str], code: int, message: str
) -> None:
    """With the reason."""
    (here / "p.f90").write_text("end")
    result = run_command("analyze", *arguments)

    assert result.code == code
    assert message in result.err


def test_nothing_stands_behind_two_dashes(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No program is run here."""
    with pytest.raises(SystemExit) as caught:
        run_command("analyze", "p.c", "--", "5")

    assert here.exists()
    assert caught.value.code == 2
    assert "analyze runs no program" in capsys.readouterr().err
