"""Where no compiler is installed: ipt's own declarations of the C library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipt.errors import SourceError
from ipt.reading import find_toolchain, read_program
from ipt.reading.toolchain import STAND_IN, stand_in, using
from ipt.source import SourceText

if TYPE_CHECKING:
    from tests.unit.ipt.service.conftest import Serve

HEADERS = sorted(
    str(path.relative_to(STAND_IN)) for path in Path(STAND_IN).rglob("*.h")
)
SAMPLES = Path(__file__).parents[4] / "shared" / "ipt" / "samples"
CASES = Path(__file__).parents[3] / "engine" / "cases"


def warnings_of(text: str, name: str = "a.c", standard: str = "") -> tuple[str, ...]:
    """Read a program with the declarations alone."""
    options = [f"-std={standard}"] if standard else []
    return read_program(SourceText(name, text.encode()), options, stand_in()).warnings


def test_without_a_compiler_they_stand_in() -> None:
    """Nobody answers, so ipt's own folder is what there is, for both languages."""
    for language in ("c", "c++"):
        found = find_toolchain(language, lambda _command: "")

        assert found.includes(language) == (STAND_IN,)
        assert found.is_stand_in(language)


def test_what_is_used_is_not_asked_for() -> None:
    """Inside `using` no compiler is called."""
    with using({"c": stand_in()}):
        assert find_toolchain("c", lambda _command: pytest.fail("asked")) == stand_in()


def test_place_of_the_installation_is_not_told() -> None:
    """A mistake that shows in a header names the header as a part of ipt."""
    with pytest.raises(SourceError) as caught:
        warnings_of("#define size_t ][\n#include <stdio.h>\n")

    assert caught.value.message.startswith("ipt/headers/stddef.h:")
    assert STAND_IN not in caught.value.message


@pytest.mark.parametrize("header", HEADERS)
def test_headers_stand_alone(header: str) -> None:
    """Each can be included twice, by itself, in both languages."""
    text = f"#include <{header}>\n#include <{header}>\nint main(void) {{ return 0; }}\n"

    assert warnings_of(text) == ()
    assert warnings_of(text, "a.cpp") == ()


@pytest.mark.parametrize(
    ("name", "standard"),
    [
        *(("a.c", each) for each in ("c89", "c99", "c11", "gnu17")),
        *(("a.cpp", each) for each in ("c++98", "c++20")),
    ],
)
def test_headers_go_together(name: str, standard: str) -> None:
    """All of them in one program, whatever the standard."""
    text = "".join(f"#include <{header}>\n" for header in HEADERS)

    assert warnings_of(f"{text}int main(void) {{ return 0; }}\n", name, standard) == ()


def test_constants_are_those_of_the_machine() -> None:
    """Limits and formats fit the types of the compiler that reads them."""
    text = (
        "#include <float.h>\n#include <inttypes.h>\n#include <limits.h>\n"
        "#include <math.h>\n#include <stdio.h>\n#include <assert.h>\n"
        'static_assert(INT_MAX == 2147483647, "int");\n'
        'static_assert(sizeof(size_t) == sizeof(void *), "size");\n'
        'static_assert(UINT64_C(1) << 63 == UINT64_MAX / 2 + 1, "64");\n'
        'static_assert(DBL_DIG == 15 && CHAR_BIT == 8, "float");\n'
        "int main(void) {\n"
        '  printf("%" PRId64 " %zu %f\\n", INT64_MIN, sizeof(int), M_PI);\n'
        "  assert(isnan(NAN) && !isinf(1.0) && fabs(-1.0) > 0);\n  return 0;\n}\n"
    )

    assert warnings_of(text) == ()


def test_cpp_headers_are_refused_clearly() -> None:
    """The sentence says what is missing, and where ipt does read such programs."""
    with pytest.raises(SourceError, match=r"No C\+\+ compiler is installed"):
        warnings_of("#include <vector>\nint main() {}\n", "a.cpp")


def test_other_headers_are_refused_clearly() -> None:
    """Only the C library is there."""
    with pytest.raises(SourceError, match="only the headers of the C library"):
        warnings_of("#include <mpi.h>\n")


@pytest.mark.parametrize(
    "name",
    ["heat.c", "histogram.c", "mandelbrot.c", "nbody.c", "quicksort.c", "rain.c"],
)
def test_samples_come_out_the_same(name: str, engine: Serve) -> None:
    """With these declarations as with the system's, to the last byte and finding."""
    files = {name: (SAMPLES / name).read_bytes()}

    here = engine(files)
    without = engine(files, stand_in=True)

    assert here.pop("remarks") == []
    assert "No compiler is installed here" in without.pop("remarks")[0]
    assert here == without


@pytest.mark.parametrize("name", ["heat", "timing", "region_jacobi"])
def test_dialogues_come_out_the_same(name: str, engine: Serve) -> None:
    """What is asked and answered does not depend on the system's headers."""
    files = {"before.c": (CASES / name / "before.c").read_bytes()}

    here = engine(files, "ask", defaults=True)
    without = engine(files, "ask", defaults=True, stand_in=True)

    assert {**here, "remarks": []} == {**without, "remarks": []}
