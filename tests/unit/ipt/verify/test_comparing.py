"""What counts as the same output."""

from __future__ import annotations

import re

import pytest

from ipt.verify.comparing import Comparison, Difference, compare_runs
from ipt.verify.running import Ended, Run


def run_of(
    output: str | bytes, code: int = 0, ended: Ended = Ended.EXIT, **files: bytes
) -> Run:
    """Return a run that wrote something."""
    data = output.encode() if isinstance(output, str) else output
    return Run(ended, code, 0.1, data, "", files)


def difference(
    serial: str | bytes, parallel: str | bytes, rules: Comparison | None = None
) -> Difference | None:
    """Compare two outputs."""
    return compare_runs(run_of(serial), run_of(parallel), rules or Comparison())


@pytest.mark.parametrize(
    ("serial", "parallel"),
    [
        ("", ""),
        ("sum 1.0000000\n", "sum 1.0000001\n"),
        ("sum 1\n", "sum 0.99999999999\n"),
        ("x = -0.0\n", "x =  0.0\n"),
        ("  12.5 3\n", " 12.500001 3\n"),
        ("nan -inf\n", "nan -inf\n"),
        ("nan 1.0\n", "-nan 1.0\n"),
        ("1e300 2E-5\n", "1.0e+300 2.0000001e-5\n"),
        ("text  \n\n", "text"),
        ("(3.5,4.5)", "(3.4999999,4.5000001)"),
    ],
)
def test_outputs_that_are_the_same(serial: str, parallel: str) -> None:
    """Numbers with a fraction may differ a little, blanks at line ends too."""
    assert difference(serial, parallel) is None


@pytest.mark.parametrize(
    ("serial", "parallel"),
    [
        ("1.0\n", "1.00001\n"),
        ("10000000\n", "10000001\n"),
        ("a1\n", "a2\n"),
        ("sum: 1.0\n", "sum = 1.0\n"),
        ("nan\n", "1.0\n"),
        ("1.0\n", "inf\n"),
        ("1.0 2.0\n", "1.0\n"),
        ("0.0\n", "1.5e-3\n"),
        ("1" * 300, "2" * 300),
        ("a\nb\n", "b\na\n"),
    ],
)
def test_outputs_that_differ(serial: str, parallel: str) -> None:
    """Whole numbers, words and their order are compared exactly."""
    found = difference(serial, parallel)

    assert found is not None
    assert (found.what, found.line) == ("output", 1)


def test_difference_names_the_line_and_both_texts() -> None:
    """The first difference is enough to find the fault."""
    found = difference("a\nx 1.5 2\nz\n", "a\nx 1.6 2\ny\n")

    assert found == Difference("output", 2, "x 1.5 2", "x 1.6 2")


def test_tolerance_is_a_choice() -> None:
    """A larger one accepts more, 0 nothing."""
    assert difference("1.0", "1.01", Comparison(tolerance=0.1)) is None
    assert difference("1.0", "1.0000001", Comparison(tolerance=0)) is not None


def test_numbers_close_to_zero_get_a_hint() -> None:
    """What should be zero differs relatively by much; the way out is said."""
    found = difference("residual 1.5e-17\n", "residual 3.0e-17\n")

    assert found is not None
    assert found.hint == "Both are close to zero; --absolute 3e-17 accepts that."
    assert difference("1.5e-17", "3.0e-17", Comparison(absolute=3e-17)) is None


@pytest.mark.parametrize(
    ("serial", "parallel"),
    [("1e-17 5", "2e-17 6"), ("x 1e-17", "y 2e-17"), ("1e-17", "nan"), ("1.0", "2.0")],
)
def test_no_hint_where_more_than_rounding_differs(serial: str, parallel: str) -> None:
    """A tolerance would not help there."""
    found = difference(serial, parallel)

    assert found is not None
    assert found.hint == ""


def test_missing_line_is_a_difference() -> None:
    """Either program may end early."""
    assert difference("a\nb\n", "a\n") == Difference("output", 2, "b", "(the end)")
    assert difference("a\n", "a\nb\n") == Difference("output", 2, "(the end)", "b")


