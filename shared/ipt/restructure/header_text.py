"""Writes the header of a loop anew: another first value, another bound."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.model import Cast, Literal, VarRef, strip_casts
from ipt.restructure.layout import plain_text

if TYPE_CHECKING:
    from ipt.model import Expression
    from ipt.restructure.study import Study

__all__ = ["HeaderText", "operand_text", "read_header", "shifted"]

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class HeaderText:
    """The parts of a header as text.

    Attributes:
        setting: What stands in front of the first value: `int i = ` or `i = `.
        counter: The counter's name.
        lower: The first value.
        op: The comparison, with the counter on its left.
        bound: What the counter is compared with.
        step: The third part.
    """

    setting: str
    counter: str
    lower: str
    op: str
    bound: str
    step: str

    def head(self, lower: str = "", bound: str = "", op: str = "") -> str:
        """Return `for (…)` with another first value, bound or comparison."""
        test = f"{self.counter} {op or self.op} {bound or self.bound}"
        return f"for ({self.setting}{lower or self.lower}; {test}; {self.step})"


def read_header(study: Study) -> HeaderText | None:
    """Return the parts of a header, None if they cannot be told apart.

    They cannot where a macro stands for more than a value.
    """
    counted, text = study.counted, study.text
    name = counted.counter.name
    lower, bound = counted.lower.span.text, counted.bound.span.text
    init = text.init.text.strip()
    if not init.endswith(lower) or not re.search(r"=\s*\Z", init[: -len(lower)]):
        return None
    sides = [each.span.text for each in (counted.test.left, counted.test.right)]
    if "".join(text.test.text.split()) != "".join(
        f"{sides[0]}{counted.test.op}{sides[1]}".split()
    ):
        return None
    if sorted(sides) != sorted((name, bound)):
        return None
    setting = " ".join(init[: -len(lower)].split()) + " "
    step = text.step.text.strip()
    return HeaderText(
        setting,
        name,
        operand_text(counted.lower),
        counted.op,
        operand_text(counted.bound),
        step,
    )


def operand_text(node: Expression) -> str:
    """Return the text of an expression so that an operator can stand beside it."""
    text = plain_text(node.span)
    bare = strip_casts(node)
    is_cast = isinstance(node, Cast) and node.span != bare.span
    is_word = isinstance(bare, VarRef | Literal) and not is_cast
    return text if is_word and _WORD.fullmatch(text) else f"({text})"


def shifted(node: Expression, text: str, amount: int) -> str:
    """Return the text of an expression plus a number.

    Args:
        node: The expression.
        text: Its text, as of `operand_text`.
        amount: What to add.
    """
    if amount == 0:
        return text
    value = constant_value(node)
    if value is not None and re.fullmatch(r"\d+", text):
        return str(value + amount)
    return f"{text} {'+' if amount > 0 else '-'} {abs(amount)}"
