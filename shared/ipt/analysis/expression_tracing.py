"""Follows expressions: records reads and writes in evaluation order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.block_calls import block_accesses
from ipt.analysis.calls import (
    CallKind,
    classify_call,
    reads_float_state,
    sets_errno,
)
from ipt.analysis.frames import Resolver
from ipt.analysis.locations import Access, Index
from ipt.analysis.polynomials import negate
from ipt.model import (
    CONTAINER_CALL,
    PACKED_CALL,
    Assign,
    Binary,
    Call,
    Cast,
    Conditional,
    Expression,
    Increment,
    InitList,
    Kind,
    Literal,
    Member,
    OpaqueExpression,
    Subscript,
    Unary,
    VarRef,
    strip_casts,
)

if TYPE_CHECKING:
    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.domains import Domain
    from ipt.analysis.frames import Frame
    from ipt.analysis.lowering import Symbols
    from ipt.analysis.writes import Writes
    from ipt.model import Function, Program, Variable
    from ipt.source import Span

__all__ = ["ExpressionTracer", "Obstacle", "Trace"]

_MOST_ACCESSES = 600


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something in the loop that rules it out.

    Attributes:
        code: The finding's code.
        what: What it is about: a function's or variable's name, a construct.
        calls: The calls that lead there, outermost first.
    """

    code: str
    what: str
    span: Span
    calls: tuple[Span, ...]
    name: str = ""


@dataclass
class Trace:
    """What the tracer found; owned by it until it returns.

    Attributes:
        loops: The counted loops that were followed, by the symbols of their
            counters.
        every: All accesses, those included that equal an earlier one but for
            where they stand.
        linear: What each iteration moves once, and by how much.
        inner_uneven: Whether an inner loop is longer in some iterations.
        inner_listed: Whether the bounds of one are read from an array.
    """

    counter: str
    domain: Domain
    names: Symbols
    accesses: list[Access] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)
    inner_uneven: bool = False
    inner_listed: bool = False
    has_inner_loop: bool = False
    loops: dict[str, CountedLoop] = field(default_factory=dict)
    every: list[Access] = field(default_factory=list)
    linear: dict[Variable, int] = field(default_factory=dict)


