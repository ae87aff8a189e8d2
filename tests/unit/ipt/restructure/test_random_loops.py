"""Random loops: what is offered computes the same, what is refused would not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipt.analysis import Analyzer, LoopVerdict, Status
from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import VarRef, walk
from ipt.restructure import find_restructurings, restructured
from ipt.restructure.carried import carried_value
from ipt.restructure.distribution import legal_cuts
from ipt.restructure.induction_search import inductions
from ipt.restructure.interchange import interchange_of
from ipt.restructure.ordering import Ordering
from ipt.restructure.peeling import Peeling
from ipt.restructure.positions import position_search
from ipt.restructure.privatization import privatization
from ipt.restructure.rereading import reread
from ipt.restructure.study import study_loop
from ipt.testing import NO_HEADERS, program_of
from tests.unit.ipt.restructure.interpreter import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.model import For, Function, Program
    from ipt.restructure.restructuring import Rewrite
    from ipt.restructure.study import Study

SIZES = (0, 1, 2, 5)
quick = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

small = st.integers(-2, 2)
ups = st.booleans()
arrays = st.sampled_from("abc")


@st.composite
def subscripts(draw: st.DrawFn, counter: str = "i") -> str:
    """Return an affine subscript."""
    factor, shift = draw(st.sampled_from([1, 1, 1, 2, 0])), draw(small)
    return f"{factor} * {counter} + {shift + 20}"


@st.composite
def values(draw: st.DrawFn, names: Sequence[str] = ()) -> str:
    """Return a sum of elements and variables."""
    terms = [f"{draw(arrays)}[{draw(subscripts())}]"]
    if draw(ups):
        terms.append(f"{draw(arrays)}[{draw(subscripts())}]")
    if draw(ups) and names:
        terms.append(draw(st.sampled_from(names)))
    return " - ".join(terms)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Return the statements of a loop over `i`."""
    found: list[str] = []
    names: list[str] = []
    if draw(ups):
        found.append(f"int v = {draw(values())};")
        names = ["v"]
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3))
    for kind in kinds:
        target = f"{draw(arrays)}[{draw(subscripts())}]"
        value = draw(values(names))
        found.append(KINDS[kind].format(target=target, value=value))
    return "\n    ".join(found)


KINDS = {
    "assign": "{target} = {value};",
    "guard": "if ({value} > 50) {target} = {value};",
    "print": "print({value});",
    "sum": "s += {value};",
    "recur": "s = 2 * s - ({value});",
    "carry": "{target} = p + 1;\n    p = {value};",
    "move": "{target} = k; k += 2;",
    "push": "d[k++] = {value};",
    "extreme": "if ({value} > m) {{ m = {value}; q = i; }}",
    "temporary": "t[0] = {value}; t[1] = i; {target} = t[0] - t[1];",
}

HEADERS = (
    "for (int i = 0; i < n; i++)",
    "for (int i = 1; i <= n; i++)",
    "for (i = n; i > 0; i--)",
    "for (int i = 0; i < 1000; i++)",
)


NESTS = (
    "for (j = 0; j < n; j++)\n a[20 + i] = a[{left} + j + 20] + i;",
    "for (int j = 0; j < n; j++)\n d[k++] = a[i + 20] + j;",
    "for (int j = 1; j <= n; j++) {{\n d[k] = j + k;\n k = k - 1;\n }}",
    "for (int j = 0; j < n; j++)\n e[i + {left}][j + {right}] = e[i + 3][j + 3] + 1;",
    "for (j = n; j > 0; j--)\n e[i + {left}][j + {right}] += e[i + 3][j + 3];",
)


@st.composite
def nests(draw: st.DrawFn) -> str:
    """Return the body of an outer loop with one inner loop."""
    left, right = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    return draw(st.sampled_from(NESTS)).format(left=left, right=right)


@dataclass(frozen=True)
class Loop:
    """A function with one loop over three arrays."""

    header: str
    body: str
    after: str

    @property
    def text(self) -> str:
        """The program in C."""
        return f"""
int a[3000], b[3000], c[3000], d[9000], e[50][50];
int print(int);
int f(int n) {{
  int i, j, s = 1, p = 2, k = 0, m = 3, q = -1, t[2];
  {self.header} {{
    {self.body}
  }}
  {self.after}
}}
"""


loops = st.builds(
    Loop,
    st.sampled_from(HEADERS[:3]),
    st.one_of(bodies(), bodies(), nests()),
    st.sampled_from(
        [
            "return s;",
            "return s + p;",
            "return k;",
            "return 10 * m + q;",
            "return t[0];",
        ]
    ),
)


def rewrites(analyzer: Analyzer, function: Function, loop: For) -> Iterator[Rewrite]:
    """Yield every rewrite of a loop, whether it would be of use or not."""
    study = study_loop(analyzer, function, loop)
    if study is None:
        return
    study = replace(study, verdict=_blaming_all(study))
    ordering = Ordering(analyzer, study)
    yield Peeling(study, is_last=False)
    yield Peeling(study, is_last=True)
    yield from inductions(study)
    for each in (
        position_search(study),
        privatization(study, ordering, analyzer.solver),
        carried_value(study, ordering),
        interchange_of(study, ordering),
        legal_cuts(study, ordering),
    ):
        if each is not None:
            yield each


def _blaming_all(study: Study) -> LoopVerdict:
    """Return a verdict that finds fault with one variable, then the next one."""
    place = study.loop.span.place
    names = {
        each.variable.name for each in walk(study.loop) if isinstance(each, VarRef)
    }
    carried = {name for name in names if name in ("p", "k")}
    return LoopVerdict(
        study.function,
        study.loop,
        Status.REFUSED,
        (
            Finding("IPT303", "", place, tuple(carried)),
            Finding("IPT322", "", place, tuple(names)),
        ),
    )


def outcome(program: Program, n: int) -> tuple[object, ...]:
    """Return all that one can see of a run."""
    machine = Machine()
    try:
        result = machine.run(program, "f", n)
    except KeyError:
        # A local is read that nothing has set: the program has no meaning.
        return ("undefined",)
    return result, machine.globals(), machine.output


@quick
@given(loops)
def test_what_is_offered_computes_the_same(loop: Loop) -> None:
    """Memory, output and result are those of the program before."""
    program = program_of(loop.text)
    analyzer = Analyzer(program)
    function = program.functions[-1]
    first = analyzer.loops(function)[0]

    for each in find_restructurings(analyzer, function, first, (), NO_HEADERS):
        after = restructured(program, each, (), NO_HEADERS)
        compare(program, after)


@quick
@given(loops)
def test_whatever_is_legal_computes_the_same(loop: Loop) -> None:
    """A rewrite that is of no use is right, too."""
    program = program_of(loop.text)
    analyzer = Analyzer(program)
    function = program.functions[-1]

    for each in rewrites(analyzer, function, analyzer.loops(function)[0]):
        try:
            each.validate()
        except TransformRefused:
            continue
        after = reread(program, function, each, (), NO_HEADERS)
        assert after is not None, loop.text
        compare(program, after.program)


def compare(before: Program, after: Program) -> None:
    """Run both for some sizes and compare all that one can see."""
    for n in SIZES:
        expected = outcome(before, n)
        if expected != ("undefined",):
            shown = f"{before.source.data.decode()}\n{after.source.data.decode()}"
            assert expected == outcome(after, n), f"{shown}\n{n}"
