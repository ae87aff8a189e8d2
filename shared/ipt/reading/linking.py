"""Puts the files of one program together, as a linker does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.errors import SourceError
from ipt.model import Function, Program
from ipt.reading.addresses import kept_loans
from ipt.reading.punning import punned_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.reading.unit import Unit
    from ipt.source import SourceText

__all__ = ["link"]

# They let code reach what it does not name.
_HIDDEN_WAYS = {"dlopen", "dlsym"}
_ASSEMBLY = re.compile(rb"\b(?:asm|__asm|__asm__)\b|\balias\s*\(")
_LOWEST_LEVEL = re.compile(r"c:@F@(\w+)")


def link(units: Sequence[Unit]) -> Program:
    """Return the program that some files make together.

    A variable or function of external linkage is the same in all of them; any
    other belongs to its file.

    Raises:
        SourceError: A function is defined twice, or a C++ file calls a C
            function without saying so.
    """
    by_key = _by_key(units)
    _refuse_other_language(units)
    functions = tuple(each for unit in units for each in unit.functions)
    included = _once([each for unit in units for each in unit.included], by_key)
    names = frozenset[str]().union(*(unit.names for unit in units))
    is_whole = _is_whole(units, functions)
    pointed = frozenset[str]().union(*(unit.function_pointers for unit in units))
    return Program(
        tuple(unit.source for unit in units),
        "c++" if any(unit.language == "c++" for unit in units) else "c",
        functions,
        tuple(dict.fromkeys(each for unit in units for each in unit.warnings)),
        frozenset(key for unit in units for key in unit.address_taken)
        | kept_loans((each for unit in units for each in unit.loans), by_key),
        pointed | {each.key for each in (*functions, *included) if each.name in names},
        by_key,
        _public(units, is_whole=is_whole),
        punned_types(root for unit in units for root in unit.roots) | _any_type(units),
        frozenset(name for unit in units for name in unit.called),
        included,
        _headers(units),
        is_whole,
        tuple(each for unit in units for each in unit.globals),
    )


def _by_key(units: Sequence[Unit]) -> dict[str, Function]:
    """Return the functions by their key.

    Raises:
        SourceError: Two files define one function.
    """
    found: dict[str, Function] = {}
    inline = set[str]().union(*(unit.inline for unit in units))
    for unit in units:
        for function in (*unit.functions, *unit.included):
            other = found.setdefault(function.key, function)
            if other is function:
                continue
            is_same = function.span.text == other.span.text
            if not (is_same and function.key in inline):
                raise _twice(other, function)
    return found


def _twice(one: Function, other: Function) -> SourceError:
    if one.name == "main":
        hint = "Give ipt the files of one program only."
    else:
        hint = "Rename one of them, declare it static, or leave its file out."
    return SourceError(
        f"{other.span.place}: {other.name} is defined here and in {one.span.place}. "
        f"{hint}"
    )


def _once(
    functions: Sequence[Function], by_key: dict[str, Function]
) -> tuple[Function, ...]:
    return tuple(each for each in functions if by_key[each.key] is each)


def _refuse_other_language(units: Sequence[Unit]) -> None:
    """Refuse calls between C and C++ that would not link.

    Raises:
        SourceError: There is one.
    """
    defined: dict[tuple[str, str], str] = {}
    for unit in units:
        for key in unit.defined:
            match = _LOWEST_LEVEL.match(key)
            if match:
                defined[match[1], key] = unit.source.name
    keys = {key for _, key in defined}
    for unit in units:
        for key, (name, span) in unit.used.items():
            match = _LOWEST_LEVEL.match(key)
            if match is None or key in keys:
                continue
            others = [file for (other, _), file in defined.items() if other == match[1]]
            is_mixed = any(
                each.language != unit.language
                for each in units
                if each.source.name in others
            )
            if is_mixed:
                raise SourceError(
                    f"{span.place}: {name} is defined in {others[0]}, in the other "
                    'language. Declare it extern "C" in the C++ file.'
                )


def _is_whole(units: Sequence[Unit], functions: Sequence[Function]) -> bool:
    """Tell whether the program links without any other file of the user."""
    defined = set[str]().union(*(unit.defined for unit in units))
    return (
        any(each.name == "main" for each in functions)
        and not any(_HIDDEN_WAYS & unit.called for unit in units)
        and not any(_ASSEMBLY.search(text.bare) for text in _texts(units))
        and all(unit.used.keys() <= defined for unit in units)
    )


def _public(units: Sequence[Unit], *, is_whole: bool) -> frozenset[tuple[str, int]]:
    """Return the keys of variables whose address other files may pass.

    A whole program has no other files; only the system's own variables are
    known outside of it.
    """
    return frozenset(
        key
        for unit in units
        for key in unit.external
        if not is_whole or key[0] not in unit.used
    )


def _any_type(units: Sequence[Unit]) -> frozenset[str]:
    is_free = any(unit.has_cast for unit in units) or any(
        b"may_alias" in text.data for text in _texts(units)
    )
    return frozenset({"*"} if is_free else ())


def _texts(units: Sequence[Unit]) -> Iterator[SourceText]:
    for unit in units:
        yield from unit.texts


def _headers(units: Sequence[Unit]) -> tuple[SourceText, ...]:
    """Return the user's headers, each once."""
    found: dict[str, SourceText] = {}
    for unit in units:
        for header in unit.headers:
            found.setdefault(header.name, header)
    return tuple(found.values())
