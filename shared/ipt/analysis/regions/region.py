"""Whether statements can be one parallel region, and how each of them is done.

draft     which loops are shared out, what is around them
sharing   who does the rest: one thread, or every thread for itself
roles     a role for every variable
steps     the order in which threads go through all that
waiting   the barriers that are needed, and those that are not
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ipt.analysis.assumptions import AssumptionKind
from ipt.analysis.concurrency import Concurrency
from ipt.analysis.protection import ProtectionKind
from ipt.analysis.regions.draft import Drafter, drafts_in
from ipt.analysis.regions.escapes import escape_finding
from ipt.analysis.regions.layout import end_of, layout_finding
from ipt.analysis.regions.lost import lost_work
from ipt.analysis.regions.roles import RegionRoles, find_region_roles
from ipt.analysis.regions.sharing import share_out
from ipt.analysis.regions.steps import steps_of
from ipt.analysis.regions.verdict import RegionPart, RegionVerdict
from ipt.analysis.regions.waiting import Waiting
from ipt.analysis.regions.worth import worth_of
from ipt.analysis.shape import has_directive
from ipt.analysis.sync import protect_loop
from ipt.analysis.verdict import Status
from ipt.findings import Finding, Severity
from ipt.model import For, parents_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.assumptions import Assumption
    from ipt.analysis.protection import Protection
    from ipt.analysis.regions.draft import Draft, DraftKind
    from ipt.analysis.verdict import LoopVerdict
    from ipt.model import Function, Statement

__all__ = ["analyze_region"]

_TOLD = ("IPT102", "IPT109", "IPT119", "IPT120")


def analyze_region(
    analyzer: Analyzer,
    function: Function,
    statements: Sequence[Statement],
    accepted: Sequence[Assumption] = (),
    protections: Sequence[Protection] = (),
) -> RegionVerdict:
    """Return the verdict on one parallel region.

    Args:
        analyzer: Of the program.
        function: The function that the statements are in.
        statements: Consecutive statements of one block.
        accepted: What a person vouches for.
        protections: What a person wants to be done by one thread, or, within a
            loop, by one thread at a time.

    Returns:
        The verdict; where it is refused, the findings say why.
    """
    return _Analysis(analyzer, function, statements, accepted, protections).verdict()


class _Analysis:
    def __init__(
        self,
        analyzer: Analyzer,
        function: Function,
        statements: Sequence[Statement],
        accepted: Sequence[Assumption],
        protections: Sequence[Protection],
    ) -> None:
        self._analyzer = analyzer
        self._function = function
        self._statements = tuple(statements)
        self._accepted = tuple(accepted)
        self._protections = tuple(protections)
        self._findings: list[Finding] = []

    def verdict(self) -> RegionVerdict:
        """Run all passes."""
        forced = self._forced()
        drafts = self._drafts(forced)
        self._check_place()
        self._check_protections(drafts, forced)
        if not any(each.kind == "for" for each in drafts_in(drafts)):
            self._add("IPT330", self._statements[0], *_NOTHING)
        program, function = self._analyzer.program, self._function
        even = share_out(program, function, self._statements, drafts, forced)
        roles = find_region_roles(program, function, self._statements, drafts, even)
        self._findings += [*roles.findings, *_layout_findings(drafts)]
        if not self._findings:
            steps = steps_of(drafts, frozenset(roles.own))
            context = Concurrency(self._analyzer, function, self._accepted)
            waiting = Waiting(context, steps)
            self._findings += waiting.add_barriers()
            if not self._findings:
                waiting.drop_barriers()
        return self._conclude(drafts, roles)

    def _drafts(self, forced: dict[Statement, DraftKind]) -> list[Draft]:
        drafter = Drafter(self._judge, forced)
        drafts = drafter.drafts(self._statements)
        if not any(each.kind == "for" for each in drafts_in(drafts)):
            drafter = Drafter(self._judge, forced, takes_small=True)
            drafts = drafter.drafts(self._statements)
        self._findings += drafter.findings
        return drafts

    def _judge(self, loop: For) -> LoopVerdict:
        inside = [
            each for each in self._protections if _holds(loop, each.statements[0])
        ]
        if not inside:
            return self._analyzer.analyze(self._function, loop, self._accepted)
        return protect_loop(
            self._analyzer, self._function, loop, inside, self._accepted
        )

    def _forced(self) -> dict[Statement, DraftKind]:
        """Return the statements that one thread shall do, with the directive."""
        kinds: dict[ProtectionKind, DraftKind] = {
            ProtectionKind.SINGLE: "single",
            ProtectionKind.MASTER: "master",
        }
        return {
            each: kinds[protection.kind]
            for protection in self._protections
            if protection.kind in kinds
            for each in protection.statements
        }

    def _check_place(self) -> None:
        for finding in (
            layout_finding(self._statements),
            escape_finding(self._statements, self._analyzer.program),
        ):
            if finding is not None:
                self._findings.append(finding)
        around = parents_of(self._function.body, self._statements[0])
        if any(has_directive(each) for each in around):
            self._add(
                "IPT330",
                self._statements[0],
                "the lines are inside an OpenMP directive",
                "Remove the directive to let ipt decide.",
            )

    def _check_protections(
        self, drafts: Sequence[Draft], forced: dict[Statement, DraftKind]
    ) -> None:
        loops = [each.statement for each in drafts_in(drafts) if each.kind == "for"]
        for protection in self._protections:
            first = protection.statements[0]
            if first in forced or any(_holds(loop, first) for loop in loops):
                continue
            self._add(
                "IPT330",
                first,
                f"{protection.kind.value} outside of a shared loop: every thread would "
                "do these statements",
                "Let one thread do them, with single.",
            )

    def _add(self, code: str, node: Statement, why: str, way_out: str) -> None:
        place = node.span.place
        self._findings.append(Finding(code, why + ".", place, way_out=way_out))

    def _conclude(self, drafts: Sequence[Draft], roles: RegionRoles) -> RegionVerdict:
        is_refused = any(e.severity is Severity.REFUSAL for e in self._findings)
        parts = tuple(each.part() for each in drafts)
        verdicts = [v for each in drafts_in(drafts) if (v := each.verdict) is not None]
        decisions = tuple(dict.fromkeys(d for v in verdicts for d in v.decisions))
        lost = lost_work(self._analyzer, self._function, parts)
        worth = replace(worth_of(parts), lost=lost)
        if not is_refused:
            self._findings += _told(parts, verdicts, self._statements[0])
        return RegionVerdict(
            self._function,
            self._statements,
            _status(verdicts, decisions, is_refused=is_refused),
            tuple(self._findings),
            decisions,
            tuple(dict.fromkeys(a for v in verdicts for a in v.accepted)),
            parts,
            tuple(roles.shared),
            tuple(roles.private),
            tuple(roles.firstprivate),
            is_recommended=worth.is_gain and not is_refused,
            advice=worth.advice,
        )


_NOTHING = (
    "there is no loop in these lines whose iterations could be shared out",
    "Choose lines that hold a loop which can run in parallel.",
)


def _holds(loop: Statement, inner: Statement) -> bool:
    return any(each is inner for each in walk(loop))


def _layout_findings(drafts: Sequence[Draft]) -> Iterator[Finding]:
    for draft in drafts_in(drafts):
        if draft.kind in ("single", "master"):
            finding = layout_finding(draft.statements)
            if finding is not None:
                yield finding
            elif draft.kind == "master" and not draft.in_block:
                yield Finding(
                    "IPT330",
                    "threads would have to wait behind this statement, where no "
                    "directive can go.",
                    draft.statement.span.place,
                    way_out="Put braces around it.",
                )


def _status(
    verdicts: Sequence[LoopVerdict],
    decisions: Iterable[Assumption],
    *,
    is_refused: bool,
) -> Status:
    if is_refused:
        return Status.REFUSED
    if any(each.kind is not AssumptionKind.ROUNDING for each in decisions):
        return Status.NEEDS_DECISION
    if any(each.reductions for each in verdicts):
        return Status.REDUCTION
    return Status.PARALLEL


def _told(
    parts: Sequence[RegionPart], verdicts: Sequence[LoopVerdict], first: Statement
) -> list[Finding]:
    """Return what is worth telling about a region that is possible."""
    every = [each for part in parts for each in part.walk()]
    loops = [each for each in every if each.kind == "for"]
    lines = ", ".join(str(each.statement.span.line) for each in loops)
    found = [
        Finding(
            "IPT115",
            f"one team of threads does the loop{'s' * (len(loops) > 1)} in "
            f"line{'s' * (len(loops) > 1)} {lines}.",
            first.span.place,
        )
    ]
    for each in every:
        place = each.statement.span.place
        if each.barrier:
            message = "threads wait for each other before these lines."
            found.append(Finding("IPT118", message, place))
        if each.nowait:
            message = (
                "threads need not wait behind these lines: what follows does not "
                "depend on them."
            )
            found.append(Finding("IPT116", message, place))
        if each.kind in ("single", "master"):
            source = each.statement.span.source
            last = source.line_number(end_of(each.statements[-1]) - 1)
            message = f"lines {place.line} to {last} are done by one thread."
            if last == place.line:
                message = f"line {last} is done by one thread."
            found.append(Finding("IPT117", message, place))
    told = [
        finding
        for verdict in verdicts
        for finding in verdict.findings
        if finding.code in _TOLD or finding.severity is Severity.DECISION
    ]
    return list(dict.fromkeys([*found, *told]))
