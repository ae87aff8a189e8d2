"""The lessons say what `ipt` says: every listing is run, every answer is checked."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Analyzer, LoopVerdict, Status
from ipt.restructure import find_restructurings
from ipt.testing import program_of, verdicts_of
from ipt.testing.commands import run_command

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
LESSONS = ROOT / "docs" / "ipt" / "learn"
SAMPLES = ROOT / "shared" / "ipt" / "samples"
PAGES = sorted(LESSONS.glob("[0-9]*.md"))
LEFT_OUT = "…"


def read(path: Path) -> str:
    """Return the text of a page."""
    return path.read_text(encoding="utf-8")


def listings(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the commands of a page, each with the lines that it shows."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        command = ""
        shown: list[str] = []
        for line in block.splitlines():
            if not line.startswith("$ "):
                shown.append(line)
                continue
            if command:
                yield command, shown
            command, shown = line[2:], []
        yield command, shown


def run(command: str, shown: list[str]) -> str:
    """Run a command of a listing, with the answers that the listing shows."""
    words = shlex.split(command)
    if words[0] == "ipt":
        prompts = (re.match(r"Answer \[.*?\]:(.*)", line) for line in shown)
        typed = "".join(f"{each[1].strip()}\n" for each in prompts if each)
        result = run_command(*words[1:], typed=typed)
        assert result.code in (0, 1), result.err
        return result.out
    done = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0 or words[0] == "diff", done.stderr
    return done.stdout


def plain(lines: list[str], command: str) -> list[str]:
    """Return lines without what differs from run to run."""
    found = [line.rstrip() for line in lines]
    if command.startswith("ipt verify"):
        found = [re.sub(r" +\d+\.\d+", " #", line) for line in found]
        found = [line for line in found if "too short for its speed-up" not in line]
    while found and not found[0]:
        del found[0]
    return found


def missing(shown: list[str], lines: list[str]) -> list[str]:
    """Return the shown lines, from the first one on that was not said.

    Lines are said in the order shown; others come between them only where a
    line is left out.
    """
    at = 0
    is_free = False
    for number, line in enumerate(shown):
        if line == LEFT_OUT:
            is_free = True
            continue
        rest = lines[at:] if is_free else lines[at : at + 1]
        if line not in rest:
            return shown[number:]
        at += rest.index(line) + 1
        is_free = False
    return [] if is_free or at == len(lines) else ["(no more)", *lines[at:]]


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_listings_are_real(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command of a lesson gives the lines that are shown."""
    for sample in SAMPLES.glob("*.c"):
        shutil.copy(sample, tmp_path)
    monkeypatch.chdir(tmp_path)
    found = list(listings(read(page)))

    assert found
    for command, shown in found:
        lines = plain(run(command, shown).splitlines(), command)
        rest = missing(plain(shown, command), lines)
        assert not rest, f"$ {command}\n" + "\n".join(lines)


def test_listing_that_is_wrong_is_seen() -> None:
    """A changed, a missing and an additional line; the check means something."""
    said = ["a", "b", "c"]

    assert missing(["a", "b", "c"], said) == []
    assert missing(["a", "…"], said) == []
    assert missing(["…", "c"], said) == []
    assert missing(["a", "x", "c"], said) == ["x", "c"]
    assert missing(["a", "c"], said) == ["c"]
    assert missing(["…", "c", "b", "…"], said) == ["b", "…"]
    assert missing(["a", "b"], said) == ["(no more)", "c"]


def test_lessons_and_their_list_agree() -> None:
    """Each is listed with its title and the samples that it uses."""
    listed = read(LESSONS / "README.md")
    rows = re.findall(r"^\| \d+ \| \[(.*)\]\((.*)\) \| (.*) \|$", listed, re.MULTILINE)

    assert [name for _, name, _ in rows] == [page.name for page in PAGES]
    for (title, _, programs), page in zip(rows, PAGES, strict=True):
        assert re.match(rf"# \d+\. {re.escape(title)}\n", read(page))
        for program in re.findall(r"`(.*?)`", programs):
            assert (SAMPLES / program).exists()
            assert program in read(page)


