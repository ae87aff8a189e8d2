"""Places, excerpts and edits of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipt.source import (
    Edit,
    Insertion,
    Place,
    Replacement,
    SourceText,
    Span,
    apply_edits,
)

ends = st.sampled_from([b"\n", b"\r\n"])
lines = st.lists(st.binary(max_size=12).filter(lambda b: b"\n" not in b), max_size=8)


@given(lines, ends, st.sampled_from(["closed", "open"]))
def test_no_edits_give_the_text_back(
    content: list[bytes], end: bytes, last_line: str
) -> None:
    """Without edits every byte stays."""
    data = end.join(content) + (end if last_line == "closed" else b"")

    assert data == apply_edits(SourceText("a.c", data), [])


@given(
    lines,
    ends,
    st.sampled_from(["closed", "open"]),
    st.lists(st.integers(0, 8), max_size=4),
)
def test_removing_inserted_lines_gives_the_text_back(
    content: list[bytes], end: bytes, last_line: str, where: list[int]
) -> None:
    """Insertions add whole lines, which end as the others do."""
    data = end.join([b"first", *content]) + (end if last_line == "closed" else b"")
    source = SourceText("a.c", data)
    last = source.line_number(len(data))
    starts = [source.line_start(len(data))] if last == 1 else [0]
    starts += [sum(map(len, data.splitlines(keepends=True)[:1]))] * bool(where)
    edits = [Insertion(0, ("#pragma mark",), order) for order in where]

    result = apply_edits(source, edits)
    pragma = b"#pragma mark" + source.newline

    assert data == result.replace(pragma, b"")
    assert len(where) == result.count(pragma)


def test_insertion_behind_an_open_last_line_closes_it() -> None:
    """A line is never glued to a last line without line end."""
    source = SourceText("a.c", b"int a;")

    assert apply_edits(source, [Insertion(6, ("// end",))]) == b"int a;\n// end\n"


def test_insertions_at_one_place_keep_their_order() -> None:
    """Smaller order numbers come first."""
    source = SourceText("a.c", b"x\n")
    edits = [Insertion(0, ("two",), 2), Insertion(0, ("one",), 1)]

    assert apply_edits(source, edits) == b"one\ntwo\nx\n"


def test_place_counts_characters_not_bytes() -> None:
    """A column is what an editor shows."""
    source = SourceText("a.c", "/* ü */ x\n".encode())

    assert Place("a.c", 1, 9) == source.place(source.data.index(b"x"))
    assert str(source.place(source.data.index(b"x"))) == "a.c:1:9"


def test_caret_stands_under_its_column_behind_tabs() -> None:
    """The caret's line repeats the tabs of the text's line."""
    source = SourceText("a.c", b"\tint x\n")

    assert source.caret(Place("a.c", 1, 6)) == "\tint x\n\t    ^"


def test_lines_of_a_span_are_numbered() -> None:
    """An excerpt holds the lines that a span touches, without line ends."""
    source = SourceText("a.c", b"a\r\nbc\r\nd")

    assert source.lines(Span(0, 5, source)) == [(1, "a"), (2, "bc")]
    assert source.lines(Span(7, 8, source)) == [(3, "d")]
    assert source.line_end(7) == 8


def test_replacement_gets_the_line_ends_of_the_file() -> None:
    """Bytes are put in place of others; insertions at the same place come by order."""
    source = SourceText("a.c", b"a;\r\nb;\r\n")
    edits: list[Edit] = [
        Replacement(4, 6, b"{\nb;\n}"),
        Insertion(4, ("c;",), order=-1),
    ]

    assert apply_edits(source, edits) == b"a;\r\nc;\r\n{\r\nb;\r\n}\r\n"


def test_overlapping_edits_are_a_fault() -> None:
    """Two edits of one byte are never applied."""
    source = SourceText("a.c", b"abcdef")
    edits = [Replacement(0, 3, b""), Replacement(2, 4, b"")]

    with pytest.raises(ValueError, match="overlap at byte 2"):
        apply_edits(source, edits)


def test_span_tells_its_text_and_place() -> None:
    """A span knows its file; spans of two files never contain each other."""
    source, other = SourceText("a.c", b"x\n yz"), SourceText("b.c", b"x\n yz")
    span = Span(3, 5, source)

    assert (span.text, span.line, str(span.place)) == ("yz", 2, "a.c:2:2")
    assert Span(0, 5, source).contains(span)
    assert not Span(0, 5, other).contains(span)


def test_indentation_is_only_blanks() -> None:
    """A place behind other text has no indentation."""
    source = SourceText("a.c", b"  \tfor x for")

    assert source.indentation(3) == b"  \t"
    assert None is source.indentation(9)


def test_newline_is_that_of_the_first_line() -> None:
    """A file keeps its own line ends."""
    assert SourceText("a.c", b"a\r\nb\n").newline == b"\r\n"
    assert SourceText("a.c", b"a").newline == b"\n"
