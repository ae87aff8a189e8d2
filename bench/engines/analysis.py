"""How long the analysis of a file takes, beside the compiler's own reading of it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.engines.generated import program_of_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["measure_analysis"]

_LENGTHS, _QUICK = (1000, 2000, 5000, 10000, 20000), (1000, 5000)
_SECONDS = 600
_AIM_S, _AIM_GROWTH = 1.0, 1.5
_IPT = (sys.executable, "-m", "ipt", "analyze")
_CLANG = ("clang-19", "-fsyntax-only")


def measure_analysis(repeats: int, *, is_quick: bool) -> dict[str, Any]:
    """Time the command on programs of several lengths, print, return the figures.

    Args:
        repeats: How often each; the best counts.
        is_quick: Whether to leave out the long ones.

    Returns:
        Seconds by length.
    """
    print(f"\nAnalysis of a file, best of {repeats}, the start of the process included")
    print(f"{'lines':>8}{'ours s':>9}{'floor s':>9}{'ratio':>8}{'ms / line':>11}")
    found: dict[int, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "program.c"
        for length in _QUICK if is_quick else _LENGTHS:
            text = program_of_lines(length)
            file.write_text(text)
            ours, floor = _best(
                (*_IPT, str(file), "--brief"), (*_CLANG, str(file)), repeats
            )
            lines = text.count("\n")
            found[lines] = ours, floor
            each = 1000 * ours / lines
            print(
                f"{lines:>8}{ours:>9.2f}{floor:>9.3f}{ours / floor:>8.1f}{each:>11.2f}",
                flush=True,
            )
    (short, (least, _)), (long, (most, _)) = min(found.items()), max(found.items())
    growth = (most / least) / (long / short)
    aim = _AIM_S * short / 1000
    verdict = _verdict(is_met=least <= aim)
    print(f"{short} lines in {least:.2f} s, aim {aim:.2f} s: {verdict}")
    verdict = _verdict(is_met=growth <= _AIM_GROWTH)
    print(f"growth {growth:.2f} of linear, aim {_AIM_GROWTH:g}: {verdict}")
    return {
        "seconds": {str(lines): both for lines, both in found.items()},
        "growth": growth,
    }


def _verdict(*, is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _best(
    ours: Sequence[str], floor: Sequence[str], repeats: int
) -> tuple[float, float]:
    best = [float("inf"), float("inf")]
    for _ in range(repeats):
        for place, command in enumerate((ours, floor)):
            began = time.perf_counter()
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, timeout=_SECONDS
            )
            best[place] = min(best[place], time.perf_counter() - began)
    return best[0], best[1]
