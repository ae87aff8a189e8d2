"""Loops with protected statements: what is proved, asked and refused."""

from __future__ import annotations

import pytest

from ipt.analysis import Analyzer, Assumption, AssumptionKind, LoopVerdict, Status
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.sync import protect_loop
from ipt.testing import program_of
from tests.unit.ipt.sync.protecting import marked_loop, protected_verdict

HEAD = """
int printf(const char *, ...); int puts(const char *); int scanf(const char *, ...);
int rand(void); double sqrt(double); void *malloc(unsigned long); int unknown(int);
extern int errno;
struct s { int n; int few : 3; double sum; struct s *next; };
static int list[999], seen[999], bins[99], count; static double best;
static void append(int v) { list[count++] = v; }
static int twice(int v) { return 2 * v; }
static int shown(void) { return count; }
static void show(int v) { printf("%d", v); }
static void leave(int v) {
  #pragma omp critical
  count += v;
}
"""


def verdict_of(body: str, *accepted: Assumption, before: str = "") -> LoopVerdict:
    """Return the verdict on the marked loop with a body."""
    text = f"""{HEAD}
    int f(int n, const int *restrict a, int *restrict out, struct s *restrict t,
          double *restrict d) {{
      int c = 0, k = 0, x = 1, w = -1, flag = 0, own;
      double e = 0, b = 1e9; short few = 0;
      _Bool yes = 0; volatile int v = 0; unsigned u = 0;
      {before}
      for (int i = 0; i < n; i++) {{
        {body}
      }}
      return c + k + x + w + flag + e + b + few + yes + v + u;
    }}"""
    return protected_verdict(program_of(text), accepted)


def codes(verdict: LoopVerdict) -> set[str]:
    """Return the codes of the refusals."""
    return {each.code for each in verdict.refusals}


PROVED = {
    "a counter": "if (a[i] > 3)\n c++; //! atomic update",
    "a counter under critical": "if (a[i] > 3)\n c++; //! critical",
    "a histogram": "bins[a[i]]++; //! atomic update",
    "a weighted histogram": "bins[a[i]] += twice(i); //! critical",
    "a member": "t->n += i; //! atomic update",
    "behind a moved pointer": "*(out + a[i]) += 1; //! critical",
    "an extreme of a member": "if (a[i] > t->n) t->n = a[i]; //! critical",
    "the first time, turned round": (
        "int m = a[i];\n if (5 != seen[m]) { seen[m] = 5; c += n; } //! critical"
    ),
    "two members in one piece": "t->n += i; //! critical\n t->sum -= 1; //! critical",
    "a product of integers": "x *= a[i]; //! atomic update",
    "bits": "x |= 1 << a[i]; //! atomic update",
    "bits written out": "x = a[i] ^ x; //! critical",
    "all": "flag = flag && a[i]; //! critical",
    "any": "flag = a[i] || flag; //! critical",
    "a minimum": "int m = a[i];\n if (m < w) w = m; //! critical",
    "a maximum, turned round": "int m = a[i];\n if (w <= m) { w = m; } //! critical",
    "a minimum under a condition": "if (i > 3 && a[i] < w) w = a[i]; //! critical",
    "a flag": "if (a[i] > 3)\n flag = 1; //! atomic write",
    "one flag for all": "flag = 1; //! critical\n c++; //! critical",
    "the first time": (
        "int m = a[i];\n if (!seen[m]) { seen[m] = 1; c++; } //! critical"
    ),
    "the first time, compared": (
        "int v0 = a[i];\n if (seen[v0] == 0) { c += v0; seen[v0] = 5; } //! critical"
    ),
    "in an inner loop": "for (int j = 0; j < 9; j++)\n c += a[j]; //! atomic update",
    "two counters": "c++; //! atomic update\n out[i] = 1;\n k += i; //! atomic update",
    "one counter twice": "c++; //! atomic update\n out[i]++;\n c--; //! atomic update",
    "named pieces": "c++; //! critical (one)\n out[i] = 1;\n k++; //! critical (two)",
    "output in order": 'out[i] = twice(i);\n printf("%d", out[i]); //! ordered',
    "output of a function in order": "out[i] = i;\n show(out[i]); //! ordered",
    "a running total in order": "x = x * 2 + a[i]; //! ordered\n out[i] = i;",
    "random numbers in order": "int r;\n r = rand(); //! ordered\n out[i] = r;",
    "a list in order": "int r = twice(a[i]);\n list[count++] = r; //! ordered",
    "a private result": "int r = a[i];\n c += r; //! atomic update\n out[i] = r;",
}


