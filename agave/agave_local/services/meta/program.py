"""The instructions that the tree of a regular expression becomes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from agave_local.errors import BadRequest
from agave_local.services.meta.syntax import (
    Assertion,
    Characters,
    Either,
    Look,
    Node,
    Repeat,
    Sequence,
)

_MAX_STATES = 500
# Look-aheads are named by characters that no kind of assertion is.
_FIRST_LOOK = 0xE000
_MAX_CACHE = 10_000

States = frozenset[int]


@dataclass
class State:
    """One instruction: read a character, hold an assertion, or fork.

    Each but the last goes on to the next, unless it forks.
    """

    characters: Characters | None = None
    assertion: str | None = None
    forks: list[int] = field(default_factory=list)
    final: bool = False


class Program:
    """The instructions of a pattern, and those of the look-aheads in it.

    Args:
        tree: of the pattern.
        outer: the program that this one is a look-ahead of.

    Attributes:
        states: the instructions; the last one is the end.
        looks: of the whole pattern, each before those that it is in.

    Raises:
        BadRequest: for a pattern that is too large.
    """

    def __init__(self, tree: Node, outer: "Program | None" = None) -> None:
        self.states: list[State] = []
        self.looks: list[LookAhead] = [] if outer is None else outer.looks
        self._named: dict[int, str] = {} if outer is None else outer._named  # noqa: SLF001 - of the same class
        self._size: list[int] = [0] if outer is None else outer._size  # noqa: SLF001 - of the same class
        self._emit(tree)
        self._add(State(final=True))

    def _add(self, state: State) -> int:
        self._size[0] += 1
        if self._size[0] > _MAX_STATES:
            raise BadRequest("q: the regular expression is too large.")
        self.states.append(state)
        return len(self.states) - 1

    def _emit(self, node: Node) -> None:
        match node:
            case Characters():
                self._add(State(characters=node))
            case Assertion(kind):
                self._add(State(assertion=kind))
            case Look():
                self._add(State(assertion=self._name(node)))
            case Sequence(parts):
                for part in parts:
                    self._emit(part)
            case Either(choices):
                self._emit_choices(choices)
            case Repeat():
                self._emit_repeat(node)

    def _name(self, look: Look) -> str:
        """Return the name of a look-ahead, which a repetition comes by often."""
        name = self._named.get(id(look))
        if name is None:
            inner = Program(look.ahead, self)
            name = chr(_FIRST_LOOK + len(self.looks))
            self.looks.append(LookAhead(inner.states, name, negated=look.negated))
            self._named[id(look)] = name
        return name

    def _emit_choices(self, choices: tuple[Node, ...]) -> None:
        fork = self._add(State())
        exits = []
        for choice in choices:
            self.states[fork].forks.append(len(self.states))
            self._emit(choice)
            exits.append(self._add(State()))
        for way_out in exits:
            self.states[way_out].forks.append(len(self.states))

    def _emit_repeat(self, node: Repeat) -> None:
        for _ in range(node.low):
            self._emit(node.part)
        if node.high is None:
            fork = self._add(State())
            self.states[fork].forks.append(len(self.states))
            self._emit(node.part)
            back = self._add(State(forks=[fork]))
            self.states[fork].forks.append(back + 1)
            return
        forks = []
        for _ in range(node.high - node.low):
            fork = self._add(State())
            self.states[fork].forks.append(len(self.states))
            forks.append(fork)
            self._emit(node.part)
        for fork in forks:
            self.states[fork].forks.append(len(self.states))


class LookAhead:
    """A look-ahead, decided for all places of a text in one walk from its end.

    Args:
        states: its instructions.
        name: of the assertion that it is.
        negated: whether it holds where its pattern does not match.
    """

    def __init__(self, states: list[State], name: str, *, negated: bool) -> None:
        self.name = name
        self._states = states
        self._negated = negated
        self._before: list[list[int]] = [[] for _ in states]
        for number, state in enumerate(states):
            for target in state.forks:
                self._before[target].append(number)
        self._cache: dict[tuple[States, str, str], States] = {}

    def places(
        self, text: str, holding: list[str], spend: Callable[[int], None]
    ) -> list[bool]:
        """Tell of each place of a text, its end included, whether it holds there.

        Args:
            text: to look at.
            holding: the assertions that hold at each place.
            spend: is told of each step.
        """
        found = [False] * (len(text) + 1)
        matching: States = frozenset()
        for place in range(len(text), -1, -1):
            sign = text[place : place + 1]
            key = (matching, sign, holding[place])
            known = self._cache.get(key)
            if known is None:
                known = self._step(*key)
                spend(len(known))
                if len(self._cache) >= _MAX_CACHE:
                    self._cache.clear()
                self._cache[key] = known
            matching = known
            found[place] = (0 in matching) is not self._negated
        return found

    def _step(self, after: States, sign: str, holds: str) -> States:
        """Return the instructions from which the pattern matches at a place.

        Args:
            after: those from which it matches one character further on.
            sign: the character; empty at the end of the text.
            holds: the assertions that hold here.
        """
        waiting = [
            number
            for number, state in enumerate(self._states)
            if state.final
            or (
                state.characters is not None
                and number + 1 in after
                and sign != ""
                and state.characters.has(sign)
            )
        ]
        reached: set[int] = set()
        while waiting:
            number = waiting.pop()
            if number in reached:
                continue
            reached.add(number)
            waiting.extend(self._before[number])
            assertion = self._states[number - 1].assertion if number else None
            if assertion is not None and assertion in holds:
                waiting.append(number - 1)
        return frozenset(reached)
