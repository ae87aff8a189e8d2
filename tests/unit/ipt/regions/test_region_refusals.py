"""What cannot be one parallel region, with the place and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Status
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.regions import analyze_region
from ipt.errors import TransformRefused
from ipt.transform import ParallelRegion

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.ipt.regions.conftest import Reader

LOOP = "for (int i = 0; i < n; i++) a[i] = x;\n"
REST = "for (int i = 0; i < n; i++) b[i] = a[n - 1 - i];\n"

REFUSED = {
    "return": (f"{LOOP}if (n > 3) return;\n{REST}", "IPT328"),
    "return_at_the_end": (f"{LOOP}{REST}return;", "IPT328"),
    "goto": (f"{LOOP}if (n > 3) goto out;\n{REST}out: ;", "IPT328"),
    "break_in_one_threads_part": (
        f"for (int t = 0; t < 9; t++) {{\n{LOOP}if (x > 3) {{ count++; break; }}\n}}",
        "IPT330",
    ),
    "return_in_a_time_loop": (
        f"for (int t = 0; t < 9; t++) {{\n{LOOP}if (x > 3) return;\n}}",
        "IPT328",
    ),
    "return_from_a_switch": (f"{LOOP}switch (n) {{ case 1: return; }}", "IPT328"),
    "label": (f"{LOOP}if (n) {{ again: count++; }}", "IPT330"),
    "assembly": (f'{LOOP}asm("nop");', "IPT330"),
    "nothing_to_share_out": ("count = 1;\ncount++;", "IPT330"),
    "serial_loop": ("for (int i = 1; i < n; i++) a[i] = a[i - 1];", "IPT330"),
    "test_with_a_call": (f"while (outside()) {{\n{LOOP}}}", "IPT330"),
    "test_with_an_assignment": (f"while (n-- > 0) {{\n{LOOP}}}", "IPT330"),
    "test_that_draws": (f"if (rand() > 3) {{\n{LOOP}}}", "IPT330"),
    "step_with_a_call": (
        f"for (int t = 0; t < 9; t += outside()) {{\n{LOOP}}}",
        "IPT330",
    ),
    "start_with_a_call": (
        f"for (int t = outside(); t < 9; t++) {{\n{LOOP}}}",
        "IPT330",
    ),
    "declaration_with_a_call": (f"int k = outside();\n{LOOP}", "IPT330"),
    "counter_that_is_used_behind": (
        f"int t;\n/*BEGIN*/\nfor (t = 0; t < 9; t++) {{\n{LOOP}}}\n/*END*/\ncount = t;",
        "IPT329",
    ),
    "counter_that_one_thread_sets": (
        (
            f"int t;\n/*BEGIN*/\nfor (t = 0; t < 9; t++) {{\n{LOOP}"
            "if (x > 1) t = 9;\n}\n/*END*/"
        ),
        "IPT329",
    ),
    "global_counter": (f"for (count = 0; count < 9; count++) {{\n{LOOP}}}", "IPT329"),
    "counter_with_an_address": (
        f"int t, *p = &t;\n/*BEGIN*/\nfor (t = 0; t < 9; t++) {{\n{LOOP}}}\n/*END*/",
        "IPT329",
    ),
    "declared_and_reduced": (
        f"double s = 0;\n{LOOP}for (int i = 0; i < n; i++) s += a[i];\nb[0] = s;",
        "IPT329",
    ),
    "declared_and_set_by_one_thread": (
        f"int k = 0;\n{LOOP}if (x > 1) k = 1;\nc[k] = 1;",
        "IPT329",
    ),
    "declared_and_used_behind": (
        f"/*BEGIN*/\nint k = n;\n{LOOP}/*END*/\ncount = k;",
        "IPT329",
    ),
    "declared_array": (f"double w[9];\n{LOOP}w[1] = a[1];\nb[1] = w[1];", "IPT329"),
    "header_counter_reduced": (
        (
            f"for (int t = 0; t < 9; t++) {{\n{LOOP}"
            "for (int i = 0; i < n; i++) t += i;\n}"
        ),
        "IPT329",
    ),
    "thread_local_in_a_test": (
        f"static _Thread_local int own;\n/*BEGIN*/\nif (own) {{\n{LOOP}}}\n/*END*/",
        "IPT329",
    ),
    "directive_inside": (
        f"{LOOP}#pragma omp parallel for\n{REST}",
        "IPT330",
    ),
    "pragma_before": (f"#pragma GCC ivdep\n{LOOP}{REST}", "IPT330"),
    "pragma_before_one_threads_part": (
        f"{LOOP}#pragma GCC unroll 4\nfor (int i = 1; i < 9; i++) c[i] = c[i - 1];\n",
        "IPT330",
    ),
    "statements_on_one_line": (
        f"{LOOP}for (;n;) {{ count++; }} count = 2; {{\n{REST}}}",
        "IPT330",
    ),
    "barrier_without_a_block": (
        (
            "double err = x;\n/*BEGIN*/\nwhile (err > 1)\n"
            "for (int i = 0; i < n; i++) err = fmax(err, a[i]);\n/*END*/\nx = err;"
        ),
        "IPT327",
    ),
    "first_thread_without_a_block": (
        (
            f"for (int t = 0; t < 9; t++) {{\n{LOOP}"
            f"if (x > t) outside(); else\n{{\n{REST}}}\n}}"
        ),
        "IPT330",
    ),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_refused(codes: Callable[[str], list[str]], name: str) -> None:
    """The region is refused, with the code for it."""
    body, code = REFUSED[name]

    assert code in codes(body)


def test_refusal_names_the_place(read: Reader) -> None:
    """The finding stands where the statement is, and says what to do."""
    verdict = read(f"{LOOP}if (n > 3) return;\n{REST}").region()

    (finding,) = verdict.refusals
    assert (finding.place.line, finding.place.column) == (16, 12)
    assert "return would leave the parallel region" in finding.message
    assert finding.way_out
    assert Status.REFUSED is verdict.status
    assert not verdict.is_recommended


def test_refused_region_is_not_edited(read: Reader) -> None:
    """The transform passes the reasons on."""
    verdict = read(f"{LOOP}return;").region()

    with pytest.raises(TransformRefused) as caught:
        ParallelRegion(verdict).edits()

    assert verdict.refusals == caught.value.findings


def test_protection_outside_of_shared_loops_is_refused(read: Reader) -> None:
    """Every thread would do the statements, one after the other."""
    snippet = read(f"{LOOP}count++;\n{REST}")
    critical = Protection(ProtectionKind.CRITICAL, (snippet.statements[1],))

    assert [each.code for each in snippet.region([critical]).refusals] == ["IPT330"]


def test_loop_inside_a_directive_is_refused(read: Reader) -> None:
    """A region does not go into another one."""
    body = f"#pragma omp parallel\n{{\n{LOOP}}}"
    snippet = read(body)
    block = snippet.statements[0]

    verdict = analyze_region(snippet.analyzer, snippet.function, block.body)  # type: ignore[union-attr, arg-type]  # a block

    assert "IPT330" in [each.code for each in verdict.refusals]


def test_part_of_a_switch_is_refused(read: Reader) -> None:
    """Control would jump into the middle of the region."""
    snippet = read(f"switch (n) {{\ncase 1:\n{LOOP}{REST}break;\n}}")
    body = snippet.statements[0].body.body  # type: ignore[union-attr]  # a switch

    verdict = analyze_region(snippet.analyzer, snippet.function, body[:2])  # type: ignore[index]  # statements

    assert "IPT330" in [each.code for each in verdict.refusals]


def test_statement_from_a_macro_is_refused(read: Reader) -> None:
    """No line can go into the macro."""
    body = f"#define SET count = 1\n{LOOP}SET;\n{REST}"

    assert [each.code for each in read(body).region().refusals] == ["IPT330"]


def test_conditional_within_the_region_is_fine(read: Reader) -> None:
    """Braces go around both the #if and its #endif."""
    body = f"{LOOP}#ifdef NO\n#elif 1\ncount = 2;\n#endif\n{REST}"

    assert Status.PARALLEL is read(body).region().status


