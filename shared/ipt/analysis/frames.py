"""What is known of variables at one point of the program.

A frame belongs to one function call that the tracer follows; it is replaced,
never changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from ipt.analysis.aliasing import may_share
from ipt.analysis.locations import UNION, Address, Deref, Field, Index, Location
from ipt.analysis.lowering import Lowering, Symbols
from ipt.analysis.polynomials import Polynomial
from ipt.model import (
    SIZE,
    Binary,
    Call,
    Cast,
    Expression,
    Increment,
    InitList,
    Jump,
    Kind,
    Member,
    Subscript,
    Unary,
    Variable,
    VarRef,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ipt.analysis.writes import Writes
    from ipt.model import Function, Program

__all__ = ["Frame", "Key", "Resolver"]

Key: TypeAlias = tuple[str, int]
_ZERO = Polynomial.constant(0)


@dataclass(frozen=True, slots=True)
class Frame:
    """Known values, pointers and references.

    Attributes:
        values: Of integer variables; None where unknown.
        pointers: Where pointer variables point; None where unknown.
        references: What C++ references name; None where unknown.
        varying: Variables that do not keep their value during the loop.
    """

    values: Mapping[Key, Polynomial | None]
    pointers: Mapping[Key, Address | None]
    references: Mapping[Key, Location | None]
    varying: frozenset[Key]

    def with_value(self, variable: Variable, value: Polynomial | None) -> Frame:
        """Return the frame with one more known integer."""
        return replace(self, values={**self.values, variable.key: value})

    def with_pointer(self, variable: Variable, address: Address | None) -> Frame:
        """Return the frame with one more known pointer."""
        return replace(self, pointers={**self.pointers, variable.key: address})

    def without(self, keys: Iterable[Key]) -> Frame:
        """Return the frame with nothing known of some variables."""
        gone = frozenset(keys)
        if gone.isdisjoint(self.values) and gone.isdisjoint(self.pointers):
            return self
        return replace(
            self,
            values={k: v for k, v in self.values.items() if k not in gone},
            pointers={k: v for k, v in self.pointers.items() if k not in gone},
        )

    def with_reference(self, variable: Variable, target: Location | None) -> Frame:
        """Return the frame with one more known reference."""
        return replace(self, references={**self.references, variable.key: target})


class Resolver:
    """Finds values and places of expressions in one frame.

    Owns the lowering, whose helper symbols the caller adds to its domain.
    """

    def __init__(
        self, frame: Frame, names: Symbols, program: Program, writes: Writes
    ) -> None:
        self._frame = frame
        self._names = names
        self._program = program
        self._writes = writes
        self.lowering = Lowering(
            self._value_of, names, self._returned, self._loaded, self._stepped
        )

    def _value_of(self, variable: Variable) -> Polynomial | None:
        if variable.key in self._frame.values:
            return self._frame.values[variable.key]
        is_known = variable.key not in self._frame.varying
        if not is_known or variable.ctype.kind is not Kind.INTEGER:
            return None
        return Polynomial.symbol(self._names.parameter(variable))

    def _stepped(self, node: Increment) -> Polynomial | None:
        """Return the value of `v++` for a variable that is known."""
        if not isinstance(node.operand, VarRef):
            return None
        before = self._frame.values.get(node.operand.variable.key)
        return None if before is None else before + _moved_first(node)

    def _returned(self, node: Call) -> Polynomial | None:
        """Return what a function of one `return` returns, such as an index."""
        function = self._program.by_key.get(node.key)
        if function is None or len(function.body.body) != 1:
            return None
        only = function.body.body[0]
        if not isinstance(only, Jump) or only.kind != "return" or only.value is None:
            return None
        if any(isinstance(each, Call) for each in walk(only.value)):
            return None
        inside = self._inside(function, node)
        found = inside.lowering.value(only.value)
        self.lowering.symbols += inside.lowering.symbols
        self.lowering.conditions += inside.lowering.conditions
        return found

    def _inside(self, function: Function, node: Call) -> Resolver:
        """Return a resolver for a called function as long as it changes nothing."""
        frame = Frame({}, {}, {}, self._frame.varying)
        for parameter, argument in zip(
            function.parameters, node.arguments, strict=False
        ):
            if parameter.ctype.kind is Kind.POINTER:
                frame = frame.with_pointer(parameter, self.bound(parameter, argument))
                frame = frame.with_value(parameter, self.referred(argument))
            else:
                value = self.lowering.value(argument)
                frame = frame.with_value(parameter, value)
        return Resolver(frame, self._names, self._program, self._writes)

    def bound(self, variable: Variable, value: Expression) -> Address | None:
        """Return where a pointer or reference points that is set to a value.

        What a reference is bound to may have no other name: `f(x + 1)`.
        """
        is_temporary = isinstance(value, Unary) and isinstance(value.operand, InitList)
        if variable.is_reference and is_temporary:
            own = Location(variable, (Field("(temporary)"),))
            return Address(own, _ZERO, is_single=True)
        return self.pointer(value)

    def lasting_pointer(self, variable: Variable, value: Expression) -> Address | None:
        """Return where a pointer points, as far as that can be remembered.

        What helper symbols stand for is known at the expression alone.
        """
        found = self.bound(variable, value)
        return None if found is None else found.without(self.lowering.symbols)

    def lasting_location(self, node: Expression) -> Location | None:
        """Return what a reference names, as far as that can be remembered."""
        found = self.location(node)
        return None if found is None else found.without(self.lowering.symbols)

    def referred(self, value: Expression) -> Polynomial | None:
        """Return the value of what a reference to a constant is bound to.

        It stays the same as long as it is known at all: a variable that is
        assigned again has no known value.
        """
        if not isinstance(value, Unary) or value.op != "&":
            return None
        target = value.ctype.target
        if target is None or not target.is_const:
            return None
        place = value.operand
        if isinstance(place, InitList) and len(place.items) == 1:
            place = place.items[0]
        found = self.lowering.value(place)
        return None if self.lowering.symbols else found

    def _returned_place(self, node: Call) -> Location | None:
        """Return what a function of one `return` names, such as an element."""
        function = self._program.by_key.get(node.key)
        if function is None or node.callee is not None or len(function.body.body) != 1:
            return None
        only = function.body.body[0]
        if not isinstance(only, Jump) or only.kind != "return" or only.value is None:
            return None
        if any(isinstance(each, Call) for each in walk(only.value)):
            return None
        inside = self._inside(function, node)
        found = inside.location(only.value)
        self.lowering.symbols += inside.lowering.symbols
        self.lowering.conditions += inside.lowering.conditions
        return found

    def _loaded(self, node: Member | Unary) -> Polynomial | None:
        """Return the symbol of a member that keeps its value during the loop."""
        if isinstance(node, Unary):
            return self._referred_value(node)
        return self._kept(node, node.field)

    def _referred_value(self, node: Unary) -> Polynomial | None:
        """Return the value of what a reference names, if nothing changes it."""
        if not isinstance(node.operand, VarRef):
            return None
        variable = node.operand.variable
        if not variable.is_reference:
            return None
        known = self._frame.values.get(variable.key)
        return self._kept(node, variable.name) if known is None else known

    def _kept(self, node: Member | Unary, name: str) -> Polynomial | None:
        place = self.location(node)
        if place is None or place.root.key in self._frame.varying:
            return None
        for step in place.steps:
            if isinstance(step, Index) and not _is_zero(step.value):
                return None
            is_set = isinstance(step, Field) and step.name in self._writes.fields
            if is_set or step == UNION:
                return None
        in_memory = Deref() in place.steps
        in_memory |= self._program.is_reachable(place.root)
        if name == SIZE:
            # Only calls change it that are findings themselves.
            in_memory = False
        if in_memory and any(
            written.kind is Kind.POINTER
            or may_share(self._program, written, node.ctype)
            for written in self._writes.memory
        ):
            return None
        return Polynomial.symbol(
            self._names.member(place, name.removesuffix("()"), node.ctype)
        )

    def location(self, node: Expression) -> Location | None:  # noqa: PLR0911 - a return a case
        """Return what an lvalue names, None if it cannot be followed."""
        match node:
            case VarRef():
                variable = node.variable
                if variable.ctype.kind is Kind.REFERENCE:
                    return self._frame.references.get(variable.key)
                return Location(variable, ())
            case Cast():
                same = node.operand.ctype.kind is node.ctype.kind
                return self.location(node.operand) if same else None
            case Subscript():
                return self._element(
                    self.address(node.base), self.lowering.address_offset(node.index)
                )
            case Unary(op="*"):
                return self._element(self.address(node.operand), _ZERO)
            case Member():
                return self._member(node)
            case Call() if node.is_place:
                return self._returned_place(node)
            case _:
                return None

    def _member(self, node: Member) -> Location | None:
        if node.arrow:
            base = self._element(self.address(node.base), _ZERO)
            holder = node.base.ctype.target
        else:
            base, holder = self.location(node.base), node.base.ctype
        if base is None:
            return None
        is_union = holder is not None and holder.kind is Kind.UNION
        return base.then(UNION if is_union else Field(node.overlay or node.field))

    def _element(
        self, address: Address | None, index: Polynomial | None
    ) -> Location | None:
        if address is None:
            return None
        if address.is_single:
            is_itself = index is not None and index.value == 0
            return address.block if is_itself and _is_zero(address.offset) else None
        return address.block.then(Index(_sum(address.offset, index)))

    def address(self, node: Expression) -> Address | None:  # noqa: PLR0911 - a return a case
        """Return where a pointer expression points, None if unknown."""
        match node:
            case Cast():
                return self._converted(node)
            case Binary(op="+" | "-") if node.ctype.kind is Kind.POINTER:
                return self._moved(node)
            case Unary(op="&"):
                return self._taken(node.operand)
            case VarRef() if node.ctype.kind is Kind.POINTER:
                return self._pointer_variable(node)
            case Increment() if isinstance(node.operand, VarRef):
                # The tracer forgets a variable that an expression moves and
                # names again.
                before = self.address(node.operand)
                distance = _moved_first(node)
                return None if before is None else before.moved(distance)
            case Subscript() | Member() | Unary(op="*"):
                if node.ctype.kind is not Kind.POINTER:
                    return None
                return self._stored(self.location(node))
            case _:
                return None

    def pointer(self, node: Expression) -> Address | None:
        """Return where a pointer that is kept in a variable points.

        The first row of a matrix, as a pointer, is how programs walk the whole
        of it; then the rows mean nothing any more.
        """
        address = self.address(node)
        if address is None or not address.block.steps:
            return address
        last = address.block.steps[-1]
        walks = isinstance(last, Index) and _is_zero(last.value)
        return None if walks and _is_zero(address.offset) else address

    def _stored(self, place: Location | None) -> Address | None:
        """Return where a pointer in memory points."""
        if place is None:
            return None
        has_own = place.root.key in self._frame.varying and Deref() not in place.steps
        # A struct or array that each iteration has for itself may hold another
        # pointer in each.
        return None if has_own else Address(place.then(Deref()), _ZERO)

    def _pointer_variable(self, node: VarRef) -> Address | None:
        variable = node.variable
        if variable.key in self._frame.pointers:
            return self._frame.pointers[variable.key]
        if variable.key in self._frame.varying:
            return None
        location = self.location(node)
        return None if location is None else Address(location.then(Deref()), _ZERO)

    def _converted(self, node: Cast) -> Address | None:
        source = node.operand.ctype
        if source.kind is Kind.ARRAY:
            array = self.location(node.operand)
            return None if array is None else Address(array, _ZERO)
        if source.kind is not Kind.POINTER or node.ctype.kind is not Kind.POINTER:
            return None
        before, after = source.target, node.ctype.target
        same = before and after and before.spelling == after.spelling
        return self.address(node.operand) if same else None

    def _moved(self, node: Binary) -> Address | None:
        base, amount = node.left, node.right
        if base.ctype.kind is not Kind.POINTER:
            base, amount = amount, base
        address = self.address(base)
        offset = self.lowering.address_offset(amount)
        if address is None or address.is_single:
            return None
        if offset is not None and node.op == "-":
            offset = -offset
        return Address(address.block, _sum(address.offset, offset))

    def _taken(self, node: Expression) -> Address | None:
        location = self.location(node)
        if location is None:
            return None
        if location.steps and isinstance(location.steps[-1], Index):
            block = Location(location.root, location.steps[:-1])
            if _is_first_row(block, location.steps[-1]):
                # `&a[0][0]` is how programs walk a whole matrix as one row.
                return None
            return Address(block, location.steps[-1].value)
        return Address(location, _ZERO, is_single=True)


def _moved_first(node: Increment) -> Polynomial:
    """Return by how much the value of `++v` or `v++` is beyond that of `v`."""
    amount = 1 if node.op == "++" else -1
    return Polynomial.constant(amount if node.prefix else 0)


def _sum(left: Polynomial | None, right: Polynomial | None) -> Polynomial | None:
    return None if left is None or right is None else left + right


def _is_first_row(block: Location, last: Index) -> bool:
    row = block.steps[-1] if block.steps else None
    return isinstance(row, Index) and _is_zero(row.value) and _is_zero(last.value)


def _is_zero(value: Polynomial | None) -> bool:
    return value is not None and value.value == 0
