"""Between which types a program converts pointers.

C lets an object be used through pointers to its own type only; a program that
converts pointers otherwise says that it does not keep to that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.model import Call, Cast, CType, Kind, Literal, Node, children_of, strip_casts

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["punned_types"]

_ANY = "*"
_VOID = "void"
_LIBRARY = {"malloc", "calloc", "realloc", "aligned_alloc", "free", "memcpy", "memset"}


def punned_types(roots: Iterable[Node]) -> frozenset[str]:
    """Return the types that one object may be used as, `*` standing for any.

    Args:
        roots: All code of the program.
    """
    finder = _Finder()
    for root in roots:
        finder.visit(root)
    pairs = finder.pairs | {
        (one, other) for one in finder.to_void for other in finder.from_void
    }
    found = {name for one, other in pairs if one != other for name in (one, other)}
    return frozenset(found)


class _Finder:
    def __init__(self) -> None:
        self.pairs: set[tuple[str, str]] = set()
        self.to_void: set[str] = set()
        self.from_void: set[str] = set()

    def visit(self, node: Node) -> None:
        """Note all conversions at and below a node."""
        match node:
            case Call() if node.is_system or node.name in _LIBRARY:
                for argument in node.arguments:
                    # What the library is given, it gives nobody else.
                    self.visit(strip_casts(argument))
                return
            case Cast():
                self._cast(node)
            case _:
                pass
        for child in children_of(node):
            self.visit(child)

    def _cast(self, node: Cast) -> None:
        before, after = node.operand.ctype, node.ctype
        pointers = (before.kind is Kind.POINTER, after.kind is Kind.POINTER)
        if not any(pointers) or after.spelling in (_VOID, "bool", "_Bool"):
            return
        if Kind.ARRAY in (before.kind, after.kind):
            return
        one = _name(before.target) if pointers[0] else _VOID
        other = _name(after.target) if pointers[1] else _VOID
        if one == other or _is_new(node):
            return
        if other == _VOID:
            self.to_void.add(one)
        elif one == _VOID:
            self.from_void.add(other)
        else:
            self.pairs.add((one, other))


def _name(target: CType | None) -> str:
    if target is None:
        return _ANY
    leaf = target.leaf
    if leaf.kind in (Kind.RECORD, Kind.UNION):
        # Its members, too, are used as something else.
        return _ANY
    if leaf.kind is Kind.OTHER and leaf.spelling != _VOID:
        return "other"
    return "pointer" if leaf.kind is Kind.POINTER else leaf.spelling


def _is_new(node: Cast) -> bool:
    """Tell whether what is converted has no type yet."""
    bare = strip_casts(node)
    if isinstance(bare, Literal):
        return True
    return isinstance(bare, Call) and (bare.is_system or bare.name in _LIBRARY)
