"""Claims under every order of events that a bad day may bring.

Several actors run in threads of which one moves at a time.  Each call of the platform
is cut into steps (it is asked, it is done, the answer comes), and between any two steps
anybody else may move, time may pass, an answer may be lost, a write may come late or
twice, and an actor may die.
"""

import functools
import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from iptweb.agave import MetadataItem
from iptweb.errors import AgaveRefused, AgaveUnavailable, LaunchUnderWay, UpstreamError
from iptweb.terminals.claims import Claims
from iptweb.testing import FakeAgave, FakeTenant

NAME = "ada-test-IPT"
MOST_STEPS = 3000


class Died(BaseException):
    """An actor was killed; it does nothing more, not even tidy up."""


class World:
    """The platform, the time, and who moves next.

    Attributes:
        now: The true time.
        documents: Those that everybody sees, by uuid.
        late: Writes that are still on their way.
        holding: Until when each holder may hold, in true time.
        held: How often anybody held.
    """

    def __init__(self, seed: int, trouble: float) -> None:
        self.random = random.Random(seed)  # noqa: S311 - an order of events
        self.trouble = trouble
        self.now = 1000.0
        self.numbers = 0
        self.documents: dict[str, MetadataItem] = {}
        self.late: list[Callable[[], object]] = []
        self.holding: dict[Actor, float] = {}
        self.held = 0
        self.moved = threading.Semaphore(0)
        self.actors: list[Actor] = []

    def run(self, actors: list["Actor"]) -> None:
        """Let actors move, in an order of the seed's, until all have ended."""
        self.actors = actors
        for actor in actors:
            actor.start()
            self.moved.acquire()
        for _ in range(MOST_STEPS):
            going = [actor for actor in actors if not actor.has_ended]
            if not going:
                break
            self.move(going)
        for actor in actors:
            actor.may_die = actor.must_die = True
            while not actor.has_ended:
                actor.move()
            actor.join()
        if failures := [actor.failure for actor in actors if actor.failure]:
            raise failures[0]

    def move(self, going: list["Actor"]) -> None:
        """Let one of them move, or something happen by itself."""
        self.now += 0.002
        if self.late and self.random.random() < 0.2:
            self.late.pop(self.random.randrange(len(self.late)))()
        if self.random.random() < self.trouble / 20:
            self.pass_time()
        awake = [actor for actor in going if actor.wakes <= self.now]
        if awake:
            self.random.choice(awake).move()
        else:
            self.now = min(actor.wakes for actor in going)

    def pass_time(self) -> None:
        """Let some time pass, or go to about where a claim expires."""
        ends = [item.value["expires"] - self.now for item in self.documents.values()]
        near = [end + self.random.uniform(-6, 8) for end in ends]
        self.now += max(0.0, self.random.choice([1.0, 20.0, *near]))

    def happens(self) -> bool:
        """Return whether something goes wrong now."""
        return self.random.random() < self.trouble