@pytest.mark.parametrize("case", PROVED)
def test_protection_is_proved_to_be_enough(case: str) -> None:
    """Updates whose order does not show, and ordered pieces, need no question."""
    verdict = verdict_of(PROVED[case])

    assert Status.PARALLEL is verdict.status, verdict.findings
    assert "IPT119" in {each.code for each in verdict.findings}
    assert verdict.protections


ORDER = {
    "a list": ("list", "list[count++] = i; //! critical"),
    "a list of a function": ("count, list", "append(i); //! critical"),
    "a captured number": ("c", "int r;\n r = c++; //! atomic capture\n out[i] = r;"),
    "a list by a captured number": (
        "c",
        "int r;\n r = c++; //! atomic capture\n out[r] = i;",
    ),
    "the place of an extreme": ("w", "if (a[i] < x) { x = a[i]; w = i; } //! critical"),
    "the last one found": ("w", "if (a[i] == 3)\n w = i; //! atomic write"),
    "two values of a flag": ("flag", "if (a[i]) flag = 1; else flag = 2; //! critical"),
    "progress": ("c", "c++; //! critical\n out[i] = c; //! critical"),
    "a read": (
        "c",
        "c++; //! atomic update\n int r;\n r = c; //! atomic read\n out[i] = r;",
    ),
    "lines of output": ("printf()", 'printf("%d", i); //! critical\n out[i] = i;'),
    "random numbers": ("rand()", "int r;\n r = rand(); //! critical\n out[i] = r;"),
    "who comes first": ("w", "if (!flag) { flag = 1; w = i; } //! critical"),
    "a function that reads it": (
        "count",
        "count += 1; //! critical\n k += shown(); //! critical",
    ),
    "a loop as long as it": (
        "c",
        "for (int j = 0; j < c; j++) c += j; //! critical\n out[i] = 1;",
    ),
    "a place chosen by it": ("bins", "c++; //! critical\n bins[c] += 1; //! critical"),
    "an extreme and another one": (
        "w",
        "if (a[i] < x) { x = a[i]; w = i; own = 1; } //! critical",
    ),
    "an extreme of a changing value": ("x", "if (c < x) x = c; c++; //! critical"),
    "an extreme, otherwise": (
        "x",
        "if (a[i] < x) x = a[i]; else x = 9; //! critical",
    ),
    "the first time, by another place": (
        "c",
        "if (!seen[i]) { seen[i] = 1; c = i; } //! critical",
    ),
    "the first time, with a loop": (
        "c",
        "if (!flag) { flag = 1; if (a[i]) c = 2; else c = 3; } //! critical",
    ),
    "a captured value, the new one": ("c", "out[i] = ++c; //! atomic capture"),
    "an exchange": (
        "x",
        "int r;\n { r = x; x = i; } //! atomic capture\n out[i] = r;",
    ),
    "a place behind a pointer that is guarded too": (
        "t",
        "t->next->n += i; //! critical\n out[i] = 1;",
    ),
    "a limit": ("c, out", "if (c < 9) { out[c] = i; c++; } //! critical"),
    "an operand that is shared": ("k", "c++; //! critical\n k += c; //! critical"),
}


