"""The grammar of line answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipt.listing import LineError, LineRange, read_lines


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("12", [(12, 12)]),
        ("12-20", [(12, 20)]),
        (" 12 - 20 ", [(12, 20)]),
        ("12,14-16", [(12, 12), (14, 16)]),
        ("14-16, 12", [(12, 12), (14, 16)]),
        ("12 14;16", [(12, 12), (14, 14), (16, 16)]),
        ("[16],[18-19]", [(16, 16), (18, 19)]),
        ("12-none", [(12, 12)]),
        ("none", []),
        ("NONE", []),
        ("  ", []),
        (",", []),
    ],
)
def test_lines_may_be_written_in_these_ways(
    answer: str, expected: list[tuple[int, int]]
) -> None:
    """One line, a range, a list, brackets as the first IPT asked for, or none."""
    assert tuple(LineRange(*each) for each in expected) == read_lines(answer)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("twelve", "'twelve': neither a line nor a range"),
        ("12,x,14-y", "'x', '14-y': neither"),
        ("12--14", "neither a line nor a range"),
        ("-3", "neither a line nor a range"),
        ("1.5", "neither a line nor a range"),
        ("٣", "neither a line nor a range"),
        ("99999999", "neither a line nor a range"),
        ("20-12", "ends before it begins"),
        ("12-20,15", "Line 15 is named twice"),
        ("7,7", "Line 7 is named twice"),
        ("1," * 600, "more than 500 parts"),
    ],
)
def test_what_is_no_line_is_named(answer: str, reason: str) -> None:
    """The reason quotes the parts that cannot be read, and says how to write it."""
    with pytest.raises(LineError, match=reason):
        read_lines(answer)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(answer: str) -> None:
    """Nothing that is typed leads to another error."""
    try:
        found = read_lines(answer)
    except LineError:
        return

    assert all(each.first <= each.last for each in found)


@given(st.lists(st.integers(1, 9999), unique=True, max_size=20))
def test_ranges_are_spelled_as_they_are_read(numbers: list[int]) -> None:
    """What is printed can be typed."""
    found = read_lines(",".join(map(str, numbers)))

    assert found == read_lines(",".join(map(str, found)))
    assert [each.first for each in found] == sorted(numbers)
