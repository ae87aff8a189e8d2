"""`ipt parallelize` without questions: files, names, reports."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from ipt.testing.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """#include <stdio.h>
#define N 5000
static double a[N];
int main(void) {
  double s = 0;
  for (int i = 0; i < N; i++)
    a[i] = i / 3.0;
  puts("filled");
  for (int i = 0; i < N; i++)
    s += a[i];
  printf("%.6f\\n", s);
  return 0;
}
"""
SERIAL = (
    "int f(int n, int *a) {\nfor (int i = 1; i < n; i++)\na[i] = a[i-1];\nreturn 0; }\n"
)
MAIN = """#include "own.h"
static double a[N];
int main(void) {
  for (int i = 0; i < N; i++)
    a[i] = half(i);
  return total(a) < 0;
}
"""
UTIL = """#include "own.h"
double half(double x) { return x / 2; }
double total(double *p) {
  double s = 0;
  for (int i = 0; i < N; i++)
    s += p[i];
  return s;
}
"""
HEADER = "#define N 5000\ndouble half(double);\ndouble total(double *);\n"
PRAGMA = "#pragma omp parallel for"


@pytest.fixture(name="here")
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.c").write_text(PROGRAM)
    (tmp_path / "s.c").write_text(SERIAL)
    return tmp_path


@pytest.fixture(name="several")
def _several(here: Path) -> Path:
    (here / "src").mkdir()
    (here / "src" / "main.c").write_text(MAIN)
    (here / "src" / "util.c").write_text(UTIL)
    (here / "src" / "own.h").write_text(HEADER)
    return here


def compile_shown(out: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command that a run has shown."""
    (line,) = [each for each in out.splitlines() if each.startswith("Compile: ")]
    return subprocess.run(shlex.split(line[9:]), capture_output=True, check=False)


def test_every_proved_loop_is_taken_without_questions(here: Path) -> None:
    """The changes and how to compile are shown; the input stays."""
    result = run_command("parallelize", "p.c", "--auto")
    text = (here / "p_omp.c").read_text()

    assert result.code == 0, result.err
    assert text.count(PRAGMA) == 2
    assert "reduction(+: s)" in text
    assert "Report: 2 loops parallelized" in result.out
    assert "s may differ in the last digits" in " ".join(result.out.split())
    assert "Answer [" not in result.out
    assert (here / "p.c").read_text() == PROGRAM


@pytest.mark.needs("gcc")
def test_compile_command_that_is_shown_works(several: Path) -> None:
    """Also where the new files lie in another folder than the old ones."""
    result = run_command("parallelize", "src/main.c", "src/util.c", "--auto", "-o", "n")
    done = compile_shown(result.out)

    assert done.returncode == 0, done.stderr
    assert (several / "main_omp").exists()


def test_exact_leaves_floating_point_sums_alone(here: Path) -> None:
    """What is exact in parallel is still taken."""
    result = run_command("parallelize", "p.c", "--auto", "--exact")
    text = (here / "p_omp.c").read_text()

    assert result.code == 0
    assert text.count(PRAGMA) == 1
    assert "reduction" not in text


def test_nothing_to_do_is_no_failure(here: Path) -> None:
    """Exit code 0, a message, and no file."""
    result = run_command("parallelize", "s.c", "--auto", "-o", "out.c")

    assert result.code == 0
    assert "nothing was written" in " ".join(result.out.split())
    assert sorted(each.name for each in here.iterdir()) == ["p.c", "s.c"]


def test_names_of_the_first_ipt_are_an_option(here: Path) -> None:
    """File, report and compile command agree."""
    result = run_command("parallelize", "p.c", "--auto", "--rose-names")

    assert (here / "rose_p_OpenMP.c").exists()
    assert "Written: rose_p_OpenMP.c" in result.out
    assert "rose_p_OpenMP.c -o rose_p_OpenMP" in result.out


def test_names_of_the_first_ipt_work_in_the_dialogue(here: Path) -> None:
    """The option is no matter of `--auto`."""
    result = run_command("parallelize", "p.c", "--yes", "--rose-names")

    assert result.code == 0, result.err
    assert (here / "rose_p_OpenMP.c").exists()


def test_model_is_an_answer_ahead(here: Path) -> None:
    """It is not asked for then; the others have a reason for being refused."""
    result = run_command("parallelize", "p.c", "--model", "openmp", typed="quit\n")
    refused = run_command("parallelize", "p.c", "--model", "cuda", "--auto")

    assert here.exists()
    assert result.code == 5
    assert "Answer [2]: openmp" in result.out
    assert refused.code == 2
    assert "CUDA is not available yet" in refused.err


