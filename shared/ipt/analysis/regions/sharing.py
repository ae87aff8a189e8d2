"""Who does each plain statement of a region.

A variable that only loop headers and plain assignments set, and that nobody
reads behind the region, is *even*: every thread has its own, and computes the
same value.  What sets other variables, or does more, is done by one thread.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ipt.analysis.effects import EffectKind, effects_of
from ipt.analysis.exposure import first_use_after
from ipt.analysis.naming import is_each_threads_own
from ipt.analysis.regions.calm import reads_memory, settings_of
from ipt.analysis.regions.draft import drafts_in
from ipt.analysis.regions.layout import share_line
from ipt.analysis.regions.usage import (
    copied_names,
    counter_of,
    declared_by_threads,
    header_of,
    variables_of,
)
from ipt.analysis.writes import called_functions, find_writes
from ipt.model import Block, Declaration, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ipt.analysis.frames import Key
    from ipt.analysis.regions.calm import Setting
    from ipt.analysis.regions.draft import Draft, DraftKind
    from ipt.model import Function, Node, Program, Statement, Variable

__all__ = ["share_out"]


def share_out(
    program: Program,
    function: Function,
    statements: Sequence[Statement],
    drafts: list[Draft],
    forced: Mapping[Statement, DraftKind],
) -> frozenset[Key]:
    """Give every plain draft its kind, and merge neighbours of one kind.

    Args:
        program: The program.
        function: The function around the region.
        statements: What the region is around.
        drafts: Its drafts.
        forced: The statements that one thread shall do, with how.

    Returns:
        The variables that all threads set evenly.
    """
    sharing = _Sharing(program, function, statements, drafts, forced)
    even = sharing.even_variables()
    for each in sharing.plain:
        if each.kind == "plain":
            each.kind = sharing.kind_of(each)
    _merge(drafts)
    return even


class _Sharing:
    def __init__(
        self,
        program: Program,
        function: Function,
        statements: Sequence[Statement],
        drafts: list[Draft],
        forced: Mapping[Statement, DraftKind],
    ) -> None:
        self._program = program
        self._function = function
        self._statements = tuple(statements)
        self._top = drafts
        self._forced = forced
        self._drafts = list(drafts_in(drafts))
        self.plain = [
            each
            for each in self._drafts
            if not each.is_followed and each.kind != "for" and not _is_jump(each)
        ]
        self._inside = declared_by_threads(self._drafts)
        self._header = self._set_by_headers()
        self._even: set[Key] = set()

    def even_variables(self) -> frozenset[Key]:
        """Return the variables that all threads set evenly."""
        named = variables_of(self._statements)
        self._even = {each.key for each in named if self._can_be_even(each)}
        while True:
            dropped = self._better_set_by_one() & self._even
            if not dropped:
                return frozenset(self._even)
            self._even -= dropped

    def kind_of(self, draft: Draft) -> DraftKind:
        """Return who does a plain statement."""
        if self._is_even(draft):
            return "every"
        if self._needs_first_thread(draft):
            return "master"
        return self._forced.get(draft.statement, "single")

    def _set_by_headers(self) -> set[Key]:
        found: set[Key] = set()
        for draft in self._drafts:
            if draft.is_followed:
                init, _, step = header_of(draft.statement)
                for part in (init, step):
                    if part is not None:
                        found |= _keys(settings_of(part, self._program) or [])
        return found

    def _can_be_even(self, variable: Variable) -> bool:
        key = variable.key
        kinds = [Kind.INTEGER, Kind.FLOATING]
        if key in self._inside:
            kinds.append(Kind.POINTER)
        if variable.is_shared_storage or variable.ctype.kind not in kinds:
            return False
        if variable.ctype.is_volatile or key in self._program.address_taken:
            return False
        if key not in self._inside:
            is_set = key in self._header or any(
                key in _keys(self._settings(each)) for each in self.plain
            )
            last = self._statements[-1]
            if not is_set or first_use_after(self._function, last, variable):
                return False
        return not any(self._spoils(each, variable) for each in self._drafts)

    def _spoils(self, draft: Draft, variable: Variable) -> bool:
        """Tell whether a draft itself sets a variable other than evenly."""
        if draft.is_followed:
            return False
        if variable.name in copied_names(draft):
            return True
        if draft.kind == "for":
            verdict = draft.verdict
            is_own = verdict is not None and variable.name in verdict.private
            if is_own or counter_of(draft) == variable.key:
                return False
        elif variable.key in _keys(self._settings(draft)):
            return False
        return any(
            variable.key in find_writes(each, self._program).counts
            for each in draft.statements
        )

    def _settings(self, draft: Draft) -> list[Setting]:
        if draft.statement in self._forced:
            return []
        return settings_of(draft.statement, self._program) or []

    def _is_even(self, draft: Draft) -> bool:
        if isinstance(draft.statement, Declaration):
            return True
        if isinstance(draft.statement, Block) and not draft.statement.body:
            return True
        found = self._settings(draft)
        return bool(found) and _keys(found) <= self._even

    def _better_set_by_one(self) -> set[Key]:
        """Return variables that one thread had better set, or has to."""
        shared = self._set_by_one()
        found: set[Key] = set()
        for draft in self.plain:
            settings = self._settings(draft)
            is_late = any(
                reads_memory(value)
                or shared & {each.key for each in variables_of([value])}
                for _, values in settings
                for value in values
            )
            if is_late or not self._is_even(draft):
                # Each thread would have to wait for the value.
                found |= _keys(settings)
        for first, second in self._on_one_line():
            if self._is_even(first) != self._is_even(second):
                found |= _keys(self._settings(first)) | _keys(self._settings(second))
        return found - self._header - self._inside

    def _set_by_one(self) -> set[Key]:
        found: set[Key] = set()
        for draft in self._drafts:
            if draft.kind == "for" or (
                draft in self.plain and not self._is_even(draft)
            ):
                for each in draft.statements:
                    found |= set(find_writes(each, self._program).counts)
        return found - self._even

    def _on_one_line(self) -> Iterator[tuple[Draft, Draft]]:
        for block in _blocks(self._top):
            for first, second in pairwise(block):
                is_plain = first in self.plain and second in self.plain
                if is_plain and share_line(first.statement, second.statement):
                    yield first, second

    def _needs_first_thread(self, draft: Draft) -> bool:
        """Tell whether a statement may depend on which thread runs it.

        The first thread is the one that the serial program is: it keeps the
        values of thread-local variables and of errno.
        """
        program = self._program
        effects = effects_of(draft.statements, program)
        if any(each.kind is EffectKind.ANYTHING for each in effects):
            return True
        bodies: list[Node] = list(draft.statements)
        bodies += [
            program.by_key[key].body
            for each in draft.statements
            for key in called_functions(each, program)
        ]
        return any(is_each_threads_own(program, each) for each in variables_of(bodies))


def _keys(settings: Sequence[Setting]) -> set[Key]:
    return {variable.key for variable, _ in settings}


def _is_jump(draft: Draft) -> bool:
    return draft.kind == "every" and not isinstance(draft.statement, Declaration)


def _blocks(drafts: list[Draft]) -> Iterator[list[Draft]]:
    yield drafts
    for each in drafts:
        yield from _blocks(each.inner)
        yield from _blocks(each.otherwise)


def _merge(drafts: list[Draft]) -> None:
    """Let one thread do neighbouring statements in one go, in every block."""
    for block in list(_blocks(drafts)):
        merged: list[Draft] = []
        for draft in block:
            last = merged[-1] if merged else None
            if last is not None and {last.kind, draft.kind} <= {"single", "master"}:
                last.statements += draft.statements
                if draft.kind == "master":
                    last.kind = "master"
            else:
                merged.append(draft)
        block[:] = merged