def test_half_a_conditional_is_refused(read: Reader) -> None:
    """The brace behind the region would be left out with the branch."""
    body = f"/*BEGIN*/\n{LOOP}#if 1\n{REST}/*END*/\n#endif\ncount = 1;"

    assert [each.code for each in read(body).region().refusals] == ["IPT330"]


def test_line_that_goes_on_is_refused(read: Reader) -> None:
    """A backslash joins the line to the one before."""
    body = f"count = 1; \\\n{LOOP}"

    assert "IPT330" in [each.code for each in read(body).region().refusals]


def test_jump_out_of_functions_is_refused(read: Reader) -> None:
    """`longjmp` would leave the region from inside a call."""
    snippet = read(
        f"void longjmp(int *, int);\nint place[9];\n/*BEGIN*/\n{LOOP}"
        "longjmp(place, 1);\n/*END*/"
    )

    assert "IPT328" in [each.code for each in snippet.region().refusals]


@pytest.mark.parametrize(
    "statement", ["if (n > 3) throw 1;", "try { outside(); } catch (int) { n = 0; }"]
)
def test_exceptions_are_refused(read: Reader, statement: str) -> None:
    """They must not leave a region, and where they are caught is not followed."""
    verdict = read(f"{LOOP}{statement}\n{REST}", name="test.cc").region()

    assert verdict.refusals


def test_call_that_may_throw_is_refused_where_something_catches(read: Reader) -> None:
    """The catch would never see an exception that leaves the region."""
    body = f"try {{ n++; }} catch (int) {{ n = 0; }}\n/*BEGIN*/\n{LOOP}outside();\n"

    verdict = read(f"{body}/*END*/", name="test.cc").region()

    assert "IPT328" in [each.code for each in verdict.refusals]


def test_volatile_variable_is_left_to_one_thread(read: Reader) -> None:
    """Each of its accesses counts."""
    snippet = read(f"volatile int k = 0;\n/*BEGIN*/\n{LOOP}k++;\n{REST}/*END*/")

    verdict = snippet.region()

    assert [each.kind for each in verdict.walk()] == ["for", "single", "for"]
