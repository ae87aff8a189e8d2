"""Numbered statements, and answers that name them by their lines.

statements  what begins on each line of a function, as a listing
lines       the grammar of a line answer: `12`, `12-20`, `12,14-16`, `none`
selection   from the lines of an answer to whole statements of one block
"""

from __future__ import annotations

from ipt.listing.lines import LineError, LineRange, read_lines
from ipt.listing.selection import Selection, select, spelled
from ipt.listing.statements import ListedLine, listed_lines, listing_of, print_listing

__all__ = [
    "LineError",
    "LineRange",
    "ListedLine",
    "Selection",
    "listed_lines",
    "listing_of",
    "print_listing",
    "read_lines",
    "select",
    "spelled",
]
