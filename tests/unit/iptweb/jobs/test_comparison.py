"""A serial program beside its parallel one."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.jobs.comparison import (
    Difference,
    Row,
    find_difference,
    read_table,
    to_report,
)
from iptweb.jobs.comparison.outputs import Output

TABLE = "serial\t1\t0\t4.0\n1\t1\t0\t4.5\n4\t1\t0\t1.0\n4\t2\t0\t1.2\n4\t3\t0\t1.1\n"
FINITE = st.floats(allow_nan=False, allow_infinity=False)


def compare(serial: str, parallel: str, tolerance: float = 1e-6) -> Difference | None:
    """Compare two texts."""
    return find_difference(serial.split("\n"), parallel.split("\n"), tolerance)


def report(
    table: str, outputs: dict[str, bytes], *, done: bool = True, tolerance: float = 1e-6
) -> Any:
    """Report on a job with these files."""

    def read(label: str) -> Output | None:
        data = outputs.get(label)
        return None if data is None else Output.read(data, len(data))

    return to_report(read_table(table), read, tolerance=tolerance, done=done)


def test_table() -> None:
    """Each line of the table is a run."""
    rows = read_table(TABLE)

    assert rows[0] == Row("serial", 1, 0, 4.0)
    assert [row.count for row in rows] == [0, 1, 4, 4, 4]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "serial\t1\t0",
        "serial\t1\t0\t1.0\tx",
        "other\t1\t0\t1.0",
        "0\t1\t0\t1.0",
        "\u0661\t1\t0\t1.0",
        "4\t0\t0\t1.0",
        "4\t1\tx\t1.0",
        "4\t1\t0\tsoon",
        "4\t1\t0\tnan",
        "4\t1\t0\tinf",
        "4\t1\t0\t-1",
    ],
)
def test_no_run(line: str) -> None:
    """A line that is no run is left out."""
    assert read_table(f"{line}\nserial\t1\t139\t2\n") == [Row("serial", 1, 139, 2.0)]


def test_half_a_line() -> None:
    """What is being written is not read yet."""
    assert read_table("serial\t1\t0\t4.0\n4\t1\t0\t1") == [Row("serial", 1, 0, 4.0)]
    assert len(read_table("4\t1\t0\t1\n" * 500)) == 100


@pytest.mark.parametrize(
    ("serial", "parallel"),
    [
        ("", ""),
        ("sum = 1.0", "sum = 1.0000001"),
        ("sum=1.0,max=2e3;", "sum=1,max=2000.0;"),
        ("(1.5, -2.5e-3)", "(1.5000001,  -0.0025)"),
        ("(1.5,2.5)", "(1.5,2.50)"),
        ("0.0", "1e-17"),
        ("-0.0 x", "0.0  x"),
        ("nan -nan NaN", "nan nan -NAN"),
        ("inf -inf +Infinity", "INF -Infinity inf"),
        ("0010 +5 -0", "10 5 0"),
        ("1e308", "1.0000001e308"),
        ("1e999", "inf"),
    ],
)
def test_same(serial: str, parallel: str) -> None:
    """Rounding, spelling of numbers and blanks make no difference."""
    assert compare(serial, parallel) is None


@pytest.mark.parametrize(
    ("serial", "parallel", "expected"),
    [
        ("a\nb 1.0 c", "a\nb 1.1 c", Difference(2, 2, "1.0", "1.1", 1 / 11)),
        (
            "total 10000000",
            "total 9999999",
            Difference(1, 2, "10000000", "9999999", 1e-7),
        ),
        ("-5", "5", Difference(1, 1, "-5", "5", 2.0)),
        ("1e-17", "1", Difference(1, 1, "1e-17", "1", 1.0)),
        ("info", "inf", Difference(1, 1, "info", "inf")),
        ("x=1", "y=1", Difference(1, 1, "x=1", "y=1")),
        ("1.0 s", "1.0", Difference(1, 2, "s", "")),
        ("1.0", "1.0 s", Difference(1, 2, "", "s")),
        ("a", "a\nb c", Difference(2, 0, "", "b c")),
        ("a\nb", "a", Difference(2, 0, "b", "")),
        ("b\na", "a\nb", Difference(1, 1, "b", "a")),
        ("1.0", "nan", Difference(1, 1, "1.0", "nan")),
        ("inf", "-inf", Difference(1, 1, "inf", "-inf")),
        ("1e308", "-1e308", Difference(1, 1, "1e308", "-1e308", 2.0)),
        ("1.0", "one", Difference(1, 1, "1.0", "one")),
    ],
)
def test_different(serial: str, parallel: str, expected: Difference) -> None:
    """The first difference is told: where it is, what it is, and how large."""
    found = compare(serial, parallel)

    assert found is not None
    assert found.relative == pytest.approx(expected.relative)
    assert (found.line, found.word, found.serial, found.parallel) == (
        *(expected.line, expected.word, expected.serial, expected.parallel),
    )


def test_tolerance() -> None:
    """The tolerance is the caller's; without one, numbers are equal or not."""
    assert compare("1.00", "1.01", 0.1) is None
    assert compare("0.0", "1e-300", 0.0) is not None
    assert compare("1.0", "1.00", 0.0) is None


