"""What library calls do to the world outside of the program's own memory.

Two runs of statements that both print, or that both draw random numbers, mix
up their order when they run at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ipt.analysis.calls import CallKind, classify_call, sets_errno
from ipt.analysis.writes import called_functions
from ipt.model import Call, Kind, Literal, strip_casts, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ipt.model import Expression, Node, Program

__all__ = ["HARMLESS", "Effect", "EffectKind", "effects_of", "library_calls"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Write to a stream, and to no memory of the program.
_PRINTS = _words("""
    printf fprintf puts fputs putchar putc fputc fflush perror __printf_chk
    __fprintf_chk operator<<
""")
# A fresh block each time, whatever other threads do (C17, 7.22.3 paragraph 2).
HARMLESS = _words("malloc calloc aligned_alloc sleep usleep")
_NOT_FOLLOWED = _words("""
    exit abort atexit signal raise setjmp longjmp _setjmp system setbuf setvbuf
""")
_TEXT = _words("char wchar_t")


class EffectKind(Enum):
    """The parts of the world that a call may change."""

    STREAM = "a file or the screen"
    STATE = "hidden state of the library"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one call changes, or what makes it unknown."""

    kind: EffectKind
    call: Call

    def clashes(self, other: Effect) -> bool:
        """Tell whether the order of two effects matters."""
        is_open = EffectKind.ANYTHING in (self.kind, other.kind)
        return is_open or self.kind is other.kind


def library_calls(nodes: Iterable[Node], program: Program) -> Iterator[Call]:
    """Yield the calls, followed functions included, of what the program lacks."""
    roots: list[Node] = []
    for node in nodes:
        roots.append(node)
        roots += [program.by_key[key].body for key in called_functions(node, program)]
    seen: set[int] = set()
    for root in roots:
        if id(root) in seen:
            continue
        seen.add(id(root))
        for each in walk(root):
            if not isinstance(each, Call):
                continue
            if each.key not in program.by_key or each.callee is not None:
                yield each


def effects_of(nodes: Iterable[Node], program: Program) -> list[Effect]:
    """Return what the library calls of some statements do.

    Args:
        nodes: The statements; functions of the program are followed.
        program: The program.

    Returns:
        One effect for each call that has any.
    """
    found: list[Effect] = []
    for call in library_calls(nodes, program):
        kind = _kind(call, program)
        if kind is not None:
            found.append(Effect(kind, call))
    return found


def _kind(call: Call, program: Program) -> EffectKind | None:
    if call.callee is not None or not call.name or call.name in _NOT_FOLLOWED:
        return EffectKind.ANYTHING
    kind = classify_call(call.name, is_system=call.is_system)
    if kind is CallKind.UNKNOWN or sets_errno(call.name, program.called):
        return EffectKind.ANYTHING
    if kind in (CallKind.PURE, CallKind.READS_TEXT) or call.name in HARMLESS:
        return None
    is_print = call.name in _PRINTS
    if not all(_keeps_memory(each, is_print=is_print) for each in call.arguments):
        return EffectKind.ANYTHING
    return EffectKind.STREAM if kind is CallKind.OUTPUT else EffectKind.STATE


def _keeps_memory(argument: Expression, *, is_print: bool) -> bool:
    """Tell whether a function that gets an argument cannot touch memory by it."""
    bare = strip_casts(argument)
    if isinstance(bare, Literal):
        return True
    ctype = argument.ctype
    if ctype.is_arithmetic:
        return True
    target = ctype.target
    if not is_print:
        return False
    if ctype.kind is not Kind.POINTER or target is None:
        # An object such as std::cout; text objects change by calls only.
        return True
    # A stream, or the address that %p prints.
    return "FILE" in target.spelling or target.spelling == "void"
