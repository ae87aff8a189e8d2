"""Reading: from the user's text to the model tree, through libclang.

toolchain  which header folders the installed GCC uses
clang_library  libclang, with the calls its Python binding lacks
types, expressions, statements  cursors to nodes
confinement  what of this machine Clang may see
parsing    Clang's run on one file; compile errors become `SourceError`
unit       one file, and what the user's headers define
linking    the files put together
program    all of it in order
"""

from __future__ import annotations

from ipt.reading.confinement import confined
from ipt.reading.program import read_program, read_programs
from ipt.reading.toolchain import Toolchain, find_toolchain

__all__ = [
    "Toolchain",
    "confined",
    "find_toolchain",
    "read_program",
    "read_programs",
]
