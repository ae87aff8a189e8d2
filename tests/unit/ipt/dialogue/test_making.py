"""What to make in a function besides loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ipt.api import Asked, parallelize
from ipt.outcome import Parallelized

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Talk

STEPS = """int printf(const char *, ...);
double a[9000], b[9000];
void f(int steps) {
  for (int k = 0; k < steps; k++) {
    for (int i = 1; i < 8999; i++)
      b[i] = a[i - 1] + a[i + 1];
    for (int i = 1; i < 8999; i++)
      a[i] = b[i];
    printf("%d\\n", k);
  }
}
"""
CALLS = """double x[9000], y[9000];
static void one(void) {
  for (int i = 1; i < 9000; i++)
    x[i] = x[i - 1] + i;
}
static void two(void) {
  for (int i = 1; i < 9000; i++)
    y[i] = y[i - 1] + i;
}
static void three(void) {
  for (int i = 1; i < 9000; i++)
    y[i] = y[i - 1] + x[i];
}
int main(void) {
  one();
  two();
  three();
  return 0;
}
"""
FIB = """int fib(int n) {
  int a, b;
  if (n < 2)
    return n;
  a = fib(n - 1);
  b = fib(n - 2);
  return a + b;
}
int main(void) {
  int r = fib(20);
  return r > 100;
}
"""
SCALE = """void scale(int n, double f, double *p) {
  for (int i = 0; i < n; i++)
    p[i] *= f;
}
void fill(int n, double *p) {
  for (int i = 0; i < n; i++)
    p[i] = 1;
}
"""
QUICKSORT = """void sort(double *a, int first, int last) {
  int end = first;
  if (last - first < 2)
    return;
  while (a[end] < a[last - 1])
    end++;
  a[first] += 1;
  sort(a, first, end);
  sort(a, end + 1, last);
}
int main(void) {
  static double a[9000];
  sort(a, 0, 9000);
  return 0;
}
"""
SERIAL = """int a[5000];
void f(void) {
  for (int i = 1; i < 5000; i++)
    a[i] = a[i - 1] + 1;
}
"""


def test_loops_are_made_unless_somebody_asks(talk: Callable[[str], Talk]) -> None:
    """The question is there for who wants it, with everything that can be made."""
    dialogue = talk(STEPS)
    question = dialogue.until("f.make")

    assert question.is_optional
    assert question.default == "loops"
    assert [each.value for each in question.choices] == [
        "loops",
        "region",
        "sections",
        "tasks",
        "target",
        "nothing",
    ]
    assert "does not call itself" in question.choices[3].unavailable
    assert question.aside == (
        "Next come the loops of f; a region of lines 4-10 would be good too"
    )


def test_region_is_made_of_lines(talk: Callable[[str], Talk]) -> None:
    """The threads start once, around the serial loop."""
    dialogue = talk(STEPS)
    text = dialogue.finish(f__make="region", f__region1="4-10", f__region1__use="y")

    assert "  #pragma omp parallel default(none)" in text
    assert text.count("#pragma omp for") == 2
    assert "#pragma omp single" in text
    assert dialogue.ids == [
        "model",
        "function",
        "f.make",
        "f.region1",
        "f.region1.use",
        "f.region1.printing",
        "timing",
    ]


def test_region_that_is_best_is_the_default(talk: Callable[[str], Talk]) -> None:
    """Its parts are shown before it is made."""
    dialogue = talk(STEPS)
    question = dialogue.until("f.region1", f__make="region")
    assert question.default == "4-10"
    question = dialogue.until("f.region1.use")

    assert [number for number, _ in question.notes[-1].excerpt] == [4, 5, 7, 9]
    assert "iterations are shared out" in question.notes[-1].excerpt[1][1]
    assert "one thread" in question.notes[-1].excerpt[3][1]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("9", "IPT330"),
        ("5-6,7-8", "one range of lines"),
        ("6-8", "Line 8|line 6"),
        ("99", "not in f"),
        ("here", "neither a line nor a range"),
    ],
)
def test_region_that_cannot_be_made_is_refused(
    talk: Callable[[str], Talk], answer: str, reason: str
) -> None:
    """The reason is shown, and other lines can be named."""
    dialogue = talk(STEPS)
    dialogue.until("f.region1", f__make="region")

    dialogue.refuse(answer, reason)


def test_no_region_after_all(talk: Callable[[str], Talk]) -> None:
    """Loops can be made instead."""
    for given in ({"f__region1": "none"}, {"f__region1__use": "n"}):
        dialogue = talk(STEPS)
        text = dialogue.finish(f__make="region", f__make__2="loops", **given)

        assert text.count("#pragma omp parallel for") == 2


def test_details_of_a_region(talk: Callable[[str], Talk]) -> None:
    """Every loop has its schedule; the number of threads is that of the region."""
    dialogue = talk(STEPS)
    text = dialogue.finish(
        f__make="region",
        f__region1__use="details",
        f__region1__line5__schedule="guided",
        f__region1__threads="2",
    )

    assert "schedule(guided)" in text
    assert "num_threads(2)" in text
    assert "f.region1.line7.chunk" in dialogue.ids


def test_main_thread_may_print(talk: Callable[[str], Talk]) -> None:
    """In place of the first that arrives."""
    text = talk(STEPS).finish(f__make="region", f__region1__printing="master")

    assert "#pragma omp master" in text
    assert "#pragma omp single" not in text


def test_not_every_thread_may_print(talk: Callable[[str], Talk]) -> None:
    """The lines would come several times."""
    dialogue = talk(STEPS)
    dialogue.until("f.region1.printing", f__make="region")

    dialogue.refuse("all", "once a thread")
    dialogue.refuse("neither", "leave them out of the region")


def test_lines_of_a_region_by_one_thread(talk: Callable[[str], Talk]) -> None:
    """Chosen by their lines, as the first IPT asked for them."""
    text = talk(STEPS).finish(
        f__make="region",
        f__region1__use="details",
        f__region1__protect="y",
        f__region1__protect__kind="master",
        f__region1__protect__lines="9",
    )

    assert "#pragma omp master" in text


def test_loops_that_are_chosen_are_in_no_region(talk: Callable[[str], Talk]) -> None:
    """One directive must not hold another one."""
    dialogue = talk(
        "int a[5000], b[5000];\nvoid f(void) {\n"
        "  for (int i = 0; i < 5000; i++)\n    a[i] = i;\n"
        "  for (int i = 0; i < 5000; i++)\n    b[i] = i;\n}\n"
    )
    dialogue.until("f.make.2", f__loop2="n")
    dialogue.session.answer("region")

    assert dialogue.question.default == "none"
    dialogue.refuse("3-6", "was chosen before")
    dialogue.session.answer("5-6")
    text = dialogue.finish(f__region1__use="y")
    assert "#pragma omp parallel for default(none) shared(a)" in text
    assert "#pragma omp parallel default(none) shared(b)" in text


def test_nothing_is_left_when_all_is_chosen(talk: Callable[[str], Talk]) -> None:
    """Then no region can be made."""
    dialogue = talk(SERIAL.replace("a[i - 1] + 1", "i"))
    dialogue.until("f.make.2")

    dialogue.refuse("region", "Every line of it is in something")


def test_sections_run_side_by_side(talk: Callable[[str], Talk]) -> None:
    """Found by the analysis where calls need nothing of each other."""
    dialogue = talk(CALLS)
    question = dialogue.until("main.sections", function="main")
    assert question.default == "15,16"
    text = dialogue.finish(another="n")

    assert text.count("#pragma omp section\n") == 2
    assert "#pragma omp parallel sections" in text


def test_function_without_loops_says_so(talk: Callable[[str], Talk]) -> None:
    """What else can be made in it is asked."""
    question = talk(CALLS).until("main.make", function="main")

    assert "main has no for-loop." in [each.title for each in question.notes]
    assert not question.is_optional
    assert question.default == "sections"
    assert question.choices[0].unavailable == "main has no for-loop."


def test_function_whose_only_gain_is_sections_is_found(
    talk: Callable[[str], Talk],
) -> None:
    """Enter leads to it, although another function has a loop."""
    text = """double x[90000], y[90000];
