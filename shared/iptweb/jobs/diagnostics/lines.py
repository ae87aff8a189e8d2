"""Lines of a compiler's output, without colours and other tricks of terminals."""

import re
from typing import Final

__all__ = ["MOST_LINES", "split_lines"]

MOST_LINES: Final = 10_000
# A message of templates has a few thousand characters; more is nobody's sentence.
_LONGEST: Final = 4000
# Colours (CSI), addresses behind file names (OSC 8) and single escapes; each matches
# up to where the next one begins, so that a text is read once.
_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]?|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b."
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def split_lines(text: str) -> tuple[list[str], bool]:
    """Return the first lines of a text, and whether there were more."""
    lines: list[str] = []
    position = 0
    while len(lines) < MOST_LINES:
        end = text.find("\n", position)
        whole = text[position:] if end < 0 else text[position:end]
        lines.append(_clean(whole[: 2 * _LONGEST]))
        if end < 0:
            return lines, False
        position = end + 1
    return lines, position < len(text)


def _clean(line: str) -> str:
    return _CONTROL.sub("", _ESCAPES.sub("", line))[:_LONGEST].expandtabs(1).rstrip()