def test_every_lesson_has_a_question_and_an_exercise() -> None:
    """And the exercise has its answer."""
    for page in PAGES:
        text = read(page)
        assert re.search(r"^\*[A-Z].*\?\*$", text, re.MULTILINE), page.name
        assert text.count("## Exercise") == text.count("</details>") == 1


def sample(name: str, *changes: tuple[str, str]) -> list[LoopVerdict]:
    """Return the verdicts on the loops of a sample that was changed."""
    text = read(SAMPLES / name)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return verdicts_of(program_of(text, name, toolchain=None))


def codes(verdict: LoopVerdict) -> set[str]:
    """Return the codes of all findings of a loop."""
    return {each.code for each in verdict.findings}


@pytest.mark.needs("gcc")
def test_answer_of_lesson_1() -> None:
    """The inner loop would start its threads again and again."""
    inner = next(each for each in sample("heat.c") if each.loop.span.line == 35)

    assert "IPT110" in codes(inner)
    assert not inner.is_recommended


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("a[2 * i] = a[2 * i + 1];", Status.PARALLEL),
        ("a[i] = a[n - 1 - i];", Status.REFUSED),
        ("a[i % 100] = i;", Status.REFUSED),
    ],
)
def test_answer_of_lesson_2(body: str, status: Status) -> None:
    """One of three loops is independent."""
    text = f"void f(int n, double *a) {{ for (int i = 0; i < n; i++)\n{body}\n}}"
    (verdict,) = verdicts_of(program_of(text.replace("{ for", "{\nfor")))

    assert verdict.status is status


def test_answer_of_lesson_3() -> None:
    """What is taken away is added up."""
    (verdict,) = verdicts_of(
        program_of(
            "int f(int n, int *cost, int rest) {\nfor (int i = 0; i < n; i++)\n"
            "rest -= cost[i];\nreturn rest;\n}"
        )
    )

    assert [(each.name, each.op) for each in verdict.reductions] == [("rest", "+")]


DISTANCES = [(f"double d{axis} = bodies", f"d{axis} = bodies") for axis in "xyz"]


@pytest.mark.needs("gcc")
def test_answer_of_lesson_4() -> None:
    """Private in a function, refused for the whole file."""
    head = "static void advance(struct body *bodies, int n, double dt)\n{\n"
    local, *_ = sample("nbody.c", *DISTANCES, (head, f"{head}double dx, dy, dz;\n"))
    shared, *_ = sample("nbody.c", *DISTANCES, (head, f"double dx, dy, dz;\n{head}"))

    assert set(local.private) == {"dx", "dy", "dz"}
    assert "IPT103" in codes(local)
    assert shared.status is Status.REFUSED
    assert "IPT312" in codes(shared)


@pytest.mark.needs("gcc")
def test_answer_of_lesson_6() -> None:
    """The one that is written is enough."""
    before, *_ = sample("matrix.c")
    after, *_ = sample("matrix.c", ("double *y)", "double *restrict y)"))

    assert before.status is Status.NEEDS_DECISION
    assert after.status is Status.PARALLEL


@pytest.mark.needs("gcc")
def test_answer_of_lesson_7() -> None:
    """All forces are known before a body moves."""
    result = run_command(
        "parallelize", str(SAMPLES / "nbody.c"), "--auto", "--diff"
    ).out

    inserted = [line[1:].strip() for line in result.splitlines() if line[:1] == "+"]

    assert inserted[1:5] == [
        "#pragma omp parallel default(none) shared(n, bodies, dt)",
        "{",
        "#pragma omp for",
        "#pragma omp for nowait",
    ]


def test_answer_of_lesson_10() -> None:
    """Loops whose dependence runs against the inner one are not swapped."""
    program = program_of(
        "double a[900][900];\nvoid f(int n) {\nfor (int i = 1; i < n; i++)\n"
        "for (int j = 0; j < n - 1; j++)\na[i][j] = a[i - 1][j + 1];\n}"
    )
    analyzer = Analyzer(program)
    (function,) = program.functions
    outer, _ = analyzer.loops(function)

    assert analyzer.analyze(function, outer).status is Status.REFUSED
    found = [e.kind.value for e in find_restructurings(analyzer, function, outer)]
    assert "interchange" not in found
