"""What `memset`, `memcpy` and `memmove` read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.arrays.lengths import element_size
from ipt.analysis.locations import Access, Index
from ipt.analysis.polynomials import Polynomial, compare
from ipt.model import Cast, Kind

if TYPE_CHECKING:
    from ipt.analysis.domains import Domain
    from ipt.analysis.frames import Resolver
    from ipt.analysis.locations import Address, Location
    from ipt.analysis.lowering import Symbols
    from ipt.model import Call, CType, Expression
    from ipt.source import Span

__all__ = ["block_accesses"]

_THREE = 3


def block_accesses(
    node: Call,
    resolver: Resolver,
    names: Symbols,
    domain: Domain,
    calls: tuple[Span, ...],
) -> list[Access] | None:
    """Return the accesses of such a call, those it reads first.

    Returns:
        The accesses; None if it works on something else than numbers.
    """
    if len(node.arguments) != _THREE:
        return None
    target, source, size = node.arguments
    parts = [(target, True)]
    if node.name != "memset":
        parts.insert(0, (source, False))
    found = []
    for pointer, is_write in parts:
        bare = _without_void(pointer)
        ctype = bare.ctype.target
        if bare.ctype.kind is not Kind.POINTER or ctype is None:
            return None
        if not ctype.leaf.is_arithmetic:
            return None
        bytes_ = resolver.lowering.address_offset(size)
        count = None if bytes_ is None else _divided(bytes_, _size(ctype))
        address = resolver.address(bare)
        location, inside = None, domain.where(None)
        if address is not None and _stays_in_row(bare, address, count):
            first = Polynomial.symbol(names.fresh("element"))
            whole = domain.with_symbols(*first.symbols, *resolver.lowering.symbols)
            within = None if count is None else compare(first, "<", count)
            inside = whole.where(
                *resolver.lowering.conditions,
                compare(first, ">=", Polynomial.constant(0)),
                within,
            )
            offset = None if address.offset is None else address.offset + first
            location = address.block.then(Index(offset))
            location, inside = _elements(location, ctype, names, inside)
        found.append(Access(location, is_write, ctype.leaf, inside, bare, calls))
    return found


def _stays_in_row(
    pointer: Expression, address: Address, count: Polynomial | None
) -> bool:
    """Tell whether a pointer to a row is used for no more than the row.

    Programs clear whole matrices through a pointer to their first row.
    """
    if address.is_single:
        return False
    steps = address.block.steps
    if not steps or not isinstance(steps[-1], Index):
        return True
    extent = pointer.operand.ctype.extent if isinstance(pointer, Cast) else None
    length = None if count is None else count.value
    is_start = address.offset is not None and address.offset.value == 0
    return is_start and None not in (extent, length) and (length or 0) <= (extent or 0)


def _without_void(node: Expression) -> Expression:
    """Return a pointer below its conversion to `void *`."""
    while (
        isinstance(node, Cast)
        and node.ctype.target is not None
        and not node.ctype.target.leaf.is_arithmetic
        and node.operand.ctype.kind in (Kind.POINTER, Kind.ARRAY)
    ):
        node = node.operand
    return node


def _size(ctype: CType) -> int | None:
    size = element_size(ctype)
    while size is not None and ctype.kind is Kind.ARRAY and ctype.target is not None:
        size = None if ctype.extent is None else size * ctype.extent
        ctype = ctype.target
    return size


def _divided(value: Polynomial, size: int | None) -> Polynomial | None:
    if not size or any(factor % size for _, factor in value.terms):
        return None
    return Polynomial.from_terms({m: factor // size for m, factor in value.terms})


def _elements(
    location: Location, ctype: CType, names: Symbols, domain: Domain
) -> tuple[Location, Domain]:
    """Go on to the elements of rows, each of which is accessed."""
    while ctype.kind is Kind.ARRAY and ctype.target is not None:
        column = Polynomial.symbol(names.fresh("element"))
        extent = ctype.extent
        domain = domain.with_symbols(*column.symbols).where(
            compare(column, ">=", Polynomial.constant(0)),
            None
            if extent is None
            else compare(column, "<", Polynomial.constant(extent)),
        )
        location = location.then(Index(column))
        ctype = ctype.target
    return location, domain