def test_several_files_go_into_a_folder(several: Path) -> None:
    """It is made if it is not there; calls are followed between the files."""
    result = run_command("parallelize", "src/main.c", "src/util.c", "--auto", "-o", "n")

    assert result.code == 0, result.err
    assert PRAGMA in (several / "n" / "main_omp.c").read_text()
    assert PRAGMA in (several / "n" / "util_omp.c").read_text()
    assert "Written: n/main_omp.c, n/util_omp.c" in result.out
    assert (several / "src" / "main.c").read_text() == MAIN


def test_file_goes_into_a_folder_that_is_there(several: Path) -> None:
    """`-o` names a folder then, as with `cp`."""
    result = run_command("parallelize", "p.c", "--auto", "-o", "src")

    assert result.code == 0
    assert (several / "src" / "p_omp.c").exists()


def test_only_changed_files_are_written(several: Path) -> None:
    """The others are compiled as they are."""
    (several / "src" / "util.c").write_text(UTIL.replace("s += p[i]", "s = p[i] - s"))
    result = run_command("parallelize", "src/main.c", "src/util.c", "--auto")

    assert result.code == 0, result.err
    assert not (several / "util_omp.c").exists()
    assert "main_omp.c src/util.c -o main_omp" in result.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a/x.c", "b/x.c", "--auto"], "would both be written to x_omp.c"),
        (["p.c", "--auto", "--report", "p_omp.c"], "would both be written to"),
        (["p.c", "--save-answers", "p.c"], "p.c is the input"),
        (["p.c", "p_omp.c", "--auto"], "p_omp.c is the input"),
        (["p.c", "s.c", "--auto", "-o", "s.c"], "Let -o name a folder"),
        (["p.c", "--auto", "-o", "p.c"], "p.c is the input"),
        (["p.c", "--auto", "--report", "p.c"], "p.c is the input"),
        (["p.c", "--auto", "--listing", "no/such"], "no/such: No such file"),
        (["p.c", "s.c", "--auto", "-o", "no/such"], "no/such: No such file"),
        (["p.c", "--auto", "--yes"], "--auto asks nothing, so --yes"),
        (["p.c", "--auto", "--answers", "a"], "--auto asks nothing, so --answers"),
        (["p.c", "--exact"], "--exact goes with --auto"),
        (["p.c", "--restructure"], "--restructure goes with --auto"),
        (["p.c", "--auto", "--diff", "--verify"], "--verify needs what is written"),
        (["p.c", "--auto", "--", "5"], "What stands behind `--` is for --verify"),
        (["p.c", "p.c", "--auto"], "p.c is named twice"),
    ],
)
def test_misuse_is_refused_with_the_way_out(
    here: Path, arguments: list[str], message: str
) -> None:
    """Nothing is written, nor is the input changed."""
    for folder in ("a", "b"):
        (here / folder).mkdir()
        (here / folder / "x.c").write_text(SERIAL)
    (here / "p_omp.c").write_text("int unused;\n")
    before = {each: each.read_bytes() for each in here.rglob("*.c")}
    result = run_command("parallelize", *arguments)

    assert result.code == 2, result.out
    assert message in result.err
    assert {each: each.read_bytes() for each in here.rglob("*.c")} == before


def test_earlier_output_is_replaced(here: Path) -> None:
    """Running twice gives what running once gives."""
    run_command("parallelize", "p.c", "--auto")
    first = (here / "p_omp.c").read_bytes()
    result = run_command("parallelize", "p.c", "--auto")

    assert result.code == 0
    assert (here / "p_omp.c").read_bytes() == first


def test_diff_shows_all_files_and_writes_none(several: Path) -> None:
    """Each with its own name."""
    result = run_command("parallelize", "src/main.c", "src/util.c", "--auto", "--diff")

    assert result.code == 0
    assert "+++ main_omp.c" in result.out
    assert "+++ util_omp.c" in result.out
    assert not (several / "main_omp.c").exists()


def test_report_tells_everything(here: Path) -> None:
    """Files, changes, loops, the command; the schema has a version."""
    result = run_command("parallelize", "p.c", "--auto", "--report", "r.json")
    report = json.loads((here / "r.json").read_text())

    assert result.code == 0
    assert (report["schema"], report["version"]) == ("ipt-report", 1)
    assert report["status"] == "parallelized"
    assert report["files"] == [{"input": "p.c", "output": "p_omp.c"}]
    assert [each["line"] for each in report["changes"]] == [6, 9]
    assert report["summary"]["loops"] == 2
    assert report["functions"][0]["loops"][1]["verdict"] == "reduction"
    assert "IPT204" in {each["code"] for each in report["findings"]}
    assert report["assumptions"] == []
    assert report["restructurings"] == []
    assert report["commands"] == {"compile": "gcc -fopenmp -O2 p_omp.c -o p_omp"}
    assert report["verification"] is None


