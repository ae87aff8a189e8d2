"""How each statement of a region is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Status
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.regions import analyze_region

if TYPE_CHECKING:
    from ipt.analysis.regions import RegionVerdict
    from tests.unit.ipt.regions.conftest import Reader

LOOP_A = "for (int i = 0; i < n; i++) a[i] = x;\n"
LOOP_B = "for (int i = 0; i < n; i++) b[i] = a[n - 1 - i];\n"


def kinds(verdict: RegionVerdict) -> list[str]:
    """Return the kinds of all parts, with what threads wait for."""
    found = []
    for each in verdict.walk():
        before = "barrier " if each.barrier else ""
        behind = " nowait" if each.nowait else ""
        found.append(f"{before}{each.kind}{behind}")
    return found


def test_loops_are_shared_out_with_a_barrier_between(read: Reader) -> None:
    """The second loop needs what any thread has computed in the first one."""
    verdict = read(LOOP_A + LOOP_B).region()

    assert Status.PARALLEL is verdict.status
    assert kinds(verdict) == ["for", "for nowait"]
    assert verdict.shared == ("n", "a", "x", "b")


def test_loops_that_touch_nothing_in_common_need_no_barrier(read: Reader) -> None:
    """Threads go on to the second loop."""
    verdict = read(LOOP_A + "for (int i = 0; i < n; i++) b[i] = i;").region()

    assert kinds(verdict) == ["for nowait", "for nowait"]
    assert tuple(each.same_threads for each in verdict.loops) == ((), ())


def test_same_iterations_on_the_same_threads_need_no_barrier(read: Reader) -> None:
    """Equal loops under a static schedule meet their own iterations only."""
    verdict = read(LOOP_A + "for (int j = 0; j < n; j++) b[j] = a[j];").region()

    assert kinds(verdict) == ["for nowait", "for nowait"]
    loops = tuple(each.statement for each in verdict.loops)
    assert loops == verdict.loops[0].same_threads
    assert verdict.loops[1].same_threads == ()


@pytest.mark.parametrize(
    "second",
    [
        "for (int i = 1; i < n; i++) b[i] = a[i];",
        "for (int i = 0; i < n - 1; i++) b[i] = a[i];",
        "for (int i = 0; i <= n; i++) b[i] = a[i];",
        "for (int i = 0; i < n; i += 2) b[i] = a[i];",
        "for (long i = 0; i < n; i++) b[i] = a[i];",
        "for (int i = n - 1; i >= 0; i--) b[i] = a[i];",
        "for (int i = 0; i < n; i++) b[i] = a[i] + a[0];",
        "for (int i = 0; i < count; i++) b[i] = a[i];",
        "for (int i = 0; i < n * n; i++) b[i] = a[i];",
    ],
)
def test_loops_that_are_not_alike_keep_their_barrier(read: Reader, second: str) -> None:
    """Other bounds, steps or counters may be shared out in another way."""
    verdict = read(LOOP_A + second).region()

    assert kinds(verdict) == ["for", "for nowait"]


def test_bounds_that_change_meanwhile_keep_the_barrier(read: Reader) -> None:
    """Both loops read the same variable, but not the same value."""
    body = """\
int m = n;
for (int i = 0; i < m; i++) a[i] = x;
m = m / 2;
for (int i = 0; i < m; i++) b[i] = a[i];
"""

    verdict = read(body).region()

    assert kinds(verdict) == ["every", "for", "every", "for nowait"]


def test_printing_is_done_by_one_thread(read: Reader) -> None:
    """What is printed comes once, and in its place."""
    verdict = read(LOOP_A + 'printf("%f", a[0]);\n' + LOOP_B).region()

    assert kinds(verdict) == ["for", "single nowait", "for nowait"]


def test_what_is_printed_is_not_overwritten(read: Reader) -> None:
    """Threads wait for the one that prints before they go on."""
    body = LOOP_A + 'printf("%f", a[0]);\nfor (int i = 0; i < n; i++) a[i] = 0;\n'

    assert kinds(read(body).region()) == ["for", "single", "for nowait"]


def test_neighbouring_statements_are_one_part(read: Reader) -> None:
    """One thread does them in one go."""
    verdict = read(LOOP_A + "count = n;\nc[0] = a[0];\n" + LOOP_B).region()

    part = verdict.parts[1]
    assert part.kind == "single"
    assert len(part.statements) == 2


@pytest.mark.parametrize("statement", ["outside();", "free(stderr);"])
def test_unknown_calls_are_done_by_the_first_thread(
    read: Reader, statement: str
) -> None:
    """A function whose text is not given may depend on its thread."""
    verdict = read(f"{LOOP_A}{statement}\n{LOOP_B}").region()

    assert kinds(verdict) == ["for", "master", "for nowait"]


def test_thread_local_variables_stay_with_the_first_thread(read: Reader) -> None:
    """They keep the value that they have in the serial program."""
    body = f"static _Thread_local int own;\n/*BEGIN*/\n{LOOP_A}own++;\n{LOOP_B}/*END*/"

    verdict = read(body).region()

    assert "master" in kinds(verdict)[1]
    assert "own" not in verdict.shared


def test_time_loop_is_followed_by_every_thread(read: Reader) -> None:
    """Each thread counts the steps; the loops inside are shared out."""
    body = f"int t;\n/*BEGIN*/\nfor (t = 0; t < 9; t++) {{\n{LOOP_A}{LOOP_B}}}\n/*END*/"

    verdict = read(body).region()

    assert kinds(verdict) == ["every", "for", "for"]
    assert verdict.private == ("t",)


def test_tested_value_is_not_reset_too_early(read: Reader) -> None:
    """A slow thread still tests the value that one thread is about to reset."""
    body = """\
