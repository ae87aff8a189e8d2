"""Which peelings are not even tried, since reading a program again takes time."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from ipt.analysis import Analyzer
from ipt.restructure import find_restructurings
from ipt.restructure.ordering import Ordering
from ipt.restructure.peeling import peelings
from ipt.restructure.study import study_loop
from ipt.testing import program_of

if TYPE_CHECKING:
    from ipt.reading import Toolchain


def tried(loop: str) -> list[str]:
    """Return which iterations of a loop it is tried to run apart."""
    program = program_of(
        f"double a[5000], b[5000];\nvoid f(int n, int m) {{\n{loop}\n}}\n"
    )
    analyzer = Analyzer(program)
    function = program.functions[-1]
    study = study_loop(analyzer, function, analyzer.loops(function)[0])
    assert study is not None
    found = peelings(study, Ordering(analyzer, study))
    return ["last" if each.is_last else "first" for each in found]


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("for (int i = 1; i < n; i++)\na[i] = a[i - 1] + b[i];", []),
        ("for (int i = n - 2; i >= 0; i--)\na[i] = a[i + 1] + b[i];", []),
        ("for (int i = 0; i <= n; i++)\na[i] = a[i] + a[0];", ["first"]),
        ("for (int i = m; i < n; i++)\na[i] = a[i] + a[m];", ["first"]),
        ("for (int i = n; i >= m; i--)\na[i] = a[i] + a[n];", ["first"]),
        ("for (int i = 0; i < n; i++)\na[i] = a[i] + a[n - 1];", ["last"]),
        ("for (int i = 0; i <= n; i++)\na[i] = a[i] + a[n];", ["last"]),
        ("for (int i = n; i > m; i--)\na[i] = a[i] + a[m + 1];", ["last"]),
        ("for (int i = 0; i < n; i++)\na[i] = a[i] + a[m];", []),
        ("for (int i = 0; i < 5000; i++)\na[i] = b[i] + a[4999 - i * i];", []),
        ("for (int i = n / 3; i < n; i++)\na[i] = a[i - 1] + b[i];", ["first"]),
    ],
)
def test_iteration_is_taken_out_only_if_the_others_do_not_meet(
    loop: str, expected: list[str]
) -> None:
    """Where that is not known, it is tried."""
    assert tried(loop) == expected


def test_wrong_rewrites_are_refused_without_reading_the_program_again() -> None:
    """Sums of what came before cannot be freed, however many there are."""
    sums = "".join(
        f"void f{k}(void) {{\nfor (int i = 1; i < 5000; i++)\na[i] += a[i - 1];\n}}\n"
        for k in range(20)
    )
    program = program_of(f"double a[5000];\n{sums}")
    analyzer = Analyzer(program)
    # To read a program without one is an error.
    toolchain = cast("Toolchain", object())

    for function in program.functions:
        (loop,) = analyzer.loops(function)
        assert find_restructurings(analyzer, function, loop, (), toolchain) == []