@pytest.mark.parametrize("case", ORDER)
def test_order_that_shows_is_asked(case: str) -> None:
    """What depends on who comes first needs a person's word, which is kept."""
    names, body = ORDER[case]

    verdict = verdict_of(body)
    needed = [each for each in verdict.decisions if each.kind is AssumptionKind.ORDER]
    taken = verdict_of(body, *verdict.decisions)

    assert Status.NEEDS_DECISION is verdict.status, verdict.findings
    assert "IPT207" in {each.code for each in verdict.findings}
    assert set(names.split(", ")) <= set(needed[0].names)
    assert Status.PARALLEL is taken.status
    assert needed[0] in taken.accepted
    assert "IPT109" in {each.code for each in taken.findings}


REFUSED = {
    "read outside": ("IPT331", "c++; //! atomic update\n out[i] = c;"),
    "written outside": ("IPT331", "c++; //! critical\n c += a[i];"),
    "read in the test before it": (
        "IPT331",
        "if (a[i] < x)\n if (a[i] < x) x = a[i]; //! critical",
    ),
    "in two kinds of protection": (
        "IPT331",
        "c++; //! atomic update\n out[i] = 1;\n c--; //! critical",
    ),
    "under two names": (
        "IPT331",
        "c++; //! critical (one)\n out[i] = 1;\n c--; //! critical (two)",
    ),
    "another function uses it": ("IPT331", "count++; //! atomic update\n append(i);"),
    "an element is read": (
        "IPT331",
        "bins[a[i]]++; //! atomic update\n out[i] = bins[3];",
    ),
    "output in two ways": (
        "IPT331",
        'printf("%d", i); //! critical\n out[i] = 1;\n puts(""); //! ordered',
    ),
    "a recurrence": ("IPT332", "x = x * 2 + a[i]; //! critical\n out[i] = 1;"),
    "turned difference": ("IPT332", "x = a[i] - x; //! atomic update\n out[i] = 1;"),
    "a quotient": ("IPT332", "x /= 2; //! atomic update\n out[i] = 1;"),
    "sum and product": ("IPT332", "x += i; //! critical\n x *= 2; //! critical"),
    "a count that is set back": (
        "IPT332",
        "c++; //! critical\n if (a[i] == 4)\n c = 0; //! critical",
    ),
    "a turned difference that is kept": (
        "IPT332",
        "int r;\n r = x = i - x; //! atomic capture\n out[i] = r;",
    ),
    "a number and a product": (
        "IPT332",
        "out[i] = c++; //! atomic capture\n c *= 2; //! atomic update",
    ),
    "a flag that is counted": ("IPT332", "yes += i; //! critical\n out[i] = 1;"),
    "a narrow sum": ("IPT332", "x = (short)x + i; //! critical\n out[i] = 1;"),
    "another type in the same place": (
        "IPT331",
        "(*(short *)&x)++; //! atomic update\n out[i] = 1;\n x++; //! atomic update",
    ),
    "a cut sum": ("IPT332", "x += 0.5; //! atomic update\n out[i] = 1;"),
    "a rounded sum": ("IPT332", "e = (int)(e + 0.5); //! critical\n out[i] = 1;"),
    "no form": ("IPT333", "x = x * 2 + a[i]; //! atomic update"),
    "a bit-field": ("IPT333", "t->few++; //! atomic update"),
    "single": ("IPT334", "c++; //! single"),
    "master": ("IPT334", 'printf("%d", i); //! master'),
    "ordered in an inner loop": (
        "IPT334",
        'for (int j = 0; j < 3; j++)\n printf("%d", j); //! ordered',
    ),
    "two ordered pieces": (
        "IPT334",
        'printf("1"); //! ordered\n out[i] = 1;\n printf("2"); //! ordered',
    ),
    "continue leaves it": ("IPT334", "if (a[i]) continue; //! critical\n out[i] = 1;"),
    "a declaration": ("IPT334", "int r = c++; //! critical\n out[i] = r;"),
    "directives in a function": ("IPT334", "leave(i); //! critical\n out[i] = 1;"),
    "volatile": ("IPT321", "v++; //! atomic update\n out[i] = 1;"),
    "an unknown function": ("IPT309", "c += unknown(i); //! critical\n out[i] = 1;"),
    "input": ("IPT307", 'scanf("%d", &x); //! ordered\n out[i] = 1;'),
    "a pointer in memory": ("IPT331", "t->next->n++; //! critical\n t->next = 0;"),
    "the rest carries": (
        "IPT301",
        "c++; //! atomic update\n if (i) out[i] = out[i - 1];",
    ),
    "what is read there carries": (
        "IPT301",
        "if (i)\n c += out[i - 1]; //! critical\n out[i] = c;",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_protection_is_refused(case: str) -> None:
    """What is not enough, or may not stand there, is refused with its code."""
    code, body = REFUSED[case]

    verdict = verdict_of(body)

    assert Status.REFUSED is verdict.status, verdict.decisions
    assert code in codes(verdict), verdict.findings
    assert not verdict.is_recommended
    assert all(each.way_out or each.code == "IPT301" for each in verdict.refusals)


def test_no_word_lets_a_refused_protection_through() -> None:
    """A person cannot vouch for what is proved wrong."""
    for code, body in REFUSED.values():
        first = verdict_of(body)

        assert code in codes(verdict_of(body, *first.decisions))


def test_counter_example_names_two_iterations_and_the_place() -> None:
    """A wrong choice is answered with two iterations that meet, and where."""
    (found,) = verdict_of("c++; //! atomic update\n out[i] = c;").refusals

    assert "while i = 0 is in line" in found.message
    assert "i = 1 may be in line" in found.message
    assert "uses c outside of it" in found.message


def test_order_counter_example_names_the_statement() -> None:
    """A recurrence is answered with the statement and two iterations."""
    found = verdict_of("x = x * 2 + a[i]; //! critical\n out[i] = 1;").refusals[0]

    assert "x = x * 2 + a[i]" in found.message
    assert "if i = 1 comes before i = 0" in found.message


def test_floating_point_sum_asks_for_rounding_only() -> None:
    """A protected sum of doubles may differ in its last digits, no more."""
    verdict = verdict_of("e += d[i] * 2; //! atomic update\n out[i] = 1;")

    kinds = [each.kind for each in verdict.decisions]

    assert kinds == [AssumptionKind.ROUNDING]
    assert Status.PARALLEL is verdict.status
    assert "IPT204" in {each.code for each in verdict.findings}


def test_atomic_is_suggested_where_it_fits() -> None:
    """A critical piece that atomic could do says so; another one does not."""
    fits = verdict_of("c++; //! critical\n out[i] = 1;")
    does_not = verdict_of("append(i); //! critical\n out[i] = 1;")

    assert "IPT120" in {each.code for each in fits.findings}
    assert "IPT120" not in {each.code for each in does_not.findings}


def test_all_variables_have_a_role() -> None:
    """What is protected is shared; what each iteration sets first is private."""
    body = "own = a[i];\n c += own; //! atomic update\n out[i] = own;"
    verdict = verdict_of(body)

    assert verdict.shared == ("n", "a", "c", "out")
    assert verdict.private == ("own",)


def test_ordered_gives_out_single_iterations() -> None:
    """In chunks a thread would wait for the whole chunk before its own."""
    body = 'out[i] = i;\n printf("%d", i); //! ordered'

    assert verdict_of(body).schedule == "static,1"
    assert verdict_of("c++; //! atomic update\n out[i] = 1;").schedule == ""


def test_ordered_with_uneven_work_is_dynamic() -> None:
    """Iterations of uneven length are fetched one by one, in order."""
    body = """double z = 0;
      for (int j = 0; j < i; j++) z += j;
      printf("%f", z); //! ordered"""

    assert verdict_of(body).schedule == "dynamic,1"


def test_pointers_that_may_overlap_are_asked() -> None:
    """A guarded array and an unprotected one may be the same memory."""
    text = """void f(int n, const int *a, int *h) {
      for (int i = 0; i < n; i++)
        h[a[i]]++; //! atomic update
    }"""
    verdict = protected_verdict(program_of(f"\n{text}"))

    assert (
        verdict.decisions[0].kind,
        verdict.decisions[0].names,
    ) == (AssumptionKind.DISTINCT, ("a", "h"))
    assert "IPT201" in {each.code for each in verdict.findings}


@pytest.mark.parametrize(
    ("kept", "status"),
    [("long", Status.NEEDS_DECISION), ("short", Status.REFUSED)],
)
def test_number_that_is_cut_is_no_ticket(kept: str, status: Status) -> None:
    """Only a captured number that keeps all values is another one each time."""
    body = f"{kept} r;\n r = c++; //! atomic capture\n out[r] = i;"

    assert status is verdict_of(body).status


@pytest.mark.parametrize(
    "body",
    [
        "int r;\n r = few++; //! atomic capture\n out[r] = i;",
        "int r;\n r = u++; //! atomic capture\n out[r] = i;",
        "int r;\n r = c += a[i]; //! atomic capture\n out[r] = i;",
        "int r;\n r = c++; //! atomic capture\n out[r + i] = i;",
        "int r;\n r = c++; //! atomic capture\n out[2 * r] = i; out[2 * r + 1] = i;",
        "int r;\n r = c++; //! atomic capture\n out[r] = out[r + 1];",
        "int r;\n r = c++; //! atomic capture\n if (i == 3) r = 0;\n out[r] = i;",
        "int r;\n r = c++; //! atomic capture\n out[r] = i;\n c--; //! atomic update",
    ],
)
def test_number_that_may_come_twice_is_no_ticket(body: str) -> None:
    """Elements chosen by a number that others may get too are refused."""
    assert Status.REFUSED is verdict_of(body).status


def test_ticket_in_an_inner_loop() -> None:
    """A number captured more often than once in an iteration is still its own."""
    body = """for (int j = 0; j < 3; j++) {
        int r;
        r = c++; //! atomic capture
        out[r] = i;
      }"""

    assert Status.NEEDS_DECISION is verdict_of(body).status


def test_header_that_uses_what_is_protected_is_refused() -> None:
    """The bound of the loop must not change while threads count."""
    text = """int f(int n, int *a) {
      for (int i = 0; i < n; i++) {
        a[i] = 1;
        n--; //! atomic update
      }
      return n;
    }"""

    assert Status.REFUSED is protected_verdict(program_of(f"\n{text}")).status


def test_inner_header_that_uses_what_is_protected_is_refused() -> None:
    """The bound of an inner loop is a use outside of the protection."""
    body = "for (int j = 0; j < c; j++) out[i] = j;\n c++; //! atomic update"

    assert "IPT331" in codes(verdict_of(body))


def test_loop_that_is_not_counted_is_refused_as_before() -> None:
    """Protection does not help a loop that OpenMP cannot share out."""
    text = """int f(double n, int *a) {
      int c = 0;
      for (double i = 0; i < n; i += 1)
        c++; //! atomic update
      return c;
    }"""

    assert {"IPT305"} <= codes(protected_verdict(program_of(f"\n{text}")))


def test_without_protections_the_verdict_is_the_plain_one() -> None:
    """Nothing protected is nothing changed."""
    program = program_of("void f(int *a) {\n for (int i = 0; i < 9; i++) a[i] = i; }")
    analyzer, function = Analyzer(program), program.functions[0]
    loop = analyzer.loops(function)[0]

    assert analyzer.analyze(function, loop) is protect_loop(
        analyzer, function, loop, []
    )


def _protect(text: str, *lines: int) -> LoopVerdict:
    """Return the verdict with statements of the loop's body under critical."""
    program = program_of(text)
    function, loop = (
        program.functions[-1],
        Analyzer(program).loops(program.functions[-1])[0],
    )
    body = getattr(loop.body, "body", (loop.body,))
    chosen = tuple(body[number] for number in lines)
    protection = Protection(ProtectionKind.CRITICAL, chosen)
    return protect_loop(Analyzer(program), function, loop, [protection])


def test_statements_that_do_not_follow_each_other_are_refused() -> None:
    """One piece is one stretch of one block."""
    text = (
        "void f(int *a) {\n for (int i = 0; i < 9; i++) { a[0]++; a[1]++; a[2]++; } }"
    )

    assert {"IPT334"} == codes(_protect(text, 0, 2))
    assert Status.PARALLEL is _protect(text, 0, 1, 2).status


def test_statement_that_is_protected_twice_is_refused() -> None:
    """A critical section inside of itself would wait for ever."""
    program = program_of("void f(int *a) {\n for (int i = 0; i < 9; i++) { a[0]++; } }")
    function, loop = (
        program.functions[0],
        Analyzer(program).loops(program.functions[0])[0],
    )
    body = getattr(loop.body, "body", ())
    every = [
        Protection(ProtectionKind.CRITICAL, (loop.body,)),
        Protection(ProtectionKind.CRITICAL, body),
    ]

    verdict = protect_loop(Analyzer(program), function, loop, every)

    assert "it is protected twice" in verdict.refusals[0].message


def test_statement_from_a_macro_is_refused() -> None:
    """A directive would have to go into the macro."""
    text = """#define BOTH a[0]++; a[1]++
    void f(int *a) {
      for (int i = 0; i < 9; i++) { BOTH; }
    }"""

    assert {"IPT335"} == codes(_protect(text, 0))


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ("", "{ static int s; s += i; } //! critical\n out[i] = 1;"),
        ("", "seen[a[i]] = 1; //! critical\n seen[i] = 1;"),
        ("int *p = &c;", "c++; //! atomic update\n *p = i;"),
        ("int *p = &c;", "c++; //! atomic update\n out[i] = *p;"),
    ],
)
def test_use_in_another_way_is_not_proved(before: str, body: str) -> None:
    """Another name of a protected place counts as a use outside."""
    verdict = verdict_of(body, before=before)

    assert verdict.status is not Status.PARALLEL or "static" in body


