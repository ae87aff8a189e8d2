"""Any text can be read, and in a time that grows as the text does."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.jobs.diagnostics import HomePlaces, read_diagnostics, to_report

PIECES = st.sampled_from(
    [
        *(
            "a.c",
            ":",
            "1",
            "(",
            ")",
            " ",
            "\n",
            "\r",
            "\x1b[",
            "\x1b]",
            "m",
            "[-W",
            "]",
        ),
        *("error: ", "note: ", "warning", "In function 'f':", "ld: ", ">>> ", "/", "."),
        *("In file included from ", "required from ", "undefined reference to `x'"),
        *("ptxas ", "tmpxft_0-0_", "collect2: error: ld returned 1", "\ud800", "\x00"),
    ]
)
PLACES = HomePlaces({"driver": "agave://ipt.storage/ada/a.c"}, "ada", "ipt.storage")


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_any_text_is_read(text: str) -> None:
    """No text fails to be read, and what is found in it can be told."""
    report = to_report(read_diagnostics(text), PLACES)

    for entry in report["diagnostics"]:
        assert entry["severity"] in {"error", "warning", "note"}
        assert entry["line"] is None or entry["line"] > 0


@pytest.mark.parametrize(
    "piece",
    [
        "a:1:",
        ":1",
        ": in function ",
        "a.c: In x ",
        ".o(",
        ".o:",
        ":(",
        " (",
        ">>> referenced by ( ",
        "(1): ",
        " [-W",
        "\x1b]",
        "\x1b[0",
        "\r",
        "/job-",
        "/work",
        "ptxas , line 1; ",
        "a-",
        " ",
        "tmpxft_0-0_",
        "In file included from a:1",
    ],
)
@pytest.mark.parametrize("end", ["", ":", ")", "\n"])
def test_time_is_that_of_the_text(piece: str, end: str) -> None:
    """A text that is made to be hard takes no longer than it may."""
    line = piece * (8000 // len(piece)) + end + "\n"
    for text in (line * (100_000 // len(line)), piece * (100_000 // len(piece))):
        begun = time.process_time()

        to_report(read_diagnostics(text), PLACES)

        # Generous: it takes some 10 ms, and would be minutes if it were quadratic.
        assert time.process_time() - begun < 2
