"""A whole source file after reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipt.model.statements import Block
    from ipt.model.types import Variable
    from ipt.source import SourceText, Span

__all__ = ["Function", "Program"]


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function that is defined in the main file.

    Attributes:
        key: What calls of it carry; unique within the file.
        is_static: Whether only this file can call it.
    """

    key: str
    name: str
    span: Span
    parameters: tuple[Variable, ...]
    body: Block
    is_static: bool


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """One translation unit.

    Attributes:
        sources: The texts it was read from; the first one is the main file.
        language: `c` or `c++`.
        functions: Those defined in the main file, in source order.
        warnings: What the compiler front end had to say, ready to print.
        address_taken: Keys of variables that a pointer may refer to.
        function_pointers: Keys of functions used other than by calling them.
        by_key: The functions by their key.
        public: Keys of variables that other files may pass the address of.
        punned: Types between which the file converts pointers; `*` stands for
            any type.
        called: Names of all functions that the file names.
    """

    sources: tuple[SourceText, ...]
    language: str
    functions: tuple[Function, ...]
    warnings: tuple[str, ...] = ()
    address_taken: frozenset[tuple[str, int]] = frozenset()
    function_pointers: frozenset[str] = frozenset()
    by_key: Mapping[str, Function] = field(default_factory=dict)
    public: frozenset[tuple[str, int]] = frozenset()
    punned: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()

    @property
    def source(self) -> SourceText:
        """The main file."""
        return self.sources[0]

    def is_reachable(self, variable: Variable) -> bool:
        """Tell whether a pointer may lead to a variable."""
        return variable.key in self.address_taken or variable.key in self.public

    @property
    def has_main(self) -> bool:
        """Whether the program starts in this file."""
        return any(function.name == "main" for function in self.functions)
