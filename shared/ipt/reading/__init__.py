"""Reading: from the user's text to the model tree, through libclang.

toolchain  which header folders the installed GCC uses
clang_library  libclang, with the calls its Python binding lacks
types, expressions, statements  cursors to nodes
program    the whole file; the compile errors become `SourceError`
"""

from __future__ import annotations

from ipt.reading.program import read_program
from ipt.reading.toolchain import Toolchain, find_toolchain

__all__ = ["Toolchain", "find_toolchain", "read_program"]
