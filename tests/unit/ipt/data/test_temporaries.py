"""Temporary arrays that are declared outside the loop."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import first_verdict, program_of, verdicts_of

LIBRARY = """typedef unsigned long size_t;
void *memset(void *, int, size_t);
void *memcpy(void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
int printf(const char *, ...);
void keep(double *);
"""
FILL = "for (int j = 0; j < 8; j++) t[j] = i * j;"
SUM = "for (int j = 7; j >= 0; j--) a[i] += t[j];"

PRIVATE = {
    "filled by a loop, read by another one": f"""
        void f(int n, double *restrict a) {{ double t[8];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} }}""",
    "filled through a called function": """
        static void fill(double *r, int i) { for (int k = 0; k < 3; k++) r[k] = i; }
        void f(int n, double *restrict a) { double t[3];
        for (int i = 0; i < n; i++) { fill(t, i); a[i] = t[0] + t[2]; } }""",
    "filled and read by a called function": """
        static double dist(const double *p, const double *q, double *r) {
          double d = 0;
          for (int k = 0; k < 3; k++) { r[k] = p[k] - q[k]; d += r[k] * r[k]; }
          return d; }
        double pos[99][3], f3[99][3];
        void f(int n) { double t[3]; double d; int i, j, k;
        for (i = 0; i < n; i++)
          for (j = 0; j < n; j++) {
            d = dist(pos[i], pos[j], t);
            for (k = 0; k < 3; k++) f3[i][k] += t[k] * d; } }""",
    "cleared by memset": LIBRARY
    + f"""void f(int n, double *restrict a) {{ double t[8];
        for (int i = 0; i < n; i++) {{
          memset(t, 0, sizeof t); t[i % 8] += 1; {SUM} }} }}""",
    "copied by memcpy": LIBRARY
    + """void f(int n, double *restrict a, const double *restrict b) {
        double t[4][2];
        for (int i = 0; i < n; i++) {
          memcpy(t, b, sizeof t); t[1][1] += i; a[i] = t[i % 4][1]; } }""",
    "read by a subscript that is not understood": f"""
        void f(int n, double *restrict a, const int *restrict c) {{ double t[8];
        for (int i = 0; i < n; i++) {{ {FILL} a[i] = t[c[i]]; }} }}""",
    "filled and read in the same inner iteration": """
        void f(int n, double *restrict a) { double t[8];
        for (int i = 0; i < n; i++)
          for (int j = 0; j < 8; j++) { t[j] = i + j; a[i] += t[j]; } }""",
    "each element read after the one before it": """
        void f(int n, double *restrict a) { double t[8];
        for (int i = 0; i < n; i++) { t[0] = i;
          for (int j = 1; j < 8; j++) t[j] = t[j - 1] * 2;
          a[i] = t[7]; } }""",
    "filled downwards": """
        void f(int n, double *restrict a) { double t[8];
        for (int i = 0; i < n; i++) { t[7] = i;
          for (int j = 6; j >= 0; j--) t[j] = t[j + 1] * 2;
          a[i] = t[0]; } }""",
    "filled anew by the next loop": f"""
        void f(int n, double *restrict a) {{ double t[8];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }}
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} }}""",
    "filled anew in each step of a loop around": f"""
        void f(int n, double *restrict a) {{ double t[8];
        for (int s = 0; s < n; s++)
          for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} }}""",
    "filled through a counter of its own": """
        void f(int n, double *restrict a) { double t[8]; int m;
        for (int i = 0; i < n; i++) { m = 0;
          for (int j = 0; j < 8; j++) { t[m] = i * j; m++; }
          for (int j = 0; j < 8; j++) a[i] += t[j]; } }""",
    "under a condition that is not understood": f"""
        void f(int n, double *restrict a, const int *restrict c) {{ double t[8];
        for (int i = 0; i < n; i++) if (c[i]) {{ {FILL} {SUM} }} }}""",
    "in a while loop": """
        void f(int n, double *restrict a) { double t[2];
        for (int i = 0; i < n; i++)
          while (a[i] < 5) { t[0] = a[i]; a[i] += t[0]; } }""",
    "in a loop whose bound is not understood": """
        void f(int n, double *restrict a, const int *restrict c) { double t[8];
        for (int i = 0; i < n; i++)
          for (int j = 0; j < c[i]; j++) { t[j % 8] = j; a[i] += t[j % 8]; } }""",
    "in an outer loop whose bound is not understood": f"""
        void f(long n, double *restrict a) {{ double t[8];
        for (long i = 0; i < 1L << n; i++) {{ {FILL} {SUM} }} }}""",
    "of a size that was checked before": """
        void f(int n, double *restrict a) { double t[20];
        if (n < 4 || n > 20) return;
        for (int i = 0; i < 99; i++) {
          for (int j = 0; j < n; j++) t[j] = i;
          a[i] = t[0] + t[3]; } }""",
    "where an iteration may end before the array is used": f"""
        void f(int n, double *restrict a, const int *restrict c) {{ double t[8];
        for (int i = 0; i < n; i++) {{ if (c[i]) continue; {FILL} {SUM} }} }}""",
    "by a callee that may return before it uses it": """
        static double twice(double *r, int i) {
          if (i % 2) return 0; r[0] = i; return 2 * r[0]; }
        void f(int n, double *restrict a) { double t[2];
        for (int i = 0; i < n; i++) a[i] = twice(t, i); }""",
    "in an inner loop that is left early": """
        void f(int n, double *restrict a) { double t[2];
        for (int i = 0; i < n; i++)
          for (int j = 0; j < n; j++) {
            t[0] = i * j; if (t[0] > 9) break; a[i] += t[0]; } }""",
    "filled anew by a later search that ends early": f"""
        void f(int n, double *restrict a) {{ double t[8];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }}
        for (int i = 0; i < n; i++) {{ {FILL} if (t[3] > 99) break; }} }}""",
    "filled anew to a length that was checked": """
        void f(int n, double *restrict a) { double t[20];
        if (n < 4 || n > 20) return;
        for (int i = 0; i < 99; i++) {
          for (int j = 0; j < n; j++) t[j] = i;
          a[i] = t[3]; }
        for (int i = 0; i < 99; i++) {
          for (int j = 0; j < n; j++) t[j] = i;
          a[i] += t[3]; } }""",
    "two members of records": """
        struct p { double x, y; };
        void f(int n, double *restrict a) { struct p t[2];
        for (int i = 0; i < n; i++) {
          t[0].x = i; t[0].y = 1; t[1].x = 2; t[1].y = t[0].x;
          a[i] = t[1].y + t[0].y; } }""",
}


@pytest.mark.parametrize("case", [c for c in PRIVATE if c != "two members of records"])
def test_filled_array_is_private(case: str) -> None:
    """An array that each iteration fills before reading carries nothing on."""
    verdicts = verdicts_of(program_of(f"\n{PRIVATE[case]}"), function="f")
    depth = 1 if "around" in case else 0
    verdict = verdicts[depth]

    assert verdict.status is Status.PARALLEL, verdict.refusals
    assert "t" in verdict.private
    assert "t" not in verdict.shared


def test_array_of_records_is_not_copied() -> None:
    """Only arrays of numbers are copied; the others are refused with the way out."""
    verdict = first_verdict(PRIVATE["two members of records"])

    (refusal,) = verdict.refusals
    assert refusal.code == "IPT322"
    assert refusal.way_out == "Declare t inside the loop."


REFUSED = {
    "one element too few": (
        "IPT301",
        """void f(int n, double *restrict a) { double t[8]; t[7] = 0;
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < 8; j++) if (j < i) t[j] = i;
          a[i] = t[7]; } }""",
    ),
    "filled only sometimes": (
        "IPT",
        """void f(int n, double *restrict a, const int *restrict c) { double t[8];
        for (int i = 0; i < n; i++) {
          if (c[i]) t[0] = i; else t[1] = 2;
          a[i] = t[0]; } }""",
    ),
    "filled by a loop that may stop": (
        "IPT",
        """void f(int n, double *restrict a, const int *restrict c) { double t[8];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < 8; j++) { if (c[j]) break; t[j] = i; }
          a[i] = t[3]; } }""",
    ),
    "filled in a while loop": (
        "IPT",
        """void f(int n, double *restrict a) { double t[8];
        for (int i = 0; i < n; i++) { int j = 0;
          while (j < 8) { t[j] = i; j++; }
          a[i] = t[3]; } }""",
    ),
    "filled in another branch": (
        "IPT",
        f"""void f(int n, double *restrict a, const int *restrict c) {{ double t[8];
        for (int i = 0; i < n; i++) {{ if (c[i]) {{ {FILL} }} else {{ {SUM} }} }} }}""",
    ),
    "filled under the same test, which may have changed": (
        "IPT",
        f"""void f(int n, double *restrict a, int *restrict c) {{ double t[8];
        for (int i = 0; i < n; i++) {{
          if (c[i]) {{ {FILL} }}
          c[i] = 1;
          if (c[i]) {{ {SUM} }} }} }}""",
    ),
    "filled in another case": (
        "IPT",
        f"""void f(int n, double *restrict a, const int *restrict c) {{ double t[8];
        for (int i = 0; i < n; i++)
          switch (c[i]) {{ case 0: {FILL} break; default: {SUM} }} }}""",
    ),
    "filled in an earlier turn of a while loop": (
        "IPT",
        """void f(int n, double *restrict a) { double t[2];
        for (int i = 0; i < n; i++)
          while (a[i] < 5) { a[i] += t[0]; t[0] = a[i]; } }""",
    ),
    "filled by the test of a do loop": (
        "IPT",
        """void f(int n, double *restrict a) { double t[2];
        for (int i = 0; i < n; i++)
          do { a[i] += t[0]; } while ((t[0] = a[i]) < 5); }""",
    ),
    "filled by the step of a loop": (
        "IPT",
        """void f(int n, double *restrict a) { double t[2];
        for (int i = 0; i < n; i++)
          for (; a[i] < 5; t[0] = a[i]) a[i] += t[0]; }""",
    ),
    "filled up to one bound, read up to another": (
        "IPT",
        """void f(int n, double *restrict a, const int *restrict c) { double t[8];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < c[i]; j++) t[j] = i;
          for (int j = 0; j < c[i + 1]; j++) a[i] += t[j]; } }""",
    ),
    "in a loop that starts where it is not understood": (
        "IPT",
        """void f(int n, double *restrict a, const int *restrict c) { double t[8];
        for (int i = 0; i < n; i++)
          for (int j = c[i]; j < 8; j++) { a[i] += t[7 - j]; t[7 - j - 1] = i; } }""",
    ),
    "of a size that changed after the check": (
        "IPT",
        """void f(int n, double *restrict a) { double t[20];
        if (n < 4 || n > 20) return;
        n -= 3;
        for (int i = 0; i < 99; i++) {
          for (int j = 0; j < n; j++) t[j] = i;
          a[i] = t[0] + t[n - 1] + t[n]; t[n] = i; } }""",
    ),
    "skipped by continue": (
        "IPT",
        """void f(int n, double *restrict a, const int *restrict c) { double t[8];
        for (int i = 0; i < n; i++) {
          if (c[i]) { a[i] = t[0]; continue; }
          t[0] = i; a[i] = t[0]; } }""",
    ),
    "skipped by continue in a do loop": (
        "IPT",
        """void f(int n, double *restrict a, const int *restrict c) { double t[2];
        for (int i = 0; i < n; i++) { int k = i;
          do { if (c[k]) continue; t[0] = k; } while (t[0] > k++); } }""",
    ),
    "skipped by continue in an inner loop": (
        "IPT",
        """void f(int n, double *restrict a, const int *restrict c) { double t[8];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < 8; j++) { if (c[j]) continue; t[j] = i; }
          a[i] = t[3]; } }""",
    ),
    "skipped in an earlier turn of an inner loop": (
        "IPT",
        """void f(int n, double *restrict a, const int *restrict c) { double t[9];
        for (int i = 0; i < n; i++) { t[0] = i;
          for (int j = 1; j < 9; j++) {
            if (c[j]) continue; t[j] = i; a[i] += t[j - 1]; } } }""",
    ),
    "filled anew to a length that changed": (
        "IPT322",
        """void f(int n, double *restrict a) { double t[20];
        if (n < 4 || n > 20) return;
        for (int i = 0; i < 99; i++) {
          for (int j = 0; j < n; j++) t[j] = i;
          a[i] = t[3]; }
        n -= 3;
        for (int i = 0; i < 99; i++) {
          for (int j = 0; j < n; j++) t[j] = i;
          a[i] += t[3]; } }""",
    ),
    "read before it is written": (
        "IPT301",
        """void f(int n, double *restrict a) { double t[2]; t[0] = t[1] = 0;
        for (int i = 0; i < n; i++) { a[i] = t[0]; t[0] = i; } }""",
    ),
    "written by a callee that returns early": (
        "IPT",
        """static void fill(double *r, int i) { if (i % 2) return; r[0] = i; }
        void f(int n, double *restrict a) { double t[2];
        for (int i = 0; i < n; i++) { fill(t, i); a[i] = t[0]; } }""",
    ),
    "half of it cleared": (
        "IPT",
        LIBRARY
        + f"""void f(int n, double *restrict a) {{ double t[8];
        for (int i = 0; i < n; i++) {{
          memset(t, 0, 4 * sizeof *t); t[i % 8] += 1; {SUM} }} }}""",
    ),
    "of variable length": (
        "IPT322",
        """void f(int n, double *restrict a) { double t[n];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) t[j] = i; a[i] = t[3]; } }""",
    ),
    "too large for a stack": (
        "IPT322",
        """void f(int n, double *restrict a) { double t[100000];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < 100000; j++) t[j] = i; a[i] = t[3]; } }""",
    ),
    "global": (
        "IPT322",
        f"""static double t[8]; void f(int n, double *restrict a) {{
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} }}""",
    ),
    "static": (
        "IPT322",
        f"""void f(int n, double *restrict a) {{ static double t[8];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} }}""",
    ),
    "a pointer to it is kept": (
        "IPT322",
        f"""void f(int n, double *restrict a) {{ double t[8]; double *p = t;
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} a[0] = *p; }}""",
    ),
    "an element's address is taken": (
        "IPT322",
        f"""void f(int n, double *restrict a) {{ double t[8]; double *p = &t[2];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} a[0] = *p; }}""",
    ),
    "a called function keeps a pointer to it": (
        "IPT322",
        f"""static double *kept; static void note(double *p) {{ kept = p; }}
        void f(int n, double *restrict a) {{ double t[8]; note(t);
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} }}""",
    ),
    "given to an unknown function": (
        "IPT322",
        LIBRARY
        + f"""void f(int n, double *restrict a) {{ double t[8]; keep(t);
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} }}""",
    ),
    "read after the loop, which may not run": (
        "IPT322",
        f"""double f(int n, double *restrict a) {{ double t[8];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} return t[3]; }}""",
    ),
    "read in the next step of a loop around": (
        "IPT322",
        f"""void f(int n, double *restrict a) {{ double t[8]; t[0] = 0;
        for (int s = 0; s < 9; s++) {{
          a[s] = t[0];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} }} }}""",
    ),
    "read by the test of a loop around": (
        "IPT322",
        f"""void f(int n, double *restrict a) {{ double t[8]; t[0] = 0;
        while (t[0] < n) {{
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }} }} }}""",
    ),
    "read by a later loop in its first iteration": (
        "IPT322",
        f"""void f(int n, double *restrict a) {{ double t[8];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }}
        for (int i = 0; i < n; i++) {{ if (i > 0) t[0] = 1; a[i] = t[0]; }} }}""",
    ),
    "printed after the loop": (
        "IPT322",
        LIBRARY
        + f"""void f(int n, double *restrict a) {{ double t[8];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }}
        printf("%g", t[0]); }}""",
    ),
    "behind a label": (
        "IPT322",
        f"""void f(int n, double *restrict a) {{ double t[8]; t[0] = 1;
        again: a[0] = t[0];
        for (int i = 0; i < n; i++) {{ {FILL} {SUM} }}
        if (n-- > 5) goto again; }}""",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_array_that_may_carry_a_value_is_refused(case: str) -> None:
    """When in doubt, no thread gets its own copy."""
    code, text = REFUSED[case]
    depth = 1 if "step of a loop around" in case else 0
    verdict = verdicts_of(program_of(f"\n{text}"), function="f")[depth]

    assert verdict.status is Status.REFUSED
    assert any(each.code.startswith(code) for each in verdict.refusals)
    assert "t" not in (*verdict.private, *verdict.firstprivate, *verdict.lastprivate)


@pytest.mark.parametrize(
    "body",
    [
        "t[0] = i; a[i] = t[0] + t[1];",
        "for (int j = 0; j < 7; j++) t[j] = i + t[7];\na[i] = t[2] + t[7];",
        (
            "for (int j = 0; j < 7; j++) t[j] = i;\n"
            "for (int j = 0; j < 8; j++) a[i] += t[j];"
        ),
    ],
)
def test_array_with_a_part_that_stays_is_firstprivate(body: str) -> None:
    """What no iteration writes is the same in the copy of each thread."""
    verdict = first_verdict(
        f"""void f(int n, double *restrict a) {{ double t[8] = {{1, 2}};
        for (int i = 0; i < n; i++) {{ {body} }} }}"""
    )

    assert verdict.status is Status.PARALLEL
    assert verdict.firstprivate == ("t",)
    assert "IPT112" in {each.code for each in verdict.findings}


def test_array_read_after_a_loop_that_fills_it_is_lastprivate() -> None:
    """The last iteration leaves all its elements, if there is an iteration."""
    verdict = first_verdict(
        f"""double f(double *restrict a) {{ double t[8];
        for (int i = 0; i < 10; i++) {{ {FILL} {SUM} }} return t[3]; }}"""
    )

    assert verdict.status is Status.PARALLEL
    assert verdict.lastprivate == ("t",)


def test_array_that_is_not_filled_as_a_whole_is_not_lastprivate() -> None:
    """Another iteration may have left what is read after the loop."""
    verdict = first_verdict(
        """double f(double *restrict a) { double t[8];
        for (int i = 0; i < 10; i++) { t[i % 8] = i; a[i] = t[i % 8]; }
        return t[3]; }"""
    )

    assert [each.code for each in verdict.refusals] == ["IPT322"]


def test_rows_are_cleared_by_memset() -> None:
    """A row belongs to its iteration, if memset stays within it."""
    text = LIBRARY + "void f(int n, double a[][8]) {\nfor (int i = 0; i < n; i++) {}"
    inside, beyond = (
        first_verdict(
            text.replace("{}", f"memset(a[i], 0, {size} * sizeof(double)); }}")
        )
        for size in (8, 9)
    )

    assert inside.status is Status.PARALLEL
    assert [each.code for each in beyond.refusals] == ["IPT314"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("memset(q, 0, n);", "IPT301"),
        ("memset(g, 0, sizeof *g);", "IPT309"),
        ("memset((char *)a + i, 0, 1);", "IPT314"),
        ("memmove(a + i + 1, a + i, sizeof *a);", "IPT301"),
        ("memset(&g->n, 0, sizeof(int)); a[i * g->n] = 1;", "IPT"),
    ],
)
def test_blocks_that_meet_are_seen(call: str, code: str) -> None:
    """What memset and the like write counts as written."""
    verdict = first_verdict(
        LIBRARY
        + f"""struct s {{ int n; double *p; }};
        void f(int n, double *restrict a, char *restrict q, struct s *restrict g) {{
        for (int i = 0; i < n; i++) {{ {call} }} }}"""
    )

    assert any(each.code.startswith(code) for each in verdict.refusals)


def test_copying_to_distinct_places_is_parallel() -> None:
    """Each iteration copies a row of its own, of a length that stays."""
    verdict = first_verdict(
        LIBRARY
        + """void f(int n, int m, double *restrict a, const double *restrict b) {
        for (int i = 0; i < n; i++) memcpy(a + i * m, b, m * sizeof(double)); }"""
    )

    assert verdict.status is Status.PARALLEL