def test_report_names_what_a_person_vouched_for(here: Path) -> None:
    """The dialogue has reports too."""
    (here / "q.c").write_text(
        "void f(int *p, int *q, int n) {\n"
        "for (int i = 0; i < n; i++)\np[i] = q[i];\n}\n"
    )
    answers = {"f.loop1": "y", "f.loop1.distinct.p+q": "y"}
    (here / "a.json").write_text(json.dumps(answers))
    result = run_command(
        *("parallelize", "q.c", "--yes", "--answers", "a.json", "--report", "r.json")
    )
    report = json.loads((here / "r.json").read_text())

    assert result.code == 0, result.err
    assert report["assumptions"] == ["the memory of p, q does not overlap"]


def test_report_on_nothing_has_the_reason(here: Path) -> None:
    """The loops are told all the same."""
    run_command("parallelize", "s.c", "--auto", "--report", "r.json")
    report = json.loads((here / "r.json").read_text())

    assert report["status"] == "unchanged"
    assert "nothing was written" in report["reason"]
    assert report["files"] == [{"input": "s.c", "output": None}]
    assert report["commands"] == {}
    assert report["functions"][0]["loops"][0]["verdict"] == "refused"


def test_listing_numbers_the_statements(here: Path) -> None:
    """The numbers are those that the dialogue takes."""
    result = run_command("parallelize", "p.c", "--auto", "--listing", "l.txt")

    assert result.code == 0
    assert "6 :   for (int i = 0; i < N; i++)" in (here / "l.txt").read_text()


RESTRUCTURED = """#include <stdio.h>
#define N 400
static double a[N][N];
int main(void) {
  for (int i = 1; i < N; i++)
    for (int j = 0; j < N; j++)
      a[i][j] = a[i - 1][j] + j;
  printf("%f\\n", a[N - 1][3]);
  return 0;
}
"""


def test_restructuring_frees_a_loop(here: Path) -> None:
    """It is shown, and told in the report."""
    (here / "r.c").write_text(RESTRUCTURED)
    result = run_command(
        *("parallelize", "r.c", "--auto", "--restructure", "--report", "r.json")
    )
    (rewrite,) = json.loads((here / "r.json").read_text())["restructurings"]

    assert result.code == 0, result.err
    assert "main, line 5: interchange" in result.out
    assert rewrite["kind"] == "interchange"
    assert (rewrite["line"], rewrite["file"]) == (5, "r.c")
    assert rewrite["before"][0] != rewrite["after"][0]
    assert PRAGMA in (here / "r_omp.c").read_text()


def test_nothing_to_restructure_is_no_failure(here: Path) -> None:
    """The rest is done as without the option."""
    result = run_command("parallelize", "p.c", "--auto", "--restructure")

    assert result.code == 0
    assert (here / "p_omp.c").read_text().count(PRAGMA) == 2


@pytest.mark.needs("gcc")
def test_verify_follows_at_once(here: Path) -> None:
    """What was written is compared with the serial program."""
    result = run_command(
        *("parallelize", "p.c", "--auto", "--verify", "--threads", "2", "--no-races"),
        *("--report", "r.json", "--", "5"),
    )
    report = json.loads((here / "r.json").read_text())

    assert result.code == 0, result.err
    assert "The parallel program does what the serial one does." in result.out
    assert report["verification"]["status"] == "same"


@pytest.mark.needs("gcc")
def test_verify_finds_own_headers(several: Path) -> None:
    """Though the new files lie elsewhere."""
    result = run_command(
        *("parallelize", "src/main.c", "src/util.c", "--auto", "--verify"),
        *("--threads", "2", "--no-races"),
    )

    assert several.exists()
    assert result.code == 0, result.err


@pytest.mark.needs("gcc")
def test_verify_fails_where_a_person_vouched_wrongly(here: Path) -> None:
    """The file stays, and the exit code tells that it is wrong."""
    (here / "w.c").write_text(
        "#include <stdio.h>\n"
        "__attribute__((noinline)) void f(int *p, int *q, int n) {\n"
        "  for (int i = 0; i < n; i++)\n    p[i] = q[i] + 1;\n}\n"
        "int a[200000];\n"
        "void (*volatile g)(int *, int *, int) = f;\n"
        "int main(void) {\n  g(a + 1, a, 199999);\n"
        '  printf("%d\\n", a[199999]);\n  return 0;\n}\n'
    )
    answers = {"function": "f", "f.loop1": "y", "f.loop1.distinct.p+q": "y"}
    (here / "a.json").write_text(json.dumps(answers))
    result = run_command(
        *("parallelize", "w.c", "--yes", "--answers", "a.json", "--verify"),
        *("--threads", "4", "--no-races"),
    )

    assert result.code == 6, result.out
    assert "First difference, with 4 threads: output, line 1" in result.out
    assert "serial:   199999" in result.out