@pytest.mark.parametrize(
    ("before", "name", "reason"),
    [
        ("namespace m { int total; }", "m::total", "named with ::"),
        ("thread_local int total;", "total", "each thread has its own"),
        ("static int total;", "{ int total = 0; total++; } total", "two variables"),
    ],
)
def test_name_that_no_clause_can_share_is_refused(
    before: str, name: str, reason: str
) -> None:
    """A guarded variable must be one that a clause can list."""
    text = f"""{before}
    void f(int n, int *out) {{
      for (int i = 0; i < n; i++) {{
        out[i] = i;
        {name}++; //! critical
      }}
    }}"""

    verdict = protected_verdict(program_of(text, "test.cc"))

    assert any(reason in each.message for each in verdict.refusals), verdict.findings


def test_stream_is_shared_as_the_text_names_it() -> None:
    """A C++ stream stands in the clause with its namespace."""
    text = """namespace std { struct ostream {}; extern ostream cout; }
    std::ostream &operator<<(std::ostream &, int);
    void f(int n, int *out) {
      for (int i = 0; i < n; i++) {
        out[i] = i;
        std::cout << i << out[i]; //! ordered
      }
    }"""

    verdict = protected_verdict(program_of(text, "test.cc"))

    # The operator is not the library's here, so that it may do anything.
    assert Status.REFUSED is verdict.status
    assert "std::cout" in verdict.shared


def test_marks_name_the_pieces() -> None:
    """The helper of these tests finds the loop and its pieces."""
    program = program_of("void f(int n) { for (int i = 0; i < n; i++) { } }")

    with pytest.raises(ValueError, match="no loop is marked"):
        marked_loop(program)
