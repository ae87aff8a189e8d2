"""Where the value of a pointer expression comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ipt.model import (
    Assign,
    Binary,
    Call,
    Cast,
    Conditional,
    Declarator,
    Expression,
    Function,
    InitList,
    Jump,
    Kind,
    Literal,
    Member,
    OpaqueExpression,
    OpaqueStatement,
    Scope,
    Subscript,
    Unary,
    Variable,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.model import Node, Program

__all__ = ["Fresh", "Origin", "Token", "origin_of", "pointees", "pointer_side"]

_ALLOCATORS = {"malloc", "calloc", "aligned_alloc", "realloc"}


@dataclass(frozen=True, slots=True)
class Token:
    """A block: a variable itself, or what a pointer variable points to."""

    variable: Variable
    is_pointee: bool


@dataclass(frozen=True, slots=True)
class Fresh:
    """A block that nothing else points to, or none at all."""


Origin: TypeAlias = Token | Fresh | None


def root_of(node: Expression) -> Variable | None:
    """Return the variable that an lvalue is a part of, None behind a pointer."""
    match node:
        case VarRef():
            return None if node.ctype.kind is Kind.REFERENCE else node.variable
        case Member(arrow=False):
            return root_of(node.base)
        case Subscript() if isinstance(node.base, Cast):
            inner = node.base.operand
            return root_of(inner) if inner.ctype.kind is Kind.ARRAY else None
        case _:
            return None


def origin_of(  # noqa: PLR0911 - a return a case
    node: Expression, program: Program
) -> list[Origin]:
    """Return the possible origins of a pointer value; None stands for unknown."""
    bare = strip_casts(node)
    if isinstance(bare, Literal):
        # An address that is written as a number may be any.
        return [None if bare.value else Fresh()]
    match node:
        case Conditional():
            return origin_of(node.then, program) + origin_of(node.otherwise, program)
        case Cast() if node.operand.ctype.kind is Kind.ARRAY:
            return [_block_of(node.operand)]
        case Cast() if node.operand.ctype.kind is Kind.POINTER:
            return origin_of(node.operand, program)
        case VarRef() if node.ctype.kind is Kind.POINTER:
            return [Token(node.variable, is_pointee=True)]
        case Unary(op="&"):
            return [_block_of(node.operand)]
        case Binary(op="+" | "-"):
            return origin_of(pointer_side(node), program)
        case Call() if _allocates(node, program, ()):
            return [Fresh()]
        case OpaqueExpression(what="cxx new"):
            is_given = _has_pointer(node) or _has_own_new(program)
            return [None if is_given else Fresh()]
        case _:
            return [None]


def _has_pointer(node: OpaqueExpression) -> bool:
    """Tell whether `new` may be given the block that it uses."""
    return any(part.ctype.kind is Kind.POINTER for part in node.parts)


def _has_own_new(program: Program) -> bool:
    """Tell whether the program itself says where `new` finds memory."""
    return any(each.name.startswith("operator new") for each in program.bodies)


def pointer_side(node: Binary) -> Expression:
    """Return the operand of a sum that is the pointer."""
    return node.left if node.left.ctype.kind is Kind.POINTER else node.right


def _block_of(node: Expression) -> Origin:
    """Return the block that an lvalue lies in."""
    match node:
        case InitList():
            return Fresh()
        case Subscript(base=base):
            inner = base
        case Member(arrow=True, base=base):
            inner = base
        case Unary(op="*", operand=base):
            inner = base
        case Member(base=base):
            return _block_of(base)
        case _:
            root = root_of(node)
            return None if root is None else Token(root, is_pointee=False)
    if isinstance(inner, Cast) and inner.operand.ctype.kind is Kind.ARRAY:
        return _block_of(inner.operand)
    while isinstance(inner, Binary):
        inner = pointer_side(inner)
    bare = strip_casts(inner)
    if isinstance(bare, VarRef) and bare.ctype.kind is Kind.POINTER:
        return Token(bare.variable, is_pointee=True)
    return None


def _allocates(node: Call, program: Program, inside: tuple[Function, ...]) -> bool:
    """Tell whether a call returns a block that nothing else points to."""
    if node.key not in program.by_key:
        return node.name in _ALLOCATORS
    function = program.by_key[node.key]
    if function in inside:
        return False
    values = [
        strip_casts(each.value)
        for each in walk(function.body)
        if isinstance(each, Jump) and each.kind == "return" and each.value is not None
    ]
    return bool(values) and all(
        _is_fresh(value, function, program, (*inside, function)) for value in values
    )


def _is_fresh(
    value: Expression,
    function: Function,
    program: Program,
    inside: tuple[Function, ...],
) -> bool:
    match value:
        case Literal():
            return not value.value
        case Call():
            return _allocates(value, program, inside)
        case VarRef(variable=variable) if variable.scope is Scope.LOCAL:
            is_kept = variable.key in program.address_taken
            return not is_kept and all(
                _is_local_use(use, variable, program, inside)
                for use in walk(function.body)
            )
        case _:
            return False


def _is_local_use(
    node: object, variable: Variable, program: Program, inside: tuple[Function, ...]
) -> bool:
    """Tell whether a node neither copies a pointer away nor sets it to old memory."""
    match node:
        case Declarator():
            is_other = node.variable != variable
            is_new = is_other or _is_new(node.init, program, inside)
            return is_new and not _hands_on(node.init, variable)
        case Assign() if _is_pointer(node.target, variable):
            return node.op == "=" and _is_new(node.value, program, inside)
        case Assign():
            return not _hands_on(node.value, variable)
        case Call():
            is_kept = any(_hands_on(each, variable) for each in node.arguments)
            return not is_kept or node.name in ("free", "memset", "memcpy")
        case OpaqueExpression() | OpaqueStatement():
            return not _names(node, variable)
        case _:
            return True


def _is_pointer(node: Expression, variable: Variable) -> bool:
    bare = strip_casts(node)
    return isinstance(bare, VarRef) and bare.variable == variable


def _names(node: Node, variable: Variable) -> bool:
    return any(isinstance(n, VarRef) and n.variable == variable for n in walk(node))


def _hands_on(value: Expression | None, variable: Variable) -> bool:
    """Tell whether a value may lead to the block of a pointer that it names.

    A number does not, unless it is an address.
    """
    if value is None or not _names(value, variable):
        return False
    return not value.ctype.is_arithmetic or any(
        isinstance(each, Cast)
        and each.ctype.is_arithmetic
        and not each.operand.ctype.is_arithmetic
        and _names(each.operand, variable)
        for each in walk(value)
    )


def _is_new(
    value: Expression | None, program: Program, inside: tuple[Function, ...]
) -> bool:
    if value is None:
        return True
    bare = strip_casts(value)
    return (isinstance(bare, Literal) and not bare.value) or (
        isinstance(bare, Call) and _allocates(bare, program, inside)
    )


def pointees(function: Function) -> Iterator[Variable]:
    """Yield all variables that a function names, each once."""
    seen: set[Variable] = set()
    for variable in function.parameters:
        seen.add(variable)
        yield variable
    for node in walk(function.body):
        if isinstance(node, VarRef | Declarator) and node.variable not in seen:
            seen.add(node.variable)
            yield node.variable
