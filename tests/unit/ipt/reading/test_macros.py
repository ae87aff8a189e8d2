"""Which statements may have text put around them."""

from __future__ import annotations

from typing import cast

import pytest

from ipt.model import Block, For, Statement, in_macro, walk
from ipt.testing import program_of

STATEMENTS = Statement.__args__


def statement_with(text: str, words: str) -> Statement:
    """Return the outermost statement whose text begins with some words."""
    program = program_of(text)
    return next(
        cast("Statement", node)
        for node in walk(program.functions[-1].body)
        if isinstance(node, STATEMENTS) and node.span.text.startswith(words)
    )


@pytest.mark.parametrize(
    ("macro", "body", "words", "expected"),
    [
        ("#define N 3", "x = 1;", "x = 1", False),
        ("#define N 3", "x = N;", "x = N", False),
        ("#define N 3", "x = N; x = 2;", "x = N", False),
        ("#define N 3", "x = N; x = 2;", "x = 2", False),
        ("#define N 3", "{ x = N; }", "{ x = N", False),
        ("#define N 3", "x = N + x;", "x = N", False),
        ("#define N 3", "for (x = 0; x < N; x++) y = N;", "for", False),
        ("#define N 3", "if (x) y = N; else y = N;", "if", False),
        ("#define TWO x = 1; y = 2", "TWO;", "TWO", True),
        ("#define REST 1; y = 2", "x = REST;", "x = REST", True),
        ("#define REST 1; y = 2", "if (y) x = REST;", "x = REST", True),
        ("#define REST 1; y = 2", "if (y) x = REST;", "if (y)", True),
        ("#define REST 1; y = 2", "if (y) { x = REST; } y = 3;", "if (y)", False),
        ("#define END 1; }", "{ x = END", "x = END", True),
        ("#define WHEN if (x)", "WHEN y = 1;", "WHEN", True),
        ("#define WHEN if (x)", "WHEN y = 1;", "y = 1", False),
        ("#define ADD(v) v += 1", "ADD(x);", "ADD", True),
        ("#define LOOP for (x = 0; x < 3; x++)", "LOOP y = 1;", "LOOP", True),
        ("#define EMPTY", "EMPTY x = 1;", "x = 1", False),
    ],
)
def test_statement_of_a_macro_is_told(
    macro: str,
    body: str,
    words: str,
    expected: bool,  # noqa: FBT001 - a case's value
) -> None:
    """Its first token is from a macro, or a macro at its end goes on."""
    text = f"{macro}\nvoid f(int x, int y) {{\n  {body}\n}}\n"
    node = statement_with(text, words)

    assert expected == in_macro(node)


def test_macro_block_does_not_spoil_what_is_around_it() -> None:
    """Statements before and behind a macro are their own."""
    text = """
#define SWAP(a, b) { int t = a; a = b; b = t; }
void f(int x, int y) {
  for (int i = 0; i < 3; i++) {
    x = i;
    SWAP(x, y)
    y = i;
  }
}
"""
    loop = statement_with(text, "for")
    assert isinstance(loop, For)
    assert isinstance(loop.body, Block)

    assert [in_macro(each) for each in loop.body.body] == [False, True, False]
    assert not in_macro(loop)


def test_argument_of_a_macro_is_in_a_macro() -> None:
    """What the macro does with it is not seen in the text."""
    program = program_of(
        "#define TWICE(s) s s\nvoid f(int x) { TWICE(for (;;) x++;) x = 1; }"
    )
    statements = program.functions[0].body.body

    assert [in_macro(each) for each in statements] == [True, True, False]