class Actor(threading.Thread):
    """Somebody who wants to hold the name once; also their view of the platform."""

    def __init__(self, world: World, number: int) -> None:
        super().__init__(daemon=True)
        self.world = world
        self.number = number
        self.skew = world.random.uniform(-2, 2)
        self.wakes = 0.0
        self.may_die = world.trouble > 0
        self.must_die = False
        self.has_ended = False
        self.failure: BaseException | None = None
        self.outcome = ""
        self._turn = threading.Semaphore(0)
        self._ids = iter(range(1000))

    def move(self) -> None:
        """Go on to the next point; called by the world."""
        self._turn.release()
        self.world.moved.acquire()

    def run(self) -> None:
        """Hold the name once."""
        try:
            self.point()
            self.work()
            self.outcome = "done"
        except (LaunchUnderWay, UpstreamError, Died) as error:
            self.outcome = type(error).__name__
        except BaseException as error:  # noqa: BLE001 - raised in the test
            self.failure = error
        finally:
            self.has_ended = True
            self.world.moved.release()

    def point(self) -> None:
        """Let others move."""
        self.world.moved.release()
        self._turn.acquire()
        if self.must_die or (self.may_die and self.world.random.random() < 0.005):
            self.must_die = True
            self.world.holding.pop(self, None)
            raise Died

    def work(self) -> None:
        """Hold the name, and look whether anybody else does."""
        claims = Claims(
            self,  # type: ignore[arg-type]
            "ipt",
            "test",
            clock=lambda: self.world.now + self.skew,
            sleep=self.sleep,
            new_id=lambda: f"{self.number}-{next(self._ids)}",
        )
        # Long enough to see others expire.
        with claims.hold(NAME, 500.0) as claim:
            world = self.world
            others = [until for until in world.holding.values() if until > world.now]
            assert not others, "two hold at a time"
            world.holding[self] = claim.expires - self.skew
            world.held += 1
            for _ in range(world.random.randrange(20)):
                self.point()
            del world.holding[self]

    def sleep(self, seconds: float) -> None:
        """Wait until that time has passed for all."""
        self.wakes = self.world.now + seconds
        self.point()
        self.wakes = 0.0

    def find_metadata(
        self, query: Mapping[str, Any], *, limit: int = 100
    ) -> list[MetadataItem]:
        """Return what was there at one moment; the answer may come late or never."""
        del query
        self.point()
        found = list(self.world.documents.values())[:limit]
        self.point()
        if self.world.happens():
            raise AgaveUnavailable("Lost.", service="meta")
        return found

    def add_metadata(self, name: str, value: Mapping[str, Any]) -> MetadataItem:
        """Give a document its time at once, and show it to others afterwards."""
        items = [self.make_item(name, value)]
        if self.world.happens():
            items.append(self.make_item(name, value))
        self.point()
        writes = [
            functools.partial(self.world.documents.__setitem__, item.uuid, item)
            for item in items
        ]
        self.write(*writes)
        return items[-1]

    def delete_metadata(self, uuid: str) -> None:
        """Delete a document."""
        self.point()
        if uuid not in self.world.documents:
            self.point()
            raise AgaveRefused("No.", service="meta", upstream_status=404)
        self.write(functools.partial(self.world.documents.pop, uuid, None))

    def make_item(self, name: str, value: Mapping[str, Any]) -> MetadataItem:
        """Return a new document; its creation time is no finer than a second."""
        self.world.numbers += 1
        uuid = f"{self.world.random.randrange(10**6):06}-{self.world.numbers}"
        return MetadataItem(uuid, "ipt", name, dict(value), f"{int(self.world.now):09}")

    def write(self, *writes: Callable[[], object]) -> None:
        """Do it, or do it later, or never; and answer, or don't."""
        for write in writes:
            if not self.world.happens():
                write()
            elif self.world.random.random() < 0.5:
                self.world.late.append(write)
                raise AgaveUnavailable("Lost.", service="meta")
        self.point()
        if self.world.happens():
            raise AgaveUnavailable("Lost.", service="meta")


@settings(max_examples=150)
@given(
    seed=st.integers(0, 2**32),
    actors=st.integers(2, 6),
    trouble=st.sampled_from([0.02, 0.1, 0.3]),
)
def test_two_never_hold_at_a_time(seed: int, actors: int, trouble: float) -> None:
    """Whatever is lost, late, doubled or dead: nobody else holds what is held."""
    world = World(seed, trouble)

    world.run([Actor(world, number) for number in range(actors)])


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), actors=st.integers(1, 6))
def test_on_a_good_day_everybody_gets_it(seed: int, actors: int) -> None:
    """Without trouble each one holds it once, and nothing is left behind."""
    world = World(seed, trouble=0)
    everybody = [Actor(world, number) for number in range(actors)]

    world.run(everybody)

    assert [actor.outcome for actor in everybody] == ["done"] * actors
    assert world.documents == {}
    assert world.held == actors


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), actors=st.integers(2, 5))
def test_nothing_blocks_for_ever(seed: int, actors: int) -> None:
    """Two minutes after the worst of days the next one gets it at once."""
    world = World(seed, trouble=0.3)
    world.run([Actor(world, number) for number in range(actors)])
    for write in world.late:
        write()
    tenant = FakeTenant()
    tenant.metadata.extend(world.documents.values())
    world.now += 130
    claims = Claims(
        FakeAgave(tenant, tenant.give_token("ipt")),
        "ipt",
        "test",
        clock=lambda: world.now,
        sleep=lambda _seconds: None,
        new_id=lambda: "next",
    )

    with claims.hold(NAME, 0.0):
        pass
    assert tenant.metadata == []
