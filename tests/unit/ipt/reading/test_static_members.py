"""Static members are shared without being said, and stand in no clause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.analysis.regions import analyze_region
from ipt.analysis.sync import analyze_sections
from ipt.testing import program_of, verdicts_of

if TYPE_CHECKING:
    from ipt.model import Program

HEAD = "struct G { static int all; int f(int n, int *a, int *b); }; int G::all;\n"
READ = """int G::f(int n, int *__restrict a, int *__restrict b) {
  for (int i = 0; i < n; i++)
    a[i] = b[i] + all;
  b[0] = 1;
  return n;
}
"""


def program(text: str) -> Program:
    """Return the program with a class that has a static member."""
    return program_of(HEAD + text, "test.cpp")


def test_loop_reads_a_static_member_without_listing_it() -> None:
    """GNU's compiler refuses it in `shared`."""
    verdict = verdicts_of(program(READ))[0]

    assert verdict.shared == ("n", "a", "b")
    assert not verdict.refusals


def test_sum_in_a_static_member_is_refused() -> None:
    """No clause can name it, so there is no reduction."""
    verdict = verdicts_of(program(READ.replace("a[i] = b[i] + all", "all += b[i]")))[0]

    assert "a static member" in verdict.refusals[0].message


def test_region_uses_a_static_member_without_listing_it() -> None:
    """It is shared anyway."""
    found = program(READ)
    function = found.functions[0]

    verdict = analyze_region(Analyzer(found), function, function.body.body[:2])

    assert "all" not in verdict.shared
    assert not verdict.findings or not verdict.refusals


def test_sections_with_a_static_member_are_refused() -> None:
    """Their clauses list all that they use."""
    found = program(READ.replace("b[0] = 1", "all = 1"))
    function = found.functions[0]
    first, second = function.body.body[:2]

    verdict = analyze_sections(Analyzer(found), function, [[first], [second]])

    assert any("a class has its own all" in each.message for each in verdict.refusals)
