"""Regular expressions whose cost nobody can drive up.

Callers send the pattern of `$regex`, and Python's own engine can be made to run
for hours by a short one. Here a pattern becomes a set of states that all advance
together, once for each character: no backtracking.

pattern → `syntax.parse` → tree → `_Program` → `Regex.search`
"""

from dataclasses import dataclass, field
from typing import Any

from agave_local.errors import BadRequest
from agave_local.services.meta.syntax import (
    Assertion,
    Characters,
    Either,
    Node,
    Repeat,
    Sequence,
    parse,
)

_MAX_STATES = 500
_MAX_SUBJECT = 20_000
_MAX_CACHE = 10_000
# Steps that one pattern may take in all; about two seconds of work.
_BUDGET = 2_000_000

_States = frozenset[int]


@dataclass
class _State:
    """One instruction: read a character, hold an assertion, or fork."""

    characters: Characters | None = None
    assertion: Assertion | None = None
    forks: list[int] = field(default_factory=list)
    final: bool = False


class _Program:
    """The instructions of a pattern; each goes on to the next, unless it forks."""

    def __init__(self, tree: Node) -> None:
        self.states: list[_State] = []
        self._emit(tree)
        self._add(_State(final=True))

    def _add(self, state: _State) -> int:
        if len(self.states) >= _MAX_STATES:
            raise BadRequest("q: the regular expression is too large.")
        self.states.append(state)
        return len(self.states) - 1

    def _emit(self, node: Node) -> None:
        match node:
            case Characters():
                self._add(_State(characters=node))
            case Assertion():
                self._add(_State(assertion=node))
            case Sequence(parts):
                for part in parts:
                    self._emit(part)
            case Either(choices):
                self._emit_choices(choices)
            case Repeat():
                self._emit_repeat(node)

    def _emit_choices(self, choices: tuple[Node, ...]) -> None:
        fork = self._add(_State())
        exits = []
        for choice in choices:
            self.states[fork].forks.append(len(self.states))
            self._emit(choice)
            exits.append(self._add(_State()))
        for way_out in exits:
            self.states[way_out].forks.append(len(self.states))

    def _emit_repeat(self, node: Repeat) -> None:
        for _ in range(node.low):
            self._emit(node.part)
        if node.high is None:
            fork = self._add(_State())
            self.states[fork].forks.append(len(self.states))
            self._emit(node.part)
            back = self._add(_State(forks=[fork]))
            self.states[fork].forks.append(back + 1)
            return
        forks = []
        for _ in range(node.high - node.low):
            fork = self._add(_State())
            self.states[fork].forks.append(len(self.states))
            forks.append(fork)
            self._emit(node.part)
        for fork in forks:
            self.states[fork].forks.append(len(self.states))


class Regex:
    """A compiled pattern.

    Args:
        pattern: in the common syntax of Perl, without look-around and
            back-references.
        options: Mongo's `i`, `m`, `s`.
        budget: steps that all its searches together may take.

    Raises:
        BadRequest: for a pattern that is malformed, too large or not supported.
    """

    def __init__(self, pattern: str, options: str = "", budget: int = _BUDGET) -> None:
        unknown = set(options) - set("ims")
        if unknown:
            raise BadRequest("q: $options is made of i, m and s.")
        self._multiline = "m" in options
        tree = parse(pattern, ignore_case="i" in options, dot_all="s" in options)
        self._program = _Program(tree).states
        self._has_assertions = any(state.assertion for state in self._program)
        self._closures: dict[tuple[_States, str], _States] = {}
        self._steps: dict[tuple[_States, str], _States] = {}
        self._budget = budget

    def search(self, text: str) -> bool:
        """Tell whether the pattern matches anywhere in a text.

        Only the first 20,000 characters are looked at.

        Raises:
            BadRequest: where the query has taken too many steps.
        """
        text = text[:_MAX_SUBJECT]
        self._spend(len(text))
        last = len(self._program) - 1
        states: _States = frozenset((0,))
        for place in range(len(text) + 1):
            states = self._closure(states, text, place)
            if last in states:
                return True
            if place < len(text):
                states = self._step(states, text[place])
        return False

    def _closure(self, states: _States, text: str, place: int) -> _States:
        holds = self._holding(text, place) if self._has_assertions else ""
        key = (states, holds)
        closure = self._closures.get(key)
        if closure is None:
            closure = self._follow(states, holds)
            self._remember(self._closures, key, closure)
        return closure

    def _holding(self, text: str, place: int) -> str:
        """Return the kinds of assertions that hold at a place."""
        boundary = "b" if _is_boundary(text, place) else "B"
        begin = "^" if self._is_begin(text, place) else ""
        end = "$" if self._is_end(text, place) else ""
        return boundary + begin + end

    def _follow(self, states: _States, holds: str) -> _States:
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
            elif state.assertion is not None and state.assertion.kind in holds:
                waiting.append(number + 1)
        self._spend(len(reached))
        return frozenset(reached)

    def _step(self, states: _States, character: str) -> _States:
        key = (states, character)
        after = self._steps.get(key)
        if after is None:
            self._spend(len(states))
            after = frozenset(
                # a match may begin at any place, so the first state is always in
                [0]
                + [
                    number + 1
                    for number in states
                    if (characters := self._program[number].characters) is not None
                    and characters.has(character)
                ]
            )
            self._remember(self._steps, key, after)
        return after

    def _remember(
        self, cache: dict[Any, _States], key: object, states: _States
    ) -> None:
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
