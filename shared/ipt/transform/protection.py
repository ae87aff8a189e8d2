"""Directives around statements that not all threads may run at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.protection import ProtectionKind
from ipt.transform.lines import lines_of

if TYPE_CHECKING:
    from ipt.analysis.protection import Protection
    from ipt.source import Edit

__all__ = ["protection_edits"]


def protection_edits(protection: Protection) -> list[Edit]:
    """Return the edits that put statements under a directive.

    Before::

        if (a[i] > 0) count++;

    After::

        if (a[i] > 0)
          #pragma omp atomic update
          count++;

    Several statements get braces around them.  Text of the user's is never
    changed; a line is broken where the directive must begin one.

    Raises:
        TransformRefused: They come from a macro, or a line of the preprocessor
            stands in the way.
    """
    lines = lines_of(protection.statements)
    directive = f"#pragma omp {protection.kind.value}"
    if protection.kind is ProtectionKind.CRITICAL and protection.name:
        directive += f" ({protection.name})"
    if len(protection.statements) == 1:
        return [lines.before([directive])]
    return [lines.before([directive, "{"], order=1), lines.behind(["}"], order=-1)]
