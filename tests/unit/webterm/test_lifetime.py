"""When a terminal ends by itself, and how it says so before."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webterm.lifetime import Lifetime, describe
from webterm.protocol import EndWarning
from webterm.testing import ManualTimers

HOUR = 3600


@dataclass
class Stage:
    """A lifetime, what it says, and a job that may run."""

    idle_s: int = 0
    max_age_s: int = 0
    busy: bool = False
    warnings: list[tuple[float, str, int]] = field(default_factory=list)
    ends: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.timers = ManualTimers()
        self.lifetime = Lifetime(
            self.timers,
            idle_s=self.idle_s,
            max_age_s=self.max_age_s,
            is_busy=lambda: self.busy,
            on_warning=self._note_warning,
            on_end=lambda reason: self.ends.append((self.timers.now(), reason)),
        )

    def _note_warning(self, warning: EndWarning) -> None:
        self.warnings.append((self.timers.now(), *warning))


def test_unused_terminal_is_warned_twice_and_ends() -> None:
    """Nobody uses it: words at 900 and 120 seconds, then the end, once."""
    stage = Stage(idle_s=HOUR)
    stage.timers.move(3 * HOUR)

    assert stage.warnings == [(2700, "idle", 900), (3480, "idle", 120)]
    assert stage.ends == [(3600, "idle")]
    assert stage.timers.waiting == 0


def test_use_puts_the_end_off() -> None:
    """What is used every half hour lives on, and nobody is warned."""
    stage = Stage(idle_s=HOUR)
    for _ in range(10):
        stage.timers.move(HOUR / 2)
        stage.lifetime.touch()

    assert (stage.warnings, stage.ends) == ([], [])


def test_use_calls_a_warning_off() -> None:
    """Whoever was warned is told at once that there is no end any more."""
    stage = Stage(idle_s=HOUR)
    stage.timers.move(3500)
    stage.lifetime.touch()
    stage.lifetime.touch()
    stage.timers.move(2600)

    assert [when for when, _, _ in stage.warnings] == [2700, 3480, 3500]
    assert stage.lifetime.warning == ("", 0)
    assert stage.ends == []


def test_job_in_the_foreground_is_use() -> None:
    """A long computation that prints nothing keeps its terminal."""
    stage = Stage(idle_s=HOUR, busy=True)
    stage.timers.move(10 * HOUR)
    running = len(stage.ends)
    stage.busy = False
    stage.timers.move(HOUR + 30)

    assert running == 0
    assert [reason for _, reason in stage.ends] == ["idle"]
    assert stage.ends[0][0] >= 11 * HOUR - 30


def test_idle_terminal_is_looked_at_rarely() -> None:
    """Fifty terminals that idle cost next to nothing: two looks a minute each."""
    stage = Stage(idle_s=4 * HOUR)
    stage.timers.move(HOUR)

    assert stage.timers.waiting == 1
    assert stage.timers.begun <= 2 * 60 + 1


def test_old_terminal_ends_whatever_it_does() -> None:
    """At its greatest age it ends, used or not, and says so before."""
    stage = Stage(idle_s=HOUR, max_age_s=2 * HOUR, busy=True)
    stage.timers.move(7000)
    stage.lifetime.touch()
    stage.timers.move(1000)

    assert stage.warnings == [(6300, "age", 900), (7080, "age", 120)]
    assert stage.ends == [(7200, "age")]


def test_age_is_told_when_idleness_is_called_off() -> None:
    """Use puts off the one end, and what is left is the other one's warning."""
    stage = Stage(idle_s=1000, max_age_s=1200)
    stage.timers.move(950)
    stage.lifetime.touch()

    assert stage.warnings[-1] == (950, "age", 250)


def test_without_limits_nothing_happens() -> None:
    """Zero means never, and costs no timer."""
    stage = Stage()
    stage.timers.move(1000 * HOUR)
    stage.lifetime.touch()

    assert (stage.warnings, stage.ends, stage.timers.waiting) == ([], [], 0)


@pytest.mark.parametrize(
    ("limit", "points"), [(1000, [900, 120]), (600, [120]), (60, [30]), (1, [1])]
)
def test_short_limits_have_warnings_that_fit(limit: int, points: list[int]) -> None:
    """A warning is never longer than the limit itself."""
    stage = Stage(idle_s=limit)
    stage.timers.move(limit)

    assert [seconds for _, _, seconds in stage.warnings] == points
    assert stage.ends == [(limit, "idle")]


def test_who_comes_late_is_told_what_is_left() -> None:
    """The warning that stands counts down."""
    stage = Stage(idle_s=HOUR)
    before = stage.lifetime.warning
    stage.timers.move(2800)

    assert before == ("", 0)
    assert stage.lifetime.warning == ("idle", 800)


def test_stopped_lifetime_says_nothing_more() -> None:
    """A terminal that ended is not ended again."""
    stage = Stage(idle_s=HOUR)
    stage.timers.move(2800)
    stage.lifetime.stop()
    stage.lifetime.touch()
    stage.timers.move(HOUR)

    assert (len(stage.warnings), stage.ends) == (1, [])


@pytest.mark.parametrize(
    ("reason", "seconds", "text"),
    [
        ("idle", 900, "ends in 15 minutes, because nobody uses it. Press Enter"),
        ("idle", 61, "ends in 2 minutes, because"),
        ("age", 30, "ends in 30 seconds, because of its age. Save your work.]"),
    ],
)
def test_line_for_the_terminal_is_for_people(
    reason: str, seconds: int, text: str
) -> None:
    """The line says when, why, and what to do."""
    assert text in describe(EndWarning(reason, seconds))


USES = st.lists(
    st.tuples(st.floats(0.1, 700), st.sampled_from(["touch", "job", "rest", "pass"]))
)


@given(st.integers(1, 2000), st.integers(1, 2000), USES)
def test_limits_hold_whatever_is_done(
    idle_s: int, max_age_s: int, uses: list[tuple[float, str]]
) -> None:
    """Nobody lives longer than the age, nor ends idle sooner than unused so long."""
    stage = Stage(idle_s=idle_s, max_age_s=max_age_s)
    used = 0.0
    for seconds, what in uses:
        if stage.busy:
            used = stage.timers.now()
        stage.timers.move(seconds)
        if stage.ends:
            break
        if what == "touch":
            stage.lifetime.touch()
            used = stage.timers.now()
        elif what in {"job", "rest"}:
            stage.busy = what == "job"
    stage.busy = False
    stage.timers.move(idle_s + max_age_s)

    assert len(stage.ends) == 1
    ended, reason = stage.ends[0]
    assert ended <= max_age_s
    if reason == "idle":
        assert ended >= used + idle_s
    # It was told of before, and of nothing else after that.
    assert stage.warnings[-1][1] == reason
    assert stage.warnings[-1][0] < ended


@pytest.mark.parametrize("idle_s", [0, HOUR])
def test_seconds_since_the_last_use(idle_s: int) -> None:
    """Whether there is a limit or none, it is known when the terminal was used."""
    stage = Stage(idle_s=idle_s)
    stage.timers.move(100)
    assert stage.lifetime.idle == 100

    stage.lifetime.touch()
    stage.timers.move(7)
    assert stage.lifetime.idle == 7
    stage.busy = True

    assert stage.lifetime.idle == 0
