"""The programs that are measured, and the ways to build them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FOLDER", "SIZES", "WAYS", "Built", "build_all", "parallelize", "timed"]

FOLDER = Path(__file__).parents[2] / "tests" / "engine" / "programs"
HAND = Path(__file__).with_name("handwritten")
SECONDS = 300

# What takes about half a second in one thread; the second size is for `--quick`.
SIZES = {
    "cholesky": (("1500",), ("900",)),
    "histogram": (("9000",), ("4500",)),
    "jacobi": (("6000",), ("4000",)),
    "kmeans": (("800000", "80"), ("500000", "40")),
    "life": (("1500", "40"), ("1000", "30")),
    "lu": (("1600",), ("1000",)),
    "mandelbrot": (("1000", "1000"), ("500", "1000")),
    "matmul_flat": (("1200",), ("800",)),
    "moldyn": (("2500", "8"), ("1500", "8")),
    "redblack": (("1500", "300"), ("1200", "150")),
    "satisfiability": (("24",), ("23",)),
    "spmv": (("1000000", "50"), ("600000", "25")),
    "stencil2d": (("1500", "60"), ("1000", "50")),
    "stencil3d": (("180", "30"), ("120", "30")),
}

_GCC, _CLANG = ("gcc", "-O3"), ("clang-19", "-O3")
_POLLY = ("-mllvm", "-polly", "-mllvm", "-polly-parallel", "-lgomp")
# By name: the compiler with its options, and which text it gets.
WAYS = {
    "serial": (_GCC, "serial"),
    "ours": ((*_GCC, "-fopenmp"), "ours"),
    "by hand": ((*_GCC, "-fopenmp"), "hand"),
    "gcc's": ((*_GCC, "-ftree-parallelize-loops=2"), "serial"),
    "clang": (_CLANG, "serial"),
    "Polly's": ((*_CLANG, *_POLLY), "serial"),
}


@dataclass(frozen=True)
class Built:
    """One program, built in all ways."""

    name: str
    arguments: tuple[str, ...]
    programs: dict[str, Path]


def parallelize(source: Path, target: Path) -> Path:
    """Write what `--auto` makes of a program; return it, or the program itself."""
    command = (sys.executable, "-m", "ipt", "parallelize", str(source))
    options = ("--model", "openmp", "--auto", "-o", str(target))
    subprocess.run(
        [*command, *options], check=True, stdout=subprocess.DEVNULL, timeout=SECONDS
    )
    return target if target.exists() else source


def build_all(name: str, folder: Path, *, is_quick: bool) -> Built:
    """Build a program in all ways.

    Args:
        name: The program.
        folder: Where to put what is built.
        is_quick: Whether to take the small size.

    Returns:
        What was built.
    """
    serial = FOLDER / name / "program.c"
    texts = {
        "serial": serial,
        "ours": parallelize(serial, folder / f"{name}_omp.c"),
        "hand": HAND / f"{name}.c",
    }
    programs = {}
    for way, (command, text) in WAYS.items():
        programs[way] = folder / f"{name}-{way.replace(' ', '-')}"
        compiler, *options = command
        subprocess.run(
            [compiler, str(texts[text]), *options, "-o", str(programs[way]), "-lm"],
            check=True,
            timeout=SECONDS,
        )
    return Built(name, SIZES[name][is_quick], programs)


def timed(program: Path, arguments: Sequence[str], threads: int) -> tuple[float, str]:
    """Run a program; return how long it took, and what it printed."""
    began = time.perf_counter()
    done = subprocess.run(
        [str(program), *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
    )
    return time.perf_counter() - began, done.stdout
