"""From a snippet to the rewrites of its first loop."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import VarRef, walk
from ipt.restructure import Restructuring, find_restructurings
from ipt.restructure.ordering import Ordering
from ipt.restructure.study import Study, study_loop
from ipt.testing import NO_HEADERS, program_of

if TYPE_CHECKING:
    from ipt.restructure.restructuring import Rewrite

__all__ = ["new_text", "offers", "refusal", "study_of"]


def offers(text: str, name: str = "test.c") -> list[Restructuring]:
    """Return the rewrites of the first loop of the last function."""
    program = program_of(dedent(text), name)
    analyzer = Analyzer(program)
    function = program.functions[-1]
    loop = analyzer.loops(function)[0]
    return find_restructurings(analyzer, function, loop, (), NO_HEADERS)


def new_text(text: str, kind: str, name: str = "test.c") -> str:
    """Return what takes the place of the first loop, empty if it is not offered."""
    for each in offers(text, name):
        if each.kind.value == kind:
            return dedent("\n".join(line for _, line in each.after))
    return ""


def study_of(text: str, number: int = 0) -> tuple[Study, Ordering, Analyzer]:
    """Return what is known of one loop, with fault found in every variable."""
    program = program_of(dedent(text))
    analyzer = Analyzer(program)
    function = program.functions[-1]
    study = study_loop(analyzer, function, analyzer.loops(function)[number])
    assert study is not None
    names = tuple(
        each.variable.name for each in walk(study.loop) if isinstance(each, VarRef)
    )
    findings = tuple(
        Finding(code, "", study.loop.span.place, names) for code in ("IPT303", "IPT322")
    )
    verdict = replace(study.verdict, findings=findings)
    study = replace(study, verdict=verdict)
    return study, Ordering(analyzer, study), analyzer


def refusal(rewrite: Rewrite | None) -> tuple[str, str]:
    """Return code and message of the refusal of a rewrite."""
    assert rewrite is not None
    try:
        rewrite.edits()
    except TransformRefused as error:
        return error.findings[0].code, error.findings[0].message
    return "", ""