def test_long_words() -> None:
    """A word of a million digits is compared as it stands, and not shown whole."""
    found = compare("1" * 1_000_000, "2" * 1_000_000)

    assert found is not None
    assert len(found.serial) == 201


@given(st.text(), st.text(), st.floats(0, 1))
def test_any_text(one: str, other: str, tolerance: float) -> None:
    """Any two texts can be compared; a text is the same as itself."""
    assert compare(one, one, tolerance) is None
    forth, back = compare(one, other, tolerance), compare(other, one, tolerance)

    assert (forth is None) == (back is None)
    assert forth is None or forth.relative is None or math.isfinite(forth.relative)


@given(FINITE, FINITE)
def test_any_numbers(one: float, other: float) -> None:
    """Numbers are the same if one is within the tolerance of the other."""
    most = max(abs(one), abs(other))
    near = abs(one / 2 - other / 2) <= max(1e-6 * (most / 2), 0.5e-12)

    assert (compare(repr(one), repr(other)) is None) == near


def test_output() -> None:
    """Lines are as an editor counts them, and half a line of more is no line."""
    assert Output.read(b"a\r\nb\n", 5) == Output(["a", "b"], whole=True)
    assert Output.read(b"a\nb", 3) == Output(["a", "b"], whole=True)
    assert Output.read(b"a\nb", 9) == Output(["a"], whole=False)
    assert Output.read(b"", 0) == Output([], whole=True)
    assert Output.read(b"\xff", 1).lines == ["\ufffd"]


def test_speed_up() -> None:
    """Speed-up is the serial median over the parallel one, efficiency its share."""
    runs = report(TABLE, {})["runs"]

    assert [run["speed_up"] for run in runs] == pytest.approx(
        [1.0, 4 / 4.5, 4 / 1.1, 4 / 1.1, 4 / 1.1]
    )
    assert runs[2]["efficiency"] == pytest.approx(4 / 1.1 / 4)
    assert (runs[0]["count"], runs[0]["efficiency"]) == (0, 1.0)


def test_failed_runs() -> None:
    """A run that failed stays in the table and has no part in the times."""
    answer = report("serial\t1\t0\t2\n2\t1\t139\t0.1\n4\t1\t1\t9\n4\t2\t0\t1\n", {})

    assert [run["speed_up"] for run in answer["runs"]] == [1.0, None, 2.0, 2.0]
    assert answer["runs"][1]["exit_code"] == 139


def test_no_time_at_all() -> None:
    """A program that took no measurable time has no speed-up."""
    assert report("serial\t1\t0\t1\n2\t1\t0\t0.0\n", {})["runs"][1]["speed_up"] is None


def test_outputs_are_compared() -> None:
    """Each count's output is compared with the serial one."""
    outputs = {"serial": b"x 1.0\ny\n", "1": b"x 1.00\ny\n", "4": b"x 1.0\nz\nw\n"}

    runs = report(TABLE, outputs)["runs"]

    assert [run["same"] for run in runs] == [None, True, False, False, False]
    assert runs[1]["difference"] is None
    assert runs[2]["difference"] == {
        "line": 2,
        "word": 1,
        "serial": "y",
        "parallel": "z",
        "relative": None,
        "serial_lines": 2,
        "parallel_lines": 3,
    }


@pytest.mark.parametrize("outputs", [{}, {"serial": b"x"}, {"1": b"x", "4": b"x"}])
def test_missing_outputs(outputs: dict[str, bytes]) -> None:
    """What is not there can't be compared."""
    assert {run["same"] for run in report(TABLE, outputs)["runs"]} == {None}


@pytest.mark.parametrize(
    ("serial", "parallel", "same"),
    [
        (Output(["a"], whole=False), Output(["a"], whole=False), None),
        (Output(["a", "b"], whole=False), Output(["a"], whole=False), None),
        (Output(["a"], whole=False), Output(["a", "b"], whole=True), None),
        (Output(["a", "b"], whole=False), Output(["a"], whole=True), False),
        (Output(["a"], whole=False), Output(["b"], whole=False), False),
    ],
)
def test_outputs_that_are_too_long(
    serial: Output, parallel: Output, *, same: bool | None
) -> None:
    """Of outputs that are not read whole only a difference can be told."""
    rows = [Row("serial", 1, 0, 1.0), Row("2", 1, 0, 1.0)]
    outputs = {"serial": serial, "2": parallel}

    answer = to_report(rows, outputs.get, tolerance=1e-6, done=True)

    assert answer["runs"][1]["same"] is same
    difference = answer["runs"][1]["difference"] or {"serial_lines": None}
    assert difference["serial_lines"] is None


@pytest.mark.parametrize(
    ("table", "done", "beginning"),
    [
        ("", False, "No program has run"),
        ("", True, "Nothing was compared"),
        ("serial\t1\t3\t1\n", True, "The serial program failed: it ended with code 3"),
        ("serial\t1\t0\t1\n", True, "The serial program prints nothing"),
    ],
)
def test_message(table: str, *, done: bool, beginning: str) -> None:
    """A comparison that can't tell much says so."""
    answer = report(table, {"serial": b""}, done=done)

    assert answer["message"].startswith(beginning)
    assert answer["done"] is done
    assert report(TABLE, {"serial": b"x"})["message"] == ""