double err = x;
/*BEGIN*/
while (err > 1) {
err = 0;
for (int i = 1; i < n - 1; i++) {
b[i] = a[i - 1] + a[i + 1];
err = fmax(err, b[i]);
}
for (int i = 0; i < n; i++)
a[i] = b[i];
}
/*END*/"""

    verdict = read(body).region()

    assert kinds(verdict) == ["every", "barrier single", "for", "for nowait"]
    assert "err" in verdict.shared


def test_loop_with_the_test_at_its_end_is_followed(read: Reader) -> None:
    """All threads test the same value, for which they have waited."""
    body = """\
double err = x;
/*BEGIN*/
do {
err = 0;
for (int i = 0; i < n; i++)
err += a[i];
} while (err > 1);
/*END*/"""

    assert kinds(read(body).region()) == ["every", "barrier single", "for"]


def test_all_threads_break_together(read: Reader) -> None:
    """A break of a loop in the region is fine: the test is the same for all."""
    body = """\
int done = 0;
/*BEGIN*/
for (int t = 0; t < 100; t++) {
for (int i = 0; i < n; i++)
a[i] += b[n - 1 - i];
if (t == count) break;
if (t < 3) { continue; } else {
count++;
}
for (int i = 0; i < n; i++)
b[i] = a[n - 1 - i];
}
/*END*/"""

    verdict = read(body).region()

    assert Status.PARALLEL is verdict.status
    assert kinds(verdict)[:4] == ["every", "for nowait", "every", "every"]
    assert "barrier single nowait" in kinds(verdict)


def test_branches_are_followed_where_loops_are_in_them(read: Reader) -> None:
    """Every thread takes the same branch."""
    body = f"if (count > 5) {{\n{LOOP_A}}}\nelse {{\n;\n{LOOP_B}}}\n{{\n{LOOP_A}}}"

    found = kinds(read(body).region())

    assert found == [
        "every",
        "for nowait",
        "every",
        "for",
        "every",
        "for nowait",
    ]


def test_small_loops_are_left_to_one_thread(read: Reader) -> None:
    """Sharing out a few iterations does not pay."""
    verdict = read(LOOP_A + "for (int i = 0; i < 3; i++) a[i] = 0;\n" + LOOP_B).region()

    assert kinds(verdict) == ["for", "single", "for nowait"]


def test_variable_that_all_threads_set_evenly_is_private(read: Reader) -> None:
    """No thread waits for a value that it can compute itself."""
    body = f"double h; int k = 3;\n/*BEGIN*/\nh = x / n;\nk++;\n{LOOP_A}"
    body += "for (int i = 0; i < n; i++) b[i] = h * k;\n/*END*/"

    verdict = read(body).region()

    assert kinds(verdict) == ["every", "every", "for nowait", "for nowait"]
    assert verdict.private == ("h",)
    assert verdict.firstprivate == ("k",)


@pytest.mark.parametrize(
    "statement", ["h = a[0];", "h = count;", "h = x; c[1] = h;", "h = rand();"]
)
def test_one_thread_sets_what_others_would_wait_for(
    read: Reader, statement: str
) -> None:
    """A value that depends on what is computed in the region is shared."""
    body = f"double h;\n/*BEGIN*/\n{LOOP_A}count = n;\n{statement}\n"
    body += "for (int i = 0; i < n; i++) b[i] = h;\n/*END*/"

    verdict = read(body).region()

    assert kinds(verdict)[1:] == ["single", "for nowait"]
    assert "h" in verdict.shared


def test_variable_that_is_used_behind_the_region_is_shared(read: Reader) -> None:
    """Private variables lose their value at the end of a region."""
    body = f"int k;\n/*BEGIN*/\n{LOOP_A}k = n;\n{LOOP_B}/*END*/\ncount = k;"

    verdict = read(body).region()

    assert "k" in verdict.shared
    assert "single" in kinds(verdict)[1]


def test_temporary_of_a_loop_is_private_there_where_others_share_it(
    read: Reader,
) -> None:
    """It is shared in the region, and private in the loop that overwrites it."""
    body = """\
double h;
/*BEGIN*/
for (int i = 0; i < n; i++) { h = a[i]; a[i] = h * h; }
h = a[0] + a[1];
for (int i = 0; i < n; i++) b[i] = h;
/*END*/"""

    verdict = read(body).region()

    assert verdict.loops[0].private == ("h",)
    assert "h" in verdict.shared


def test_temporary_of_loops_only_is_private(read: Reader) -> None:
    """The region has the clause once for all loops."""
    body = """\
