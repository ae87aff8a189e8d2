"""What `--auto` makes, beside the same program made parallel by others."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.engines.programs import SIZES, WAYS, build_all, timed
from ipt.testing import same_output

if TYPE_CHECKING:
    from bench.engines.programs import Built

__all__ = ["measure_speed"]

_THREADS = 2
_AIM = 0.95


def measure_speed(repeats: int, *, is_quick: bool) -> dict[str, Any]:
    """Build, run in turns, print, and return the figures.

    Args:
        repeats: How often each program runs; the best counts.
        is_quick: Whether to take small sizes.

    Returns:
        Seconds by program and way, and the means.
    """
    seconds = {}
    print(f"\nSpeed-up over gcc -O3 with {_THREADS} threads, best of {repeats}")
    ways = [each for each in WAYS if each != "serial"]
    print(f"{'':<16}{'serial s':>9}" + "".join(f"{each:>9}" for each in ways), end="")
    print(f"{'ours / by hand':>16}")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name in SIZES:
            built = build_all(name, Path(folder), is_quick=is_quick)
            found = seconds[name] = _in_turns(built, repeats)
            ups = "".join(f"{found['serial'] / found[each]:>9.2f}" for each in ways)
            ratio = found["by hand"] / found["ours"]
            print(f"{name:<16}{found['serial']:>9.3f}{ups}{ratio:>16.2f}", flush=True)
    means = {
        way: statistics.geometric_mean(
            each["serial"] / each[way] for each in seconds.values()
        )
        for way in ways
    }
    ratio = means["ours"] / means["by hand"]
    ups = "".join(f"{means[each]:>9.2f}" for each in ways)
    print(f"{'geometric mean':<16}{'':>9}{ups}{ratio:>16.2f}")
    print(f"ours is {ratio:.2f} of hand-written: {_verdict(is_met=ratio >= _AIM)}")
    is_ahead = means["ours"] > means["gcc's"]
    print(f"ours is ahead of gcc's: {_verdict(is_met=is_ahead)}")
    return {"seconds": seconds, "speed-up": means, "of hand-written": ratio}


def _verdict(*, is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _in_turns(built: Built, repeats: int) -> dict[str, float]:
    best: dict[str, float] = {}
    expected = ""
    for _ in range(repeats):
        for way, program in built.programs.items():
            taken, output = timed(program, built.arguments, _THREADS)
            best[way] = min(taken, best.get(way, taken))
            expected = expected or output
            if not same_output(expected, output, rounded=True):
                raise SystemExit(f"{built.name}, {way}: another output\n{output}")
    return best
