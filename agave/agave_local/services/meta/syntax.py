"""The syntax of regular expressions, read into a tree."""

import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from agave_local.errors import BadRequest

_MAX_PATTERN = 300
_MAX_DEPTH = 20
_MAX_REPEAT = 100
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
# Characters by their numbers, and how many digits these have.
_CODES = {"x": 2, "u": 4}
_CLASSES: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "w": lambda c: c.isalnum() or c == "_",
    "s": str.isspace,
}


@dataclass(frozen=True)
class Characters:
    """One character out of a set.

    Attributes:
        tests: that say whether a character is in the set.
        negated: whether the set is what the tests refuse.
        ignore_case: whether the other case counts too.
    """

    tests: tuple[Callable[[str], bool], ...]
    negated: bool = False
    ignore_case: bool = False

    def has(self, character: str) -> bool:
        """Tell whether a character is in the set."""
        cases = [character]
        if self.ignore_case:
            cases += [character.lower(), character.upper()]
        found = any(test(case) for test in self.tests for case in cases)
        return found != self.negated


@dataclass(frozen=True)
class Assertion:
    """A condition on a place: `^`, `$`, `b` or `B`."""

    kind: str


@dataclass(frozen=True)
class Look:
    """A condition on what follows a place, which reads nothing of it.

    Attributes:
        ahead: what follows.
        negated: whether it is what must not follow.
    """

    ahead: "Node"
    negated: bool


@dataclass(frozen=True)
class Sequence:
    """One part after the other."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Either:
    """One of several choices."""

    choices: tuple["Node", ...]


@dataclass(frozen=True)
class Repeat:
    """A part several times; `high` is None where there is no end."""

    part: "Node"
    low: int
    high: int | None


Node = Characters | Assertion | Look | Sequence | Either | Repeat


def parse(pattern: str, *, ignore_case: bool = False, dot_all: bool = False) -> Node:
    """Read a pattern.

    Raises:
        BadRequest: for a pattern that is malformed, too long or not supported.
    """
    if len(pattern) > _MAX_PATTERN:
        raise BadRequest(f"q: $regex has at most {_MAX_PATTERN} characters.")
    return _Parser(pattern, ignore_case=ignore_case, dot_all=dot_all).parse()


class _Parser:
    """Reads from left to right, one construct a method."""

    def __init__(self, pattern: str, *, ignore_case: bool, dot_all: bool) -> None:
        self._pattern = pattern
        self._place = 0
        self._depth = 0
        self._ignore_case = ignore_case
        self._dot_all = dot_all

    def parse(self) -> Node:
        node = self._either()
        if self._place < len(self._pattern):
            self._refuse("a closing parenthesis has no opening one")
        return node

    def _either(self) -> Node:
        choices = [self._sequence()]
        while self._take("|"):
            choices.append(self._sequence())
        return choices[0] if len(choices) == 1 else Either(tuple(choices))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _repeated(self, part: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return part
        if isinstance(part, Assertion | Look):
            self._refuse("nothing to repeat")
        # Lazy or not makes no difference to whether there is a match.
        self._take("?")
        if self._peek() in ("*", "+", "?") or self._bounds() is not None:
            self._refuse("a repetition of a repetition")
        return Repeat(part, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        if self._peek() != "{":
            return None
        end = self._pattern.find("}", self._place)
        inside = self._pattern[self._place + 1 : end] if end > 0 else ""
        low, comma, high = inside.partition(",")
        if not (low or high) or not all(_is_number(n) for n in (low, high) if n):
            return None  # a brace that is only a brace
        self._place = end + 1
        least = int(low or 0)
        most = int(high) if high else (None if comma else least)
        if max(least, most or 0) > _MAX_REPEAT:
            self._refuse(f"at most {_MAX_REPEAT} repetitions")
        if most is not None and most < least:
            self._refuse("a repetition ends before it begins")
        return least, most

    def _atom(self) -> Node:  # noqa: RET503 - a refusal does not return
        sign = self._next()
        match sign:
            case "(":
                return self._group()
            case "[":
                return self._set()
            case "\\":
                return self._escape()
            case ".":
                newline = () if self._dot_all else (_is("\n"),)
                return self._characters(newline, negated=True)
            case "^" | "$":
                return Assertion(sign)
            case "*" | "+" | "?":
                self._refuse("nothing to repeat")
            case _:
                return self._characters((_is(sign),))

    def _group(self) -> Node:
        look = ""
        if self._take("?") and not self._take(":"):
            look = self._next()
            if look not in ("=", "!"):
                self._refuse("look-behind, flags and named groups are not supported")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._refuse("the groups are nested too deep")
        node = self._either()
        if not self._take(")"):
            self._refuse("an opening parenthesis has no closing one")
        self._depth -= 1
        return Look(node, look == "!") if look else node

    def _escape(self) -> Node:
        sign = self._next()
        if sign in ("b", "B"):
            return Assertion(sign)
        if sign.lower() in _CLASSES:
            return self._characters((_CLASSES[sign.lower()],), negated=sign.isupper())
        return self._characters((_is(self._escaped(sign)),))

    def _escaped(self, sign: str) -> str:
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign in _CODES:
            return self._code(_CODES[sign])
        if not sign or (sign.isascii() and sign.isalnum()):
            self._refuse(f"\\{sign} is not supported")
        return sign

    def _code(self, digits: int) -> str:
        code = self._pattern[self._place : self._place + digits]
        if len(code) < digits or not all(one in string.hexdigits for one in code):
            self._refuse(f"a character's number has {digits} hexadecimal digits")
        self._place += digits
        return chr(int(code, 16))

    def _set(self) -> Node:
        negated = self._take("^")
        tests: list[Callable[[str], bool]] = []
        while not (self._peek() == "]" and tests):
            tests.append(self._member())
        self._next()
        return self._characters(tuple(tests), negated=negated)

    def _member(self) -> Callable[[str], bool]:
        sign = self._next()
        if not sign:
            self._refuse("a set has no closing bracket")
        if sign == "\\":
            sign = self._next()
            if sign.lower() in _CLASSES:
                test = _CLASSES[sign.lower()]
                return _not(test) if sign.isupper() else test
            sign = self._escaped(sign)
        if self._pattern[self._place + 1 : self._place + 2] in ("", "]"):
            return _is(sign)
        if not self._take("-"):
            return _is(sign)
        last = self._next()
        if last == "\\":
            last = self._escaped(self._next())
        if last < sign:
            self._refuse("a range ends before it begins")
        return _between(sign, last)

    def _characters(
        self, tests: tuple[Callable[[str], bool], ...], *, negated: bool = False
    ) -> Characters:
        return Characters(tests, negated, self._ignore_case)

    def _peek(self) -> str:
        return self._pattern[self._place : self._place + 1]

    def _next(self) -> str:
        sign = self._peek()
        self._place += 1
        return sign

    def _take(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self._place += 1
        return True

    def _refuse(self, why: str) -> NoReturn:
        raise BadRequest(f"q: the regular expression is not right: {why}.")


def _is(character: str) -> Callable[[str], bool]:
    return character.__eq__


def _not(test: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda character: not test(character)


def _between(first: str, last: str) -> Callable[[str], bool]:
    return lambda character: first <= character <= last


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