def test_other_order_is_hinted_at() -> None:
    """Whoever does not care about the order is told how to say so."""
    found = difference("a 1\nb 2\n", "b 2\na 1\n")

    assert found is not None
    assert "--unordered accepts that" in found.hint


def test_unordered_lines_are_a_multiset() -> None:
    """Numbers keep their tolerance; a line more or less is a difference."""
    rules = Comparison(is_unordered=True)

    same = difference("a 1.0\nb 2\na 3.0\n", "a 3.0000001\na 1.0\nb 2\n", rules)
    more = difference("a 1\n", "a 1\na 1\n", rules)
    fewer = difference("a 1\na 1\n", "a 1\n", rules)
    other = difference("a 1.5\nb\n", "b\na 1.6\n", rules)
    unknown = difference("a\n", "b\na\n", rules)
    nans = difference("x nan\nx 1.0\n", "x 1.0\nx nan\n", rules)

    assert same is None
    assert more == Difference("output", 2, "(no such line)", "a 1")
    assert fewer == Difference("output", 2, "a 1", "(no such line)")
    assert other == Difference("output", 1, "a 1.5", "a 1.6")
    assert unknown == Difference("output", 1, "(no such line)", "b")
    assert nans is None


def test_ignored_lines_are_left_out() -> None:
    """Lines such as times need not agree; line numbers stay those of the output."""
    rules = Comparison(ignored=re.compile("^took"))

    assert difference("took 1.5 s\na\n", "a\ntook 2.5 s\n", rules) is None
    assert difference("took 1\na\n", "took 2\nb\n", rules) == Difference(
        "output", 2, "a", "b"
    )


def test_what_is_no_text_is_compared_by_bytes() -> None:
    """The first byte that differs is named."""
    assert difference(b"\0\1\2", b"\0\1\2") is None
    assert difference(b"\0\1\2", b"\0\1\3") == Difference(
        "output", 0, "byte 2: 02", "byte 2: 03"
    )
    assert difference(b"\xff\xfe", b"\xff") == Difference(
        "output", 0, "byte 1: fe", "byte 1: the end"
    )


def test_long_lines_are_cut_in_the_report() -> None:
    """A report stays readable."""
    found = difference("a" * 500, "b" * 500)

    assert found is not None
    assert found.serial == "a" * 200 + "…"


def test_exit_status_is_compared() -> None:
    """A program that fails otherwise is another program."""
    found = compare_runs(run_of("a"), run_of("a", code=3), Comparison())

    assert found == Difference("exit status", 0, "0", "3")


def test_crash_is_a_difference_before_all_others() -> None:
    """What was written until then says little."""
    crashed = run_of("", code=11, ended=Ended.SIGNAL)
    odd = run_of("", code=99, ended=Ended.SIGNAL)

    assert compare_runs(run_of("a"), crashed, Comparison()) == Difference(
        "exit status", 0, "0", "ended by SIGSEGV"
    )
    found = compare_runs(run_of("a"), odd, Comparison())
    assert found is not None
    assert found.parallel == "ended by signal 99"


def test_written_files_are_compared() -> None:
    """Each by its name, text with tolerance."""
    serial = run_of("a", out=b"1.0\n", log=b"x\n")
    same = run_of("a", out=b"1.00000001\n", log=b"x\n")
    other = run_of("a", out=b"1.5\n", log=b"x\n")
    fewer = run_of("a", out=b"1.0\n")

    assert compare_runs(serial, same, Comparison()) is None
    assert compare_runs(serial, other, Comparison()) == Difference(
        "file out", 1, "1.0", "1.5"
    )
    assert compare_runs(serial, fewer, Comparison()) == Difference(
        "file log", 0, "written", "not written"
    )
    assert compare_runs(fewer, serial, Comparison()) == Difference(
        "file log", 0, "not written", "written"
    )


def test_difference_has_a_json_form() -> None:
    """All parts are there."""
    assert Difference("output", 1, "a", "b", "c").to_json() == {
        "what": "output",
        "line": 1,
        "serial": "a",
        "parallel": "b",
        "hint": "c",
    }