double h; int i;
/*BEGIN*/
for (i = 0; i < n; i++) { h = a[i]; a[i] = h * h; }
for (i = 0; i < n; i++) { h = b[i]; b[i] = h * h; }
/*END*/"""

    verdict = read(body).region()

    assert verdict.private == ("i", "h")
    assert verdict.loops[0].private == ()


def test_reduction_variable_is_shared(read: Reader) -> None:
    """Its clause belongs to the loop; the region shares it."""
    body = f"double s = 0;\n/*BEGIN*/\n{LOOP_A}"
    body += "for (int i = 0; i < n; i++) s += a[i];\n/*END*/\nb[0] = s;"

    verdict = read(body).region()

    assert Status.REDUCTION is verdict.status
    assert "s" in verdict.shared
    assert "s" not in verdict.private


def test_person_may_choose_master(read: Reader) -> None:
    """The statements that are named are done by the first thread."""
    snippet = read(LOOP_A + "count = 3;\n" + LOOP_B)
    chosen = Protection(ProtectionKind.MASTER, (snippet.statements[1],))

    assert kinds(snippet.region([chosen]))[1] == "master"


def test_person_may_have_a_loop_done_by_one_thread(read: Reader) -> None:
    """A loop that could be shared out stays whole if that is wanted."""
    snippet = read(LOOP_A + LOOP_B)
    chosen = Protection(ProtectionKind.SINGLE, (snippet.statements[1],))

    assert kinds(snippet.region([chosen])) == ["for", "single nowait"]


def test_chosen_statement_is_not_done_by_every_thread(read: Reader) -> None:
    """What one thread is to set is shared."""
    snippet = read(f"int k;\n/*BEGIN*/\n{LOOP_A}k = n;\n{LOOP_B}/*END*/")
    chosen = Protection(ProtectionKind.SINGLE, (snippet.statements[1],))

    verdict = snippet.region([chosen])

    assert "k" in verdict.shared
    assert "single" in kinds(verdict)[1]


def test_protection_inside_a_loop_belongs_to_the_loop(read: Reader) -> None:
    """The loop is judged with its critical section."""
    snippet = read(
        "for (int i = 0; i < n; i++) {\na[i] = x;\nif (a[i] > b[0])\nb[0] = a[i];\n}"
    )
    loop = snippet.statements[0]
    inner = loop.body.body[1]  # type: ignore[union-attr, index]  # a for with a block
    chosen = Protection(ProtectionKind.CRITICAL, (inner,))

    verdict = snippet.region([chosen])

    (part,) = verdict.loops
    assert part.verdict is not None
    assert (chosen,) == part.verdict.protections


def test_findings_tell_what_is_done(read: Reader) -> None:
    """One finding for the region, and one for each part that needs a word."""
    verdict = read(LOOP_A + "count = 2;\n" + LOOP_B).region()

    told = {each.code: each.message for each in verdict.findings}
    assert told["IPT115"] == "one team of threads does the loops in lines 15, 17."
    assert told["IPT117"] == "line 16 is done by one thread."
    assert "IPT116" in told


def test_decisions_of_the_loops_are_those_of_the_region(read: Reader) -> None:
    """A region waits for the decision that one of its loops needs."""
    snippet = read(
        "for (int i = 0; i < n; i++) p[i] = q[i];\n" + LOOP_A,
        "int n, double x, double *p, double *q",
    )

    verdict = analyze_region(snippet.analyzer, snippet.function, snippet.statements)

    assert Status.NEEDS_DECISION is verdict.status
    assert verdict.decisions[0].names == ("p", "q")
    assert Status.PARALLEL is snippet.region().status
    assert verdict.decisions == snippet.region().accepted


def test_small_loops_are_shared_out_where_there_are_no_others(read: Reader) -> None:
    """A person who chooses such lines gets the region, with the advice against it."""
    body = "for (int i = 0; i < 9; i++) a[i] = x;\ncount = 1;"

    verdict = read(body).region()

    assert kinds(verdict) == ["for nowait", "single nowait"]
    assert not verdict.is_recommended
    assert verdict.advice == "no loop in it is worth sharing out"


def test_header_may_set_several_variables(read: Reader) -> None:
    """Each thread sets them all."""
    body = f"int t, k;\n/*BEGIN*/\nfor (t = 0, k = 9; t < k; t++, k--) {{\n{LOOP_A}}}\n"

    verdict = read(body + "/*END*/").region()

    assert kinds(verdict) == ["every", "for nowait"]
    assert verdict.private == ("t", "k")


def test_counter_whose_last_value_is_kept_is_shared(read: Reader) -> None:
    """The loop that keeps it has its clause."""
    body = "int i;\n/*BEGIN*/\nfor (i = 0; i < n; i++) a[i] = x;\n"
    body += "for (i = 0; i < 2000; i++) b[i % 1000] = x;\n/*END*/\nc[i % 7] = 1;"

    verdict = read(body).region()

    assert "i" in verdict.shared or verdict.refusals
