"""Which lists in braces run code of classes."""

from __future__ import annotations

from typing import Any

from clang.cindex import CursorKind, TypeKind

__all__ = ["converts_itself", "runs_code"]

_ARRAYS = {
    TypeKind.CONSTANTARRAY,
    TypeKind.INCOMPLETEARRAY,
    TypeKind.VARIABLEARRAY,
    TypeKind.DEPENDENTSIZEDARRAY,
}
_LITERALS = {
    CursorKind.FLOATING_LITERAL,
    CursorKind.INTEGER_LITERAL,
    CursorKind.CHARACTER_LITERAL,
    CursorKind.CXX_BOOL_LITERAL_EXPR,
    CursorKind.CXX_NULL_PTR_LITERAL_EXPR,
}


def runs_code(clang_type: Any) -> bool:
    """Tell whether code may run where a list gives a value of a type.

    Clang shows the values as they are written: not the constructors that are
    called with them, nor what members without a value get.

    Args:
        clang_type: The type of the list.
    """
    canonical = clang_type.get_canonical()
    while canonical.kind in _ARRAYS:
        canonical = canonical.element_type.get_canonical()
    if canonical.kind is not TypeKind.RECORD:
        return False
    record = canonical.get_declaration()
    return any(_has_code(child) for child in record.get_children())


def converts_itself(clang_type: Any) -> bool:
    """Tell whether objects of a type have code that makes another value of them.

    Args:
        clang_type: The type of one value of a list.
    """
    canonical = clang_type.get_canonical()
    if canonical.kind is not TypeKind.RECORD:
        return False
    for member in canonical.get_declaration().get_children():
        if member.kind is CursorKind.CONVERSION_FUNCTION:
            return True
        is_base = member.kind is CursorKind.CXX_BASE_SPECIFIER
        if is_base and converts_itself(member.type):
            return True
    return False


def _has_code(member: Any) -> bool:
    if member.kind is CursorKind.FUNCTION_TEMPLATE:
        # It may be a constructor.
        return bool(member.spelling == member.semantic_parent.spelling)
    if member.kind is CursorKind.CONSTRUCTOR:
        return not member.is_default_method()
    if member.kind is CursorKind.CXX_BASE_SPECIFIER:
        return runs_code(member.type)
    if member.kind is not CursorKind.FIELD_DECL:
        return False
    has_value = any(
        each.kind.is_expression() and each.kind not in _LITERALS
        for each in member.get_children()
    )
    return has_value or runs_code(member.type)