class ExpressionTracer(ABC):
    """Walks expressions with what is known at each point."""

    def __init__(self, program: Program, writes: Writes, trace: Trace) -> None:
        self._program = program
        self._writes = writes
        self._trace = trace
        self._calls: tuple[Span, ...] = ()
        self._seen: set[object] = set()

    @abstractmethod
    def follow(
        self, function: Function, node: Call, frame: Frame, domain: Domain
    ) -> None:
        """Trace the body of a function of the file that is called."""

    def resolver(self, frame: Frame) -> Resolver:
        """Return what finds values and places in a frame."""
        return Resolver(frame, self._trace.names, self._program, self._writes)

    def _obstacle(self, code: str, what: str, span: Span, name: str = "") -> None:
        self._trace.obstacles.append(Obstacle(code, what, span, self._calls, name))

    def _branches(
        self, condition: Expression, frame: Frame, domain: Domain
    ) -> tuple[Domain, Domain]:
        lowering = self.resolver(frame).lowering
        found = lowering.condition(condition)
        with_symbols = domain.with_symbols(*lowering.symbols).where(
            *lowering.conditions
        )
        if found is None:
            return with_symbols.where(None), with_symbols.where(None)
        return with_symbols.where(found), with_symbols.where(negate(found))

    def expression(self, node: Expression, frame: Frame, domain: Domain) -> None:
        """Trace the evaluation of an expression for its value."""
        match node:
            case Literal():
                return
            case Cast() if node.operand.ctype.kind is Kind.ARRAY:
                self._path(node.operand, frame, domain)
            case Cast():
                self.expression(node.operand, frame, domain)
            case VarRef() | Subscript() | Member() | Unary(op="*"):
                self._path(node, frame, domain)
                if node.ctype.kind is not Kind.ARRAY:
                    self._access(node, frame, domain)
            case Unary(op="&"):
                self._path(node.operand, frame, domain)
            case Unary():
                self.expression(node.operand, frame, domain)
            case Assign() | Increment():
                self._write(node, frame, domain)
            case _:
                self._compound(node, frame, domain)

    def _compound(self, node: Expression, frame: Frame, domain: Domain) -> None:
        match node:
            case Binary(op="&&" | "||"):
                self.expression(node.left, frame, domain)
                yes, no = self._branches(node.left, frame, domain)
                self.expression(node.right, frame, yes if node.op == "&&" else no)
            case Binary():
                self.expression(node.left, frame, domain)
                self.expression(node.right, frame, domain)
            case Conditional():
                self.expression(node.condition, frame, domain)
                yes, no = self._branches(node.condition, frame, domain)
                self.expression(node.then, frame, yes)
                self.expression(node.otherwise, frame, no)
            case InitList():
                for item in node.items:
                    self.expression(item, frame, domain)
            case Call():
                self._call(node, frame, domain)
            case OpaqueExpression():
                is_call = node.what.startswith("call of ")
                what = f"this {node.what}" + ("" if is_call else " expression")
                self._obstacle("IPT311", what, node.span)
            case _:
                pass

    def _path(self, node: Expression, frame: Frame, domain: Domain) -> None:
        """Trace what must be read to find the place that `node` names."""
        match node:
            case Subscript():
                self.expression(node.base, frame, domain)
                self.expression(node.index, frame, domain)
            case Member(arrow=True) | Unary(op="*"):
                inner = node.base if isinstance(node, Member) else node.operand
                self.expression(inner, frame, domain)
            case Member():
                self._path(node.base, frame, domain)
            case Cast():
                self._path(node.operand, frame, domain)
            case VarRef():
                return
            case _:
                self.expression(node, frame, domain)

    def _write(self, node: Assign | Increment, frame: Frame, domain: Domain) -> None:
        if isinstance(node, Increment):
            target, updates = node.operand, True
        else:
            self.expression(node.value, frame, domain)
            target, updates = node.target, node.op != "="
        target = strip_casts(target)
        self._path(target, frame, domain)
        if updates:
            self._access(target, frame, domain, accumulates=True)
        self._access(target, frame, domain, write=True, accumulates=updates)

    def _access(
        self,
        node: Expression,
        frame: Frame,
        domain: Domain,
        *,
        write: bool = False,
        accumulates: bool = False,
    ) -> None:
        if node.ctype.is_volatile:
            self._obstacle("IPT321", "", node.span)
        self._check_float_state(node)
        resolver = self.resolver(frame)
        location = resolver.location(node)
        lowering = resolver.lowering
        narrowed = domain.with_symbols(*lowering.symbols).where(*lowering.conditions)
        found = Access(
            location, write, node.ctype, narrowed, node, self._calls, accumulates
        )
        self._record(found)

    def _check_float_state(self, node: Expression) -> None:
        is_real = node.ctype.kind is Kind.FLOATING
        if is_real and reads_float_state(self._program.called):
            what = "the floating-point unit of each thread, which the file asks about,"
            self._obstacle("IPT308", what, node.span)

    def _record(self, access: Access) -> None:
        """Keep an access, unless the same one is known already."""
        self._trace.every.append(access)
        key = (
            access.location,
            access.is_write,
            access.domain,
            access.calls,
            access.is_accumulation,
            type(access.node),
        )
        if access.location is not None and key in self._seen:
            return
        self._seen.add(key)
        if len(self._trace.accesses) >= _MOST_ACCESSES:
            self._obstacle("IPT318", "", access.node.span)
        else:
            self._trace.accesses.append(access)

    def _call(self, node: Call, frame: Frame, domain: Domain) -> None:
        for argument in node.arguments:
            self._argument(argument, frame, domain)
        function = self._program.by_key.get(node.key)
        if function is not None and node.callee is None:
            self.follow(function, node, frame, domain)
            return
        if not node.name:
            self._obstacle("IPT309", "a function through a pointer", node.span)
            return
        if node.key.startswith((CONTAINER_CALL, PACKED_CALL)):
            self._container_call(node)
            return
        kind = classify_call(node.name, is_system=node.is_system)
        code = {
            CallKind.OUTPUT: "IPT307",
            CallKind.STATEFUL: "IPT308",
            CallKind.UNKNOWN: "IPT309",
        }.get(kind)
        if sets_errno(node.name, self._program.called):
            what = f"{node.name}(), which sets the errno of its thread,"
            self._obstacle("IPT308", what, node.span, node.name)
        elif code is not None:
            self._obstacle(code, f"{node.name}()", node.span, node.name)
        elif kind is CallKind.READS_TEXT:
            self._read_pointed(node, frame, domain)
        elif kind is CallKind.MOVES_BLOCK:
            self._move_block(node, frame, domain)

    def _move_block(self, node: Call, frame: Frame, domain: Domain) -> None:
        found = block_accesses(
            node, self.resolver(frame), self._trace.names, domain, self._calls
        )
        if found is None:
            self._obstacle("IPT309", f"{node.name}()", node.span, node.name)
        for access in found or ():
            self._record(access)

    def _container_call(self, node: Call) -> None:
        code = "IPT345" if node.key.startswith(PACKED_CALL) else "IPT343"
        if node.key == f"{CONTAINER_CALL}at":
            code = "IPT344"
        self._obstacle(code, f"{node.name}()", node.span, node.name)

    def _argument(self, node: Expression, frame: Frame, domain: Domain) -> None:
        bare = node
        if isinstance(bare, VarRef | Subscript | Member):
            # No conversion to a value: a C++ reference is bound to it.
            self._path(bare, frame, domain)
            if bare.ctype.is_scalar:
                self._access(bare, frame, domain)
            return
        self.expression(node, frame, domain)

    def _read_pointed(self, node: Call, frame: Frame, domain: Domain) -> None:
        for argument in node.arguments:
            target = argument.ctype.target
            if argument.ctype.kind is not Kind.POINTER or target is None:
                continue
            address = self.resolver(frame).address(argument)
            location = None if address is None else address.block.then(Index(None))
            self._record(
                Access(
                    location,
                    is_write=False,
                    ctype=target,
                    domain=domain,
                    node=argument,
                    calls=self._calls,
                )
            )
