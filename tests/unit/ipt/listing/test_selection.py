"""Which lines name statements, and which statements."""

from __future__ import annotations

import pytest

from ipt.listing import LineError, listing_of, print_listing, select, spelled
from ipt.model import Function, text_of
from ipt.testing import program_of

PROGRAM = """void f(int n, int *a) {
  int i, s = 0;
  /* a comment */
  for (i = 0; i < n; i++) {
    s += a[i];
    if (s > 9)
      s = 0;
    else {
      s--;
    }
  }
  a[0] = s; a[1] = 0;
  a[2] = 1;
  switch (n) {
  case 1:
    a[3] = 0;
    break;
  }

  for (i = 0; i < n; i++) a[i] = 0;
}
void g(void) { }
"""


@pytest.fixture(name="function")
def _function() -> Function:
    return program_of(PROGRAM).functions[0]


def texts(function: Function, answer: str) -> list[list[str]]:
    """Return the first words of the statements that an answer selects."""
    return [
        [text_of(each)[:9] for each in selection.statements]
        for selection in select(function, answer)
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("2", [["int i, s "]]),
        ("4", [["for (i = "]]),
        ("4-11", [["for (i = "]]),
        ("5", [["s += a[i]"]]),
        ("5-6", [["s += a[i]", "if (s > 9"]]),
        ("5-10", [["s += a[i]", "if (s > 9"]]),
        ("7", [["s = 0"]]),
        ("9", [["s--"]]),
        ("12", [["a[0] = s", "a[1] = 0"]]),
        ("4-13", [["for (i = ", "a[0] = s", "a[1] = 0", "a[2] = 1"]]),
        ("5,9", [["s += a[i]"], ["s--"]]),
        ("20", [["for (i = "]]),
        ("none", []),
    ],
)
def test_lines_name_whole_statements(
    function: Function, answer: str, expected: list[list[str]]
) -> None:
    """A line names what begins on it; a range, neighbours in one block."""
    assert expected == texts(function, answer)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("3", "Line 3 does not begin a complete statement; .*: 2 or 4"),
        ("8", "Line 8 does not begin"),
        ("11", "Line 11 does not begin"),
        ("1", "Line 1 does not begin a complete statement; .*: 2"),
        ("99", "Line 99 is not in f, which has the lines 1 to 21"),
        ("4-6", "inside the statement that begins on line 4; .* with 4 or 11"),
        ("5-11", "Line 11 does not end a statement of the block that line 5 is in"),
        ("12-19", "Line 19 does not end"),
        ("22", "not in f"),
    ],
)
def test_lines_that_name_no_statement_are_refused(
    function: Function, answer: str, reason: str
) -> None:
    """The reason tells which lines would do."""
    with pytest.raises(LineError, match=reason):
        select(function, answer)


def test_every_numbered_line_of_the_listing_can_be_answered(function: Function) -> None:
    """The listing numbers just the lines that begin a statement."""
    numbered = [number for number, _ in listing_of(function) if number]

    for number in range(1, 22):
        if number in numbered:
            assert select(function, str(number))
        else:
            with pytest.raises(LineError):
                select(function, str(number))


def test_selection_can_be_spelled(function: Function) -> None:
    """What `spelled` returns selects the same statements again."""
    for answer in ("2", "4", "5-6", "12", "4-13"):
        (selection,) = select(function, answer)
        (again,) = select(function, spelled(selection.statements))

        assert selection.statements == again.statements


def test_listing_is_printed_with_file_and_line(function: Function) -> None:
    """Its numbers are those of the file; other lines have none."""
    lines = print_listing(function).splitlines()

    assert lines[:5] == [
        "f, test.c:1",
        "   : void f(int n, int *a) {",
        " 2 :   int i, s = 0;",
        "   :   /* a comment */",
        " 4 :   for (i = 0; i < n; i++) {",
    ]


def test_function_without_statements_has_nothing_to_name() -> None:
    """Its lines are refused, and nothing is proposed."""
    empty = program_of(PROGRAM).functions[1]

    with pytest.raises(
        LineError, match=r"Line 22 does not begin a complete statement\.$"
    ):
        select(empty, "22")


def test_statements_of_a_macro_are_one_line() -> None:
    """What a macro expands to cannot be named in parts."""
    program = program_of(
        "#define TWO a[0] = 1; a[1] = 2;\nvoid f(int *a) {\n  TWO\n  a[2] = 3;\n}\n"
    )

    (selection,) = select(program.functions[0], "4")

    assert len(selection.statements) == 1
