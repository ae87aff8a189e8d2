"""Whatever is answered, the dialogue ends in a program or a refusal."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipt.analysis import Analyzer
from ipt.api import parallelize
from ipt.dialogue import BadAnswer, Question, Session, dialogue
from ipt.outcome import Parallelized, Unchanged
from ipt.testing import program_of

PRINTF = "int printf(const char *, ...);\n"
PROGRAMS = {
    "sums": PRINTF
    + """double a[5000], b[5000];
double f(int n, double *c) {
  double s = 0, t[2];
  int k;
  for (k = 0; k < 10; k++) {
    for (int i = 0; i < n; i++)
      a[i] = b[i] * k;
    printf("%d\\n", k);
    for (int i = 0; i < n; i++)
      b[i] = a[i] + c[i];
  }
  for (int i = 0; i < n; i++) {
    t[0] = a[i];
    t[1] = b[i];
    s += t[0] * t[1];
  }
  return s;
}
""",
    "counts": PRINTF
    + """int key[5000], hist[32], last[32], kept[5000];
int main(void) {
  int next = 0;
  for (int i = 0; i < 5000; i++) {
    hist[key[i]]++;
    last[key[i]] = i;
    if (key[i] > 3) {
      kept[next] = i;
      next++;
    }
    printf("%d\\n", i);
  }
  for (int i = 1; i < 5000; i++) {
    key[i] = key[i - 1] + 1;
    kept[i] = 2 * i;
  }
  return next;
}
""",
    "calls": """double x[9000], y[9000];
static void one(void) {
  for (int i = 0; i < 9000; i++)
    x[i] = i;
}
static void two(void) {
  for (int i = 0; i < 9000; i++)
    y[i] = i;
}
static int fib(int n) {
  int a, b;
  if (n < 2)
    return n;
  a = fib(n - 1);
  b = fib(n - 2);
  return a + b;
}
int main(void) {
  one();
  two();
  return fib(20) > x[5] + y[7];
}
""",
    "odd": """int a[5000];
void f(int n) {
  #pragma omp parallel for
  for (int i = 0; i < n; i++)
    a[i] = i;
  for (int i = 0; i < n; i++) { if (a[i] == 7) break; a[i] = 0; }
  for (int i = 0; i < n; i++) a[i] = 1; a[0] = 2;
  while (n > 0) { for (int j = 0; j < n; j++)
      a[j] += j;
    n--; }
}
""",
    "methods": """class Grid {
  int n, total;
  double *u, *v;
  static int steps;
 public:
  explicit Grid(int k) : n(k), total(0), u(new double[k]), v(new double[k]) {}
  void step(int *count) {
    for (int i = 1; i < n - 1; i++)
      v[i] = u[i - 1] + u[i + 1] + steps;
    total += n;
    steps++;
    for (int i = 1; i < n - 1; i++) {
      u[i] = v[i] * 0.5;
      total += 1;
    }
    for (int i = 0; i < 9000; i++)
      count[i % 8]++;
  }
  long fib(int k) {
    long a, b;
    if (k < 2)
      return k;
    a = fib(k - 1);
    b = fib(k - 2);
    return a + b + total;
  }
};
int Grid::steps = 0;
int main() {
  int count[8] = {};
  Grid g(9000);
  g.step(count);
  return g.fib(9) > count[3];
}
""",
}
STEPS = 120
JUNK = ("", "maybe", "-1", "99", "none", "3-", "1-99", "\x00", "0")


def answer_to(question: Question, pick: int) -> str:
    """Return one of the answers that might be given, sensible or not."""
    numbered = [number for number, _ in question.listing if number]
    lines = [str(each) for each in numbered]
    lines += [f"{one}-{other}" for one in numbered for other in numbered if one < other]
    fitting = {
        "yes_no": ["yes", "no", "yes"],
        "number": ["0", "1", "2", "16"],
        "text": ["none", "n > 3", "1 +"],
        "lines": [*lines, ",".join(lines[:2])],
    }.get(question.kind, [])
    fitting += [each.value for each in question.choices]
    every = [*fitting, *fitting, question.default, *JUNK]
    return every[pick % len(every)]


def lead(session: Session, picks: list[int]) -> None:
    """Answer by the picks, go back and forth, then take the defaults."""
    for pick in picks[:STEPS]:
        if session.question is None:
            return
        if pick % 11 == 0:
            session.back()
        elif pick % 7 == 0:
            session.more()
        else:
            with suppress(BadAnswer):
                session.answer(answer_to(session.question, pick // 7))
    for _ in range(STEPS):
        if session.question is None:
            return
        session.answer("")
    pytest.fail(f"the dialogue does not end: {list(session.answers)}")


@pytest.mark.parametrize("name", PROGRAMS)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(picks=st.lists(st.integers(0, 10_000), max_size=60))
def test_any_answers_lead_to_an_end(name: str, picks: list[int]) -> None:
    """The program that comes out compiles, and the same answers give it again."""
    file = "test.cpp" if name == "methods" else "test.c"
    program = program_of(PROGRAMS[name], file)
    analyzer = Analyzer(program)
    session = Session(lambda: dialogue(program, analyzer))
    lead(session, picks)

    assert isinstance(session.outcome, Parallelized | Unchanged)
    again = parallelize(PROGRAMS[name], file, session.answers, defaults=True)
    first, second = again.to_json()["result"], session.outcome
    assert isinstance(first, dict)
    if isinstance(second, Parallelized):
        assert first["text"].encode() == second.files[0].data
    else:
        assert first["status"] == "unchanged"
