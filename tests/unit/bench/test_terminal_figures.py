"""The arithmetic of the benchmark of terminals: what it counts, and what it says."""

import pytest

from bench.terminals.broken import Damage, compare
from bench.terminals.report import Aim, Compare, Row, Runs, number, quantile, table

PRINTED = b"\x1b[?2004l\r1\r\n2\r\n3\r\n4\r\n5\r\nend\r\nbench> "


def test_output_that_came_whole_and_once_is_not_damaged() -> None:
    """All numbers once are nothing lost and nothing doubled, whatever is around."""
    assert compare(b"bench> seq 1 5\r\n" + PRINTED, 5) == Damage(0, 0)


def test_lost_lines_are_counted_in_bytes() -> None:
    """A line that never came counts with its digits and its line end."""
    assert compare(PRINTED.replace(b"2\r\n3\r\n", b""), 5) == Damage(6, 0)


def test_lines_cut_in_two_are_lost() -> None:
    """Half a line is a lost one."""
    text = b"".join(b"%d\r\n" % value for value in range(1, 13))

    assert compare(text.replace(b"10\r\n", b"1"), 12) == Damage(8, 0)


def test_doubled_lines_are_counted_in_bytes() -> None:
    """Each time that a line comes again counts."""
    assert compare(PRINTED + b"\r\n" + 2 * b"4\r\n", 5) == Damage(0, 6)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 2), (0.75, 3), (0.95, 4), (1.0, 4)]
)
def test_a_quantile_is_one_of_the_sample(share: float, expected: float) -> None:
    """It is the smallest value that the share of the sample does not exceed."""
    assert quantile([4, 2, 3, 1], share) == expected


def test_a_quantile_of_nothing_is_refused() -> None:
    """There is no middle of nothing."""
    with pytest.raises(ValueError, match="no sample"):
        quantile([], 0.5)


def test_the_median_over_runs_is_told() -> None:
    """One run that something disturbed does not move the figure."""
    runs = Runs()
    for run in ([1, 1, 2], [1, 1, 3], [90, 91, 92]):
        runs.add(run)

    assert (runs.quantile(0.5), runs.quantile(1.0)) == (1, 3)


@pytest.mark.parametrize(
    ("compare_by", "value", "ours", "met"),
    [
        (Compare.MOST, 5, 5, True),
        (Compare.MOST, 5, 5.1, False),
        (Compare.ABOVE_FLOOR, 2, 12, True),
        (Compare.ABOVE_FLOOR, 2, 12.1, False),
        (Compare.OF_FLOOR, 0.9, 9, True),
        (Compare.OF_FLOOR, 0.9, 8.9, False),
    ],
)
def test_an_aim_is_met_or_missed(
    compare_by: Compare, value: float, ours: float, *, met: bool
) -> None:
    """Beside a floor of 10 each kind of aim draws its line."""
    row = Row("figure", ours, Aim(compare_by, value), 10)

    assert row.verdict == ("met" if met else "MISSED")


def test_turns_count_where_they_are_told() -> None:
    """The ratio of turns that met the same trouble is taken before that of middles."""
    row = Row("rate", 5, Aim(Compare.OF_FLOOR, 0.9), 10, turns=0.95)

    assert (row.ratio, row.verdict) == (0.95, "met")


def test_the_table_says_what_was_not_measured() -> None:
    """A figure that nobody could measure has its reason in place of a number."""
    rows = [
        Row("echo, ms", 0.5, Aim(Compare.MOST, 5), 0.25, 1.5),
        Row("containers, ms", None, Aim(Compare.MOST, 1200), note="not measured: no"),
    ]

    lines = table(rows).splitlines()

    assert lines[1].split() == [
        "echo,",
        "ms",
        "0.5",
        "≤",
        "5",
        "met",
        "0.25",
        "2",
        "1.5",
    ]
    assert "not measured: no" in lines[2]
    assert "MISSED" not in lines[2]
    assert lines[3] == "containers, ms: not measured: no"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0.12345, "0.123"), (12.345, "12.3"), (1234.5, "1234")],
)
def test_numbers_have_three_digits(value: float | None, text: str) -> None:
    """More digits than three are noise, but a thousand is written out."""
    assert number(value) == text