static void one(void) { int i = 0; while (i < 90000) x[i++] = 1; }
static void two(void) { int i = 0; while (i < 90000) y[i++] = 2; }
static void carry(void) {
  for (int i = 1; i < 90000; i++)
    x[i] = x[i - 1] + y[i];
}
int main(void) {
  one();
  two();
  carry();
  return 0;
}
"""
    dialogue = talk(text)
    assert dialogue.until("function").default == "main"
    question = dialogue.until("main.sections")
    assert question.default == "9,10"
    assert question.notes[-1].excerpt == ((9, "  one();"), (10, "  two();"))

    dialogue = talk(text)
    question = dialogue.until("another", function="carry")
    assert question.default == "yes"
    assert "main" in question.why


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("15", "at least two parts"),
        ("16,17", "IPT"),
        ("15,17", "IPT336"),
        ("x", "neither a line"),
    ],
)
def test_sections_that_cannot_be_are_refused(
    talk: Callable[[str], Talk], answer: str, reason: str
) -> None:
    """One needs what the other one computes, or is not next to it."""
    dialogue = talk(CALLS)
    dialogue.until("main.sections", function="main")

    dialogue.refuse(answer, reason)


def test_no_sections_after_all(talk: Callable[[str], Talk]) -> None:
    """None is an answer."""
    dialogue = talk(CALLS)
    dialogue.finish(function="main", main__sections="none", another="n")

    assert "main.make.2" in dialogue.ids
    assert not isinstance(dialogue.session.outcome, Parallelized)


def test_calls_of_itself_become_tasks(talk: Callable[[str], Talk]) -> None:
    """The default for such a function; small calls stay as they are."""
    dialogue = talk(FIB)
    text = dialogue.finish()

    assert "#pragma omp task" in text
    assert "#pragma omp taskwait" in text
    assert dialogue.ids[:4] == ["model", "function", "fib.make", "fib.tasks"]


def test_size_of_a_task_can_be_changed(talk: Callable[[str], Talk]) -> None:
    """By an expression that the compiler takes."""
    dialogue = talk(FIB)
    dialogue.until("fib.tasks.condition", fib__tasks="details")
    for answer, reason in (("n--", "changes nothing"), ("m > 3", "compiler refuses")):
        dialogue.refuse(answer, reason)
    dialogue.session.answer("n > 11")

    assert "if(n > 11)" in dialogue.finish()
    assert (
        "if("
        not in talk(FIB)
        .finish(fib__tasks="details", fib__tasks__condition="none")
        .split("#pragma omp task ")[1]
        .split("\n")[0]
    )


def test_no_tasks_after_all(talk: Callable[[str], Talk]) -> None:
    """The calls stay as they are."""
    dialogue = talk(FIB)
    text = dialogue.finish(fib__tasks="n", fib__make__2="nothing")

    assert "#pragma omp task" not in text


def test_what_was_declined_is_not_the_default_again(
    talk: Callable[[str], Talk],
) -> None:
    """Enter leads on from a no; it does not lead in a circle."""
    dialogue = talk(QUICKSORT)
    question = dialogue.until("sort.tasks")
    assert question.why.endswith("if what is asked next holds.")

    question = dialogue.until("sort.make.2")
    assert question.default == "nothing"
    assert "back leads there" in question.choices[3].unavailable
    assert dialogue.session.answers["sort.tasks.parts.sort"] == "no"
    dialogue.refuse("tasks", "asked about")


def test_what_was_declined_can_be_asked_for_again(
    talk: Callable[[str], Talk],
) -> None:
    """A second region has questions of its own."""
    dialogue = talk(STEPS)
    text = dialogue.finish(
        f__make="region",
        f__region1="none",
        f__make__2="region",
        f__region2="4-10",
        f__region2__use="y",
    )

    assert dialogue.session.answers["f.region1"] == "none"
    assert "#pragma omp parallel default(none)" in text


def test_loop_on_a_device(talk: Callable[[str], Talk]) -> None:
    """With what is copied, each array in its direction."""
    text = talk(SCALE).finish(
        function="fill",
        fill__make="target",
        fill__loop1__target="y",
        another="n",
    )

    assert "#pragma omp target teams distribute parallel for" in text
    assert "p[0:n]" in text


def test_less_copies_than_needed_are_refused(talk: Callable[[str], Talk]) -> None:
    """What the loop reads must come in, what it writes must come out."""
    dialogue = talk(SCALE)
    dialogue.until(
        "scale.loop1.target.map.p",
        function="scale",
        scale__make="target",
        scale__loop1__target="details",
    )
    assert dialogue.question.default == "inout"

    dialogue.refuse("out", "would not be there")
    dialogue.refuse("in", "would not come back")
    assert "map(tofrom: p[0:n])" in dialogue.finish(another="n")


def test_more_copies_than_needed_are_right(talk: Callable[[str], Talk]) -> None:
    """They only take time."""
    text = talk(SCALE).finish(
        function="fill",
        fill__make="target",
        fill__loop1__target="details",
        fill__loop1__target__map__p="inout",
        another="n",
    )

    assert "map(tofrom: p[0:n])" in text


def test_loop_may_stay_where_it_is(talk: Callable[[str], Talk]) -> None:
    """Then it is offered to threads again."""
    dialogue = talk(SCALE)
    text = dialogue.finish(
        function="scale",
        scale__make="target",
        scale__loop1__target="n",
        scale__make__2="loops",
        another="n",
    )

    assert "omp target" not in text
    assert "#pragma omp parallel for" in text


def test_length_that_nobody_knows_is_asked(talk: Callable[[str], Talk]) -> None:
    """Without it the loop stays where it is."""
    program = (
        "void f(int n, const int *k, double *p) {\n  for (int i = 0; i < n; i++)\n"
        "    p[i] = k[k[i]];\n}\n"
    )
    given = {
        "f__make": "target",
        "f__loop1__target": "y",
        "f__loop1__target__distinct__k": "y",
    }
    dialogue = talk(program)
    dialogue.until("f.loop1.target", **given)
    dialogue.session.answer("y")
    while "length" not in dialogue.question.id:
        dialogue.session.answer("y")
    dialogue.refuse("f(n)", "changes nothing")
    dialogue.session.answer("n")
    text = dialogue.finish()

    assert "map(to: k[0:n])" in text
    assert "taken as true, not proved: k has n elements" in text


def test_nothing_left_is_told_and_asked(talk: Callable[[str], Talk]) -> None:
    """When no loop can run in parallel, other things can be made, or nothing."""
    dialogue = talk(SERIAL)
    question = dialogue.until("f.make.2")

    assert not question.is_optional
    assert question.default == "nothing"
    assert "All its loops were asked about" in question.choices[0].unavailable
    assert question.notes[0].title == "Loop 1 of f, line 3 stays serial as it is"


def test_loop_with_a_directive_is_skipped(talk: Callable[[str], Talk]) -> None:
    """It has been made parallel before; the one after it is offered."""
    dialogue = talk(
        "int a[5000], b[5000];\nvoid f(void) {\n  #pragma omp parallel for\n"
        "  for (int i = 0; i < 5000; i++)\n    a[i] = i;\n"
        "  for (int i = 0; i < 5000; i++)\n    b[i] = i;\n}\n"
    )
    question = dialogue.until("f.loop2")

    assert question.notes[0].title == "Loop 1 of f, line 4 has a directive already"


def test_back_leads_through_everything_that_was_made(
    talk: Callable[[str], Talk],
) -> None:
    """From the end to the first question, one by one."""
    for program, given in (
        (STEPS, {"f__make": "region", "f__region1__use": "details"}),
        (CALLS, {"function": "main"}),
        (FIB, {"fib__tasks": "details"}),
        (
            SCALE,
            {
                "function": "scale",
                "scale__make": "target",
                "scale__loop1__target": "details",
            },
        ),
    ):
        dialogue = talk(program)
        dialogue.finish(**given)
        for name in reversed(dialogue.ids):
            assert dialogue.session.back()
            assert name == dialogue.question.id
            assert len(dialogue.question.help) > 60


def test_several_files_are_one_program() -> None:
    """Functions are listed with their files, and each file has its own result."""
    util = (
        "void fill(int n, double *p) {\n for (int i = 0; i < n; i++)\n  p[i] = 1;\n}\n"
    )
    main = (
        "void fill(int n, double *p);\nstatic double a[9000];\nint main(void) {\n"
        " fill(9000, a);\n for (int i = 0; i < 9000; i++)\n  a[i] += i;\n"
        " return 0;\n}\n"
    )
    step = parallelize(main, "main.c", {"model": "openmp"}, more_files={"util.c": util})
    assert isinstance(step, Asked)
    assert [each.label for each in step.question.choices] == [
        "main (main.c, line 3, 1 loop)",
        "fill (util.c, line 1, 1 loop)",
    ]

    done = parallelize(main, "main.c", {}, defaults=True, more_files={"util.c": util})
    result: Any = done.to_json()["result"]
    assert [each["name"] for each in result["files"]] == ["main_omp.c", "util_omp.c"]
    assert all("#pragma omp" in each["text"] for each in result["files"])
    assert {each["file"] for each in result["loops"]} == {"main.c", "util.c"}
