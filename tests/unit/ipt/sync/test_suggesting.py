"""The smallest protection that makes a refused loop right."""

from __future__ import annotations

import pytest

from ipt.analysis import Analyzer
from ipt.analysis.sync import suggest_protections
from ipt.model import text_of
from ipt.testing import program_of

HEAD = """
int printf(const char *, ...); double sqrt(double); int rand(void);
struct s { int n, m; }; static int list[999], count; static struct s all;
static int work(int i) {
  int s = 0; for (int k = 0; k < i; k++) s = s * 3 + k; return s;
}
static void show(int v) { printf("%d", v); }
"""

FOUND = {
    "a member": ("all.n++;", [("atomic update", "all.n++")]),
    "two members": (
        "all.n++; all.m += v;",
        [("atomic update", "all.n++"), ("atomic update", "all.m += v")],
    ),
    "a list": ("list[count++] = v;", [("critical", "list[count++] = v")]),
    "a captured number": (
        "int k; k = count++; list[k] = v;",
        [("atomic capture", "k = count++")],
    ),
    "a captured number, declared": (
        "if (v) { int k = count++; list[k] = v; }",
        [("critical", "int k = count++; list[k] = v")],
    ),
    "a number and where it goes": (
        "count++; out[i] = count;",
        [("atomic capture", "count++; out[i] = count")],
    ),
    "the place of an extreme": (
        "if (v < best) { best = v; where = i; }",
        [("critical", "if (v < best) { best = v; where = i; }")],
    ),
    "an extreme and its number": (
        "if (v < best) { best = v; where = i; } all.n++;",
        [
            ("critical", "if (v < best) { best = v; where = i; }"),
            ("critical", "all.n++"),
        ],
    ),
    "output": ('printf("%d", v);', [("ordered", 'printf("%d", v)')]),
    "output of a function": ("if (v > 3) show(v);", [("ordered", "show(v)")]),
    "output and a member": (
        'all.n += v; printf("%d", v);',
        [("atomic update", "all.n += v"), ("ordered", 'printf("%d", v)')],
    ),
    "a recurrence": (
        "total = total * 2 + v;",
        [("ordered", "total = total * 2 + v")],
    ),
    "a dependence": (
        "if (i) out[i] = out[i - 1] + v;",
        [("ordered", "out[i] = out[i - 1] + v")],
    ),
    "output of a total": (
        'count += v; printf("%d", count);',
        [("ordered", 'count += v; printf("%d", count)')],
    ),
}

NONE = {
    "nothing to do": "out[i] = v;",
    "hidden state": "out[i] = rand();",
    "a jump": "if (v) break; all.n++;",
}


def suggestions(body: str) -> list[tuple[str, str]]:
    """Return kind and text of what is suggested for a loop."""
    program = program_of(f"""{HEAD}
    int f(int n, int *restrict out) {{
      int best = 99, where = -1, total = 1;
      for (int i = 0; i < n; i++) {{
        int v = work(i);
        {body}
      }}
      return best + where + total;
    }}""")
    analyzer, function = Analyzer(program), program.functions[-1]
    loop = analyzer.loops(function)[0]
    return [
        (
            each.kind.value,
            "; ".join(text_of(part).rstrip(";") for part in each.statements),
        )
        for each in suggest_protections(analyzer, function, loop)
    ]


@pytest.mark.parametrize("case", FOUND)
def test_protection_is_suggested(case: str) -> None:
    """Atomics come first, then small pieces; output stays in order."""
    body, expected = FOUND[case]

    assert suggestions(body) == expected


@pytest.mark.parametrize("case", NONE)
def test_nothing_is_suggested(case: str) -> None:
    """Where no protection is right, or nothing is left to run in parallel."""
    assert suggestions(NONE[case]) == []


def test_whole_body_is_not_suggested() -> None:
    """A loop that is one critical piece would only be slower."""
    program = program_of("""
    int f(int n, const int *a) {
      int best = 0, where = 0;
      for (int i = 0; i < n; i++)
        if (a[i] > best) { best = a[i]; where = i; }
      return best + where;
    }""")
    analyzer, function = Analyzer(program), program.functions[0]

    assert suggest_protections(analyzer, function, analyzer.loops(function)[0]) == []


@pytest.mark.parametrize("body", ['printf("%d", 2 * i);', "total = total * 3 + i;"])
def test_order_must_be_worth_it(body: str) -> None:
    """With little work beside it, an ordered piece is not suggested."""
    program = program_of(f"""{HEAD}
    int f(int n, int *restrict out) {{
      int total = 1;
      for (int i = 0; i < n; i++) {{
        out[i] = i + 1;
        {body}
      }}
      return total;
    }}""")
    analyzer, function = Analyzer(program), program.functions[-1]

    assert suggest_protections(analyzer, function, analyzer.loops(function)[0]) == []
