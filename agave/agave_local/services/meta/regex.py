"""Regular expressions whose cost nobody can drive up.

Callers send the pattern of `$regex`, and Python's own engine can be made to run
for hours by a short one. Here a pattern becomes a set of states that all advance
together, once for each character: no backtracking.

pattern → `syntax.parse` → tree → `program.Program` → `Regex.search`
"""

from typing import Any

from agave_local.errors import BadRequest
from agave_local.services.meta.program import Program, States
from agave_local.services.meta.syntax import parse

_MAX_SUBJECT = 20_000
_MAX_CACHE = 10_000
# Steps that one pattern may take in all; about two seconds of work.
_BUDGET = 2_000_000


class Regex:
    """A compiled pattern.

    Args:
        pattern: in the common syntax of Perl, without look-behind and
            back-references.
        options: Mongo's `i`, `m`, `s`.
        budget: steps that all its searches together may take.
        whole: whether a text must match from its beginning to its end.

    Raises:
        BadRequest: for a pattern that is malformed, too large or not supported.
    """

    def __init__(
        self,
        pattern: str,
        options: str = "",
        budget: int = _BUDGET,
        *,
        whole: bool = False,
    ) -> None:
        unknown = set(options) - set("ims")
        if unknown:
            raise BadRequest("q: $options is made of i, m and s.")
        self._multiline = "m" in options
        tree = parse(pattern, ignore_case="i" in options, dot_all="s" in options)
        program = Program(tree)
        self._program, self._looks = program.states, program.looks
        self._has_assertions = any(state.assertion for state in self._program)
        self._closures: dict[tuple[States, str], States] = {}
        self._steps: dict[tuple[States, str], States] = {}
        self._budget = budget
        self._whole = whole

    @property
    def left(self) -> int:
        """How many steps it may still take."""
        return self._budget

    def search(self, text: str) -> bool:
        """Tell whether the pattern matches anywhere in a text, or all of it.

        Only the first 20,000 characters are looked at.

        Raises:
            BadRequest: where the query has taken too many steps.
        """
        text = text[:_MAX_SUBJECT]
        self._spend(len(text))
        last = len(self._program) - 1
        states: States = frozenset((0,))
        ahead = self._ahead(text) if self._looks else None
        for place in range(len(text) + 1):
            holds = self._holding(text, place) if ahead is None else ahead[place]
            states = self._closure(states, holds)
            if last in states and (not self._whole or place == len(text)):
                return True
            if place < len(text):
                states = self._step(states, text[place])
        return False

    def _ahead(self, text: str) -> list[str]:
        """Return what holds at each place of a text, look-aheads included."""
        holding = [self._holding(text, place) for place in range(len(text) + 1)]
        for look in self._looks:
            self._spend(len(text))
            places = look.places(text, holding, self._spend)
            for place, holds in enumerate(places):
                if holds:
                    holding[place] += look.name
        return holding

    def _holding(self, text: str, place: int) -> str:
        """Return the kinds of assertions that hold at a place."""
        if not self._has_assertions:
            return ""
        boundary = "b" if _is_boundary(text, place) else "B"
        begin = "^" if self._is_begin(text, place) else ""
        end = "$" if self._is_end(text, place) else ""
        return boundary + begin + end

    def _closure(self, states: States, holds: str) -> States:
        key = (states, holds)
        closure = self._closures.get(key)
        if closure is None:
            closure = self._follow(states, holds)
            self._remember(self._closures, key, closure)
        return closure

    def _follow(self, states: States, holds: str) -> States:
        reached: set[int] = set()
        waiting = list(states)
        while waiting:
            number = waiting.pop()
            if number in reached:
                continue
            reached.add(number)
            state = self._program[number]
            if state.forks:
                waiting.extend(state.forks)
            elif state.assertion is not None and state.assertion in holds:
                waiting.append(number + 1)
        self._spend(len(reached))
        return frozenset(reached)

    def _step(self, states: States, character: str) -> States:
        key = (states, character)
        after = self._steps.get(key)
        if after is None:
            self._spend(len(states))
            after = frozenset(
                # a match may begin at any place, so the first state is always in
                [0] * (not self._whole)
                + [
                    number + 1
                    for number in states
                    if (characters := self._program[number].characters) is not None
                    and characters.has(character)
                ]
            )
            self._remember(self._steps, key, after)
        return after

    def _remember(self, cache: dict[Any, States], key: object, states: States) -> None:
        if len(cache) >= _MAX_CACHE:
            cache.clear()
        cache[key] = states

    def _spend(self, steps: int) -> None:
        self._budget -= steps
        if self._budget < 0:
            raise BadRequest("q: the regular expression takes too long.")

    def _is_begin(self, text: str, place: int) -> bool:
        return place == 0 or (self._multiline and text[place - 1] == "\n")

    def _is_end(self, text: str, place: int) -> bool:
        if place == len(text):
            return True
        at_newline = text[place] == "\n"
        return at_newline and (self._multiline or place == len(text) - 1)


def _is_boundary(text: str, place: int) -> bool:
    before = place > 0 and _is_word(text[place - 1])
    after = place < len(text) and _is_word(text[place])
    return before != after


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
