"""Members that hold nothing but new blocks are apart, in a whole program."""

from __future__ import annotations

import pytest

from ipt.analysis import Status
from ipt.testing import program_of, verdicts_of

pytestmark = pytest.mark.needs("gcc")

HEAD = """
#include <stdlib.h>
struct grid { double *u, *v, *w; int n; };
"""
MAKE = """
static void make(struct grid *g, int n) {
  g->n = n;
  g->u = malloc(n * sizeof(double));
  g->v = malloc(n * sizeof(double));
}
"""
STEP = """
static void step(struct grid *g, int n) {
  for (int i = 1; i < n; i++)
    g->u[i] = g->v[i - 1];
}
"""
MAIN = "int main(void) { struct grid g; make(&g, 9); EXTRA step(&g, 9); return 0; }"

APART = {"plain": "", "copied": "struct grid h = g;", "freed": "free(g.u); g.u = 0;"}
TOGETHER = {
    "copy of a member": "g.u = g.v;",
    "moved": "g.v++;",
    "moved by a number": "g.v += 1;",
    "address taken": "double **p = &g.u; *p = g.v;",
    "given at the start": "struct grid h = {g.v, g.v, g.v, 9}; step(&h, 9);",
    "called through a name": "extern void other(struct grid *); other(&g);",
    "any memory as a grid": "char b[99]; step((struct grid *)b, 9);",
}
CPP = {
    "constructor": ("", Status.PARALLEL),
    "in a lambda": ("auto l = [&] { b.u = b.v; }; l();", Status.NEEDS_DECISION),
    "by a reference": ("double *&r = b.u; r = b.v;", Status.NEEDS_DECISION),
    "comma": ("(b.v, b.u) = b.v;", Status.NEEDS_DECISION),
    "either": ("(b.size ? b.u : b.v) = b.v;", Status.NEEDS_DECISION),
    "reference that a function gives": (
        "struct Lend { static double *&u(Box &x) { return x.u; } }; Lend::u(b) = b.v;",
        Status.NEEDS_DECISION,
    ),
    "pointer to a member": (
        "double *Box::*m = &Box::u; b.*m = b.v;",
        Status.NEEDS_DECISION,
    ),
    "names for the members": (
        "auto &[p, q, k] = b; p = q;",
        Status.NEEDS_DECISION,
    ),
    "union of pointers": (
        "union { Box *box; double **all; } o; o.box = &b; o.all[0] = o.all[1];",
        Status.NEEDS_DECISION,
    ),
    "placed": ("b.u = new (b.v) double[9];", Status.NEEDS_DECISION),
}


def status_of(text: str, name: str) -> Status:
    """Return the status of the first loop of `step`."""
    return verdicts_of(program_of(text, name, None), function="step")[0].status


@pytest.mark.parametrize("case", APART)
def test_blocks_of_owning_members_are_apart(case: str) -> None:
    """No question is needed."""
    text = HEAD + MAKE + STEP + MAIN.replace("EXTRA", APART[case])

    assert status_of(text, "a.c") is Status.PARALLEL


@pytest.mark.parametrize("case", TOGETHER)
def test_other_members_may_share_a_block(case: str) -> None:
    """Whatever else sets a member takes the proof away."""
    text = HEAD + MAKE + STEP + MAIN.replace("EXTRA", TOGETHER[case])

    assert status_of(text, "a.c") is Status.NEEDS_DECISION


def test_program_with_loose_ends_shows_nothing() -> None:
    """Another file may set the members."""
    assert status_of(HEAD + MAKE + STEP, "a.c") is Status.NEEDS_DECISION


def test_member_that_nobody_sets_shows_nothing() -> None:
    """It is set where the program cannot be seen."""
    text = HEAD + MAKE + STEP.replace("g->v", "g->w") + MAIN.replace("EXTRA", "")

    assert status_of(text, "a.c") is Status.NEEDS_DECISION


@pytest.mark.parametrize("case", CPP)
def test_members_of_a_class_are_apart(case: str) -> None:
    """What its constructors give them counts."""
    extra, expected = CPP[case]
    text = f"""
    #include <new>
    class Box {{
     public:
      explicit Box(int n) : u(new double[n]), v(new double[n]), size(n) {{}}
      void step() {{
        for (int i = 1; i < size; i++)
          u[i] = v[i - 1];
      }}
      double *u, *v;
      int size;
    }};
    int main() {{ Box b(9); {extra} b.step(); }}
    """
    assert status_of(text, "a.cc") is expected


def test_new_of_the_program_itself_shows_nothing() -> None:
    """It may give the same memory twice."""
    text = """
    double pool[99];
    void *operator new[](unsigned long) { return pool; }
    struct Box { double *u, *v; };
    void step(Box &b) {
      for (int i = 1; i < 9; i++)
        b.u[i] = b.v[i - 1];
    }
    int main() { Box b; b.u = new double[9]; b.v = new double[9]; step(b); }
    """
    assert status_of(text, "a.cc") is Status.NEEDS_DECISION
