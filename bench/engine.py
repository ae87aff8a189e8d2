"""The parallelizer: what it makes, what it finds, and how long it takes.

`python -m bench.engine [--only speed,polly,nests,analysis] [--quick] [--json FILE]`.
Programs are our own (`tests/engine/programs/`); others make them parallel in the same
run: a person (`bench/engines/handwritten/`), gcc, and clang with Polly.
It fails only by wrong results: an output that differs, or a wrong verdict.
"""

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.engines.analysis import measure_analysis
from bench.engines.nests import measure_nests
from bench.engines.polly import compare_with_polly
from bench.engines.speed import measure_speed

if TYPE_CHECKING:
    from collections.abc import Callable

NESTS, FEW_NESTS = 2000, 300


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="speed,polly,nests,analysis", metavar="PARTS")
    parser.add_argument("--quick", action="store_true", help="small sizes, few turns")
    parser.add_argument("--repeats", type=int, default=0, help="the best of how many")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures there")
    given = parser.parse_args()
    repeats = given.repeats or (2 if given.quick else 5)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "speed": lambda: measure_speed(repeats, is_quick=given.quick),
        "polly": compare_with_polly,
        "nests": lambda: measure_nests(FEW_NESTS if given.quick else NESTS),
        "analysis": lambda: measure_analysis(repeats, is_quick=given.quick),
    }
    chosen = given.only.split(",")
    if set(chosen) - parts.keys():
        parser.error(f"--only knows {', '.join(parts)}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    figures = {each: parts[each]() for each in chosen}
    print(f"\nload {os.getloadavg()[0]:.1f} after")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 1 if figures.get("nests", {}).get("wrong") else 0


if __name__ == "__main__":
    raise SystemExit(main())
