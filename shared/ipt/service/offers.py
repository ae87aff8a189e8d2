"""What can be asked for here."""

from __future__ import annotations

from typing import Any

from ipt.reading.toolchain import find_toolchain

__all__ = ["STANDARDS", "offers"]

_YEARS = {
    "c": ("c89", "c99", "c11", "c17"),
    "c++": ("c++98", "c++11", "c++14", "c++17", "c++20"),
}
STANDARDS = {
    language: (*years, *(f"gnu{year.removeprefix('c')}" for year in years))
    for language, years in _YEARS.items()
}
_LATER = "It comes with a later release."


def offers() -> dict[str, Any]:
    """Return the kinds of parallel programs, and the languages, as JSON values."""
    return {
        "models": [
            {
                "name": "openmp",
                "label": "OpenMP: threads on one machine",
                "is_available": True,
                "reason": "",
            },
            {
                "name": "mpi",
                "label": "MPI: several processes",
                "is_available": False,
                "reason": _LATER,
            },
            {
                "name": "cuda",
                "label": "CUDA: an NVIDIA GPU",
                "is_available": False,
                "reason": _LATER,
            },
        ],
        "languages": [
            {
                "name": language,
                "standards": list(standards),
                "headers": _headers(language),
            }
            for language, standards in STANDARDS.items()
        ],
    }


def _headers(language: str) -> str:
    """Say whose headers a program can include besides its own."""
    is_stand_in = find_toolchain(language).is_stand_in(language)
    return "c-library" if is_stand_in else "system"
