"""Random nests: wrong verdicts, and the share of parallel loops that is found."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from ipt.analysis import Analyzer, AssumptionKind, LoopVerdict, Status
from ipt.testing import program_of
from ipt.testing.nests import Nest, make_nest, observe, roles_of

__all__ = ["measure_nests"]

_SIZES = {1: (0, 1, 2, 3, 4, 5, 7, 9, 12), 2: (0, 1, 2, 3, 4, 5, 7, 9), 3: range(8)}
# Some loops meet only for larger sizes than are tried at first.
_LARGER = (11, 13, 16)
_AIM = 0.95


def measure_nests(number: int) -> dict[str, Any]:
    """Compare verdicts with runs of random nests, print, and return the figures."""
    counts: Counter[str] = Counter()
    wrong = []
    for seed in range(number):
        nest = make_nest(Random(seed))  # noqa: S311 - examples, not secrets
        wrong += [f"seed {seed}: {each}" for each in _compare(nest, counts)]
    print(f"\n{number} random nests with {counts['loops']} loops")
    print(f"{'':<28}{'parallel':>9}{'found':>8}{'share':>8}")
    shares = {}
    for kind in ("affine", "flat", "with arrays of their own"):
        there, found = counts[kind], counts[f"{kind} found"]
        shares[kind] = found / max(there, 1)
        print(f"{kind:<28}{there:>9}{found:>8}{shares[kind]:>8.3f}")
    verdict = "met" if shares["affine"] >= _AIM else "MISSED"
    print(f"wrongly called parallel: {len(wrong)}; affine found ≥ {_AIM}: {verdict}")
    for each in wrong:
        print(f"  {each}")
    return {"counts": dict(counts), "wrong": wrong, "shares": shares}


def _compare(nest: Nest, counts: Counter[str]) -> list[str]:
    program = program_of(nest.text)
    analyzer = Analyzer(program)
    function = program.functions[-1]
    seen = observe(nest, _SIZES[nest.depth])
    wrong = []
    for number, loop in enumerate(analyzer.loops(function)):
        if number not in seen:
            continue
        verdict, here = analyzer.analyze(function, loop), seen[number]
        is_accepted = _is_accepted(verdict)
        counts["loops"] += 1
        if is_accepted and here.wrong(roles_of(verdict)):
            wrong.append(f"loop {number}, {here.wrong(roles_of(verdict))}\n{nest.text}")
        if not is_accepted and (here.is_parallel or here.needs_array_roles):
            here = observe(nest, _LARGER)[number]
        if here.is_parallel:
            kind = "affine" if nest.is_affine else "flat"
        elif here.needs_array_roles:
            kind = "with arrays of their own"
        else:
            continue
        counts[kind] += 1
        counts[f"{kind} found"] += is_accepted
    return wrong


def _is_accepted(verdict: LoopVerdict) -> bool:
    return verdict.status in (Status.PARALLEL, Status.REDUCTION) and all(
        each.kind is AssumptionKind.ROUNDING for each in verdict.decisions
    )
