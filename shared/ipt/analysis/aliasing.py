"""Whether two blocks of memory can overlap."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from ipt.analysis.fields import OwningFields
from ipt.analysis.origins import Fresh, Token, origin_of, pointees
from ipt.analysis.pointer_flow import Distinct, PointerFlow, are_apart
from ipt.model import (
    Call,
    CType,
    Function,
    Jump,
    Kind,
    Label,
    Node,
    OpaqueStatement,
    Program,
    Scope,
    Variable,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis.locations import Base
    from ipt.analysis.origins import Origin

__all__ = ["Aliasing", "may_share"]

_CHARACTERS = {"char", "signed char", "unsigned char", "std::byte"}


def may_share(program: Program, left: CType, right: CType) -> bool:
    """Tell whether objects of two types may overlap (C17, 6.5 paragraph 7).

    Programs that convert pointers between types often break C's rule.
    """
    one, other = left.leaf, right.leaf
    if "*" in program.punned or program.punned.issuperset(
        (one.spelling, other.spelling)
    ):
        return True
    return _may_share_type(one, other)


def _may_share_type(one: CType, other: CType) -> bool:
    for each in (one, other):
        if each.kind in (Kind.RECORD, Kind.UNION, Kind.OTHER, Kind.REFERENCE):
            return True
        if each.spelling in _CHARACTERS:
            return True
    if one.kind is Kind.POINTER and other.kind is Kind.POINTER:
        return True
    if one.kind is Kind.INTEGER and other.kind is Kind.INTEGER:
        # int and unsigned int may name the same object.
        return one.bits == other.bits
    return one.spelling == other.spelling


@dataclass
class Aliasing:
    """Answers for one program; owns the passes it has made so far."""

    program: Program
    _flows: dict[Function, dict[Node, Distinct]] = field(default_factory=dict)
    _running: set[Function] = field(default_factory=set)
    _owning: OwningFields | None = None
    _sites: dict[str, list[tuple[Function, Call]]] | None = None
    _from_calls: dict[Function, frozenset[frozenset[Token]]] = field(
        default_factory=dict
    )

    def are_distinct(
        self, function: Function, place: Node, left: Base, right: Base
    ) -> bool:
        """Tell whether two blocks are known not to overlap at a statement."""
        if self._owning is None:
            self._owning = OwningFields(self.program)
        if self._owning.are_apart(left, right):
            return True
        first, second = _token(left), _token(right)
        if first is None or second is None:
            return False
        if first != second and any(
            self._is_out_of_reach(each) for each in (first, second)
        ):
            return True
        state = self._at(function).get(place, frozenset())
        return are_apart(first, second, state)

    def is_from_calls(self, function: Function, left: Base, right: Base) -> bool:
        """Tell whether only the calls in the file show that two are distinct."""
        pair = frozenset(each for each in (_token(left), _token(right)) if each)
        return pair in self._from_calls.get(function, frozenset())

    def _at(self, function: Function) -> dict[Node, Distinct]:
        if function not in self._flows:
            if function in self._running:
                return {}
            self._running.add(function)
            self._flows[function] = self._flow(function)
            self._running.discard(function)
        return self._flows[function]

    def _flow(self, function: Function) -> dict[Node, Distinct]:
        if any(_is_wild(node) for node in walk(function.body)):
            return {}
        tokens = self._tokens(function)
        flow = PointerFlow(self.program, tokens)
        flow.statement(function.body, self._entry(function, tokens))
        return dict(flow.at)

    def _tokens(self, function: Function) -> frozenset[Token]:
        found = set()
        for variable in pointees(function):
            if variable.ctype.kind is not Kind.POINTER:
                block = Token(variable, is_pointee=False)
                if not self._is_out_of_reach(block):
                    found.add(block)
            elif variable.key not in self.program.address_taken:
                found.add(Token(variable, is_pointee=True))
        return frozenset(found)

    def _is_out_of_reach(self, token: Token) -> bool:
        """Tell whether a block is a number that no pointer can lead to."""
        variable = token.variable
        is_number = not token.is_pointee and variable.ctype.is_arithmetic
        return is_number and not self.program.is_reachable(variable)

    def _entry(self, function: Function, tokens: frozenset[Token]) -> Distinct:
        known = {
            frozenset(pair)
            for pair in combinations(tokens, 2)
            if _apart_at_entry(*pair)
        }
        from_calls = self._shown_by_calls(function, tokens)
        self._from_calls[function] = frozenset(from_calls - known)
        return frozenset(known | from_calls)

    def _shown_by_calls(
        self, function: Function, tokens: frozenset[Token]
    ) -> set[frozenset[Token]]:
        sites = self._call_sites(function)
        if not sites:
            return set()
        position = {each: n for n, each in enumerate(function.parameters)}
        parameters = [
            each for each in tokens if each.is_pointee and each.variable in position
        ]
        others = [
            each
            for each in tokens
            if not each.is_pointee and each.variable.is_shared_storage
        ]
        pairs = [*combinations(parameters, 2)]
        pairs += [(one, other) for one in parameters for other in others]
        return {
            frozenset(pair)
            for pair in pairs
            if all(
                self._apart_in_call(caller, call, pair, position)
                for caller, call in sites
            )
        }

    def _call_sites(self, function: Function) -> list[tuple[Function, Call]]:
        """Return all calls of a function, none if there may be others."""
        is_closed = function.is_static or self.program.has_main
        if not is_closed or function.key in self.program.function_pointers:
            return []
        if self._sites is None:
            self._sites = defaultdict(list)
            for caller in self.program.bodies:
                for node in walk(caller.body):
                    if isinstance(node, Call):
                        self._sites[node.key].append((caller, node))
        return self._sites.get(function.key, [])

    def _apart_in_call(
        self,
        caller: Function,
        call: Call,
        pair: tuple[Token, Token],
        position: dict[Variable, int],
    ) -> bool:
        state = self._at(caller).get(call)
        if state is None:
            return False
        origins: list[list[Origin]] = []
        for token in pair:
            if token.variable in position:
                number = position[token.variable]
                if number >= len(call.arguments):
                    # C lets a function without a prototype be called so.
                    return False
                origins.append(origin_of(call.arguments[number], self.program))
            else:
                origins.append([token])
        return all(
            _origins_apart(one, other, state)
            for one in origins[0]
            for other in origins[1]
        )


def _origins_apart(one: Origin, other: Origin, state: Distinct) -> bool:
    if one is None or other is None:
        return False
    if isinstance(one, Fresh) or isinstance(other, Fresh):
        return True
    return are_apart(one, other, state)


def _token(base: Base) -> Token | None:
    if not base.is_plain:
        return None
    return Token(base.variable, is_pointee=base.is_pointer)


def _is_wild(node: object) -> bool:
    return (isinstance(node, Jump) and node.kind == "goto") or isinstance(
        node, Label | OpaqueStatement
    )


def _apart_at_entry(left: Token, right: Token) -> bool:
    """Tell whether two blocks are distinct when the function begins.

    A local pointer points nowhere yet, a local variable is new, and what is
    reached through a `restrict` pointer is reached through no other.
    """
    if not left.is_pointee and not right.is_pointee:
        return True
    return any(_is_new(each) for each in (left, right)) or any(
        each.is_pointee and each.variable.ctype.is_restrict for each in (left, right)
    )


def _is_new(token: Token) -> bool:
    return token.variable.scope is Scope.LOCAL or (
        not token.is_pointee and token.variable.scope is Scope.PARAMETER
    )
