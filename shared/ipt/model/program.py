"""A whole program, of one or several files, after reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipt.model.statements import Block, Declarator
    from ipt.model.types import Variable
    from ipt.source import SourceText, Span

__all__ = ["Function", "Program"]


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function that is defined in a file of the program.

    Attributes:
        key: What calls of it carry; only a C++ `inline` function that several
            files define in the same words has one key for all of them.
        span: Its text; `span.source` is its file.
        parameters: Those of the call; `this` is the first one of a method.
        is_static: Whether only its file can call it.
    """

    key: str
    name: str
    span: Span
    parameters: tuple[Variable, ...]
    body: Block
    is_static: bool


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """The files of one program that were given.

    Attributes:
        sources: The texts of the files; the first one is the main file.
        language: `c`, or `c++` if any file is C++.
        functions: Those defined in the files, in source order, file by file.
        warnings: What the compiler front end had to say, ready to print.
        address_taken: Keys of variables that a pointer may refer to.
        function_pointers: Keys of functions used other than by calling them.
        by_key: The functions by their key, those of the user's headers included.
        public: Keys of variables that other files may pass the address of.
        punned: Types between which the program converts pointers; `*` stands
            for any type.
        called: Names of all functions that the files name.
        included: The functions that the user's headers define, and those made
            from templates: followed when they are called, and not offered.
        headers: The texts of the user's headers that define functions.
        is_whole: Whether no other file is needed: `main` is there, and all
            that is used is defined here or belongs to the system.
        globals: The declarations of variables outside of functions.
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
    included: tuple[Function, ...] = ()
    headers: tuple[SourceText, ...] = ()
    is_whole: bool = False
    globals: tuple[Declarator, ...] = ()

    @property
    def source(self) -> SourceText:
        """The main file."""
        return self.sources[0]

    @property
    def bodies(self) -> tuple[Function, ...]:
        """All functions whose text is known."""
        return self.functions + self.included

    def is_reachable(self, variable: Variable) -> bool:
        """Tell whether a pointer may lead to a variable."""
        return variable.key in self.address_taken or variable.key in self.public

    @property
    def has_main(self) -> bool:
        """Whether the program starts in one of the files."""
        return any(function.name == "main" for function in self.functions)
