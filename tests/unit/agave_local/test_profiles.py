"""Accounts, their passwords, and the pause after failures."""

import threading
import time

import pytest

from agave_local.call import ADMIN_ROLE
from agave_local.clock import Ids
from agave_local.errors import BadRequest, Conflict, NotFound, TooMany, Unauthorized
from agave_local.records.store import Store
from agave_local.services.profiles.backoff import Backoff
from agave_local.services.profiles.models import Profiles, read_username
from agave_local.testing import FakeClock


@pytest.fixture(name="profiles")
def _profiles(store: Store, clock: FakeClock) -> Profiles:
    profiles = Profiles(store, clock, Ids(), cost=16)
    profiles.add("anna", "password", roles=[ADMIN_ROLE])
    return profiles


def test_sign_in(profiles: Profiles) -> None:
    """The right password gives the identity, with its roles."""
    who = profiles.sign_in("anna", "password")

    assert who.username == "anna"
    assert who.is_admin
    assert {ADMIN_ROLE, "Internal/everyone"} == profiles.roles("anna") == who.roles


@pytest.mark.parametrize("password", ["", "Password", "password ", "\0", "\ud800"])
def test_wrong_password(profiles: Profiles, password: str) -> None:
    """Anything but the password is refused."""
    with pytest.raises(Unauthorized, match="The user name or the password"):
        profiles.sign_in("anna", password)


@pytest.mark.parametrize("username", ["nobody", "", "anna\0", "Anna", "x" * 10_000])
def test_unknown_user(profiles: Profiles, username: str) -> None:
    """An unknown user is refused in the same words."""
    with pytest.raises(Unauthorized, match="The user name or the password"):
        profiles.sign_in(username, "password")


def test_unknown_user_costs_the_same(store: Store) -> None:
    """A password is hashed for unknown users too, so that time tells nothing."""
    profiles = Profiles(store, FakeClock(), Ids())
    started = time.process_time()

    with pytest.raises(Unauthorized):
        profiles.sign_in("nobody", "password")

    assert time.process_time() - started > 0.01


def test_a_new_password(profiles: Profiles) -> None:
    """After a change the new password is right, and the old one is not."""
    profiles.set_password("anna", "another")

    assert profiles.sign_in("anna", "another").username == "anna"
    with pytest.raises(Unauthorized):
        profiles.sign_in("anna", "password")


@pytest.mark.parametrize("password", ["", "x" * 1025, "a\0b"])
def test_bad_passwords(profiles: Profiles, password: str) -> None:
    """A password that cannot be is refused, for new and for old accounts."""
    with pytest.raises(BadRequest, match="A password has 1 to 1024"):
        profiles.add("bert", password)
    with pytest.raises(BadRequest):
        profiles.set_password("anna", password)


@pytest.mark.parametrize(
    "username", ["", "Anna", "../x", "a..b", ".a", "a/b", "ä", "a b", "x" * 33, "a\n"]
)
def test_bad_user_names(profiles: Profiles, username: str) -> None:
    """A user name is also a folder's name, and has to be one."""
    with pytest.raises(BadRequest, match="A user name has 1 to 32"):
        profiles.add(username, "password")
    with pytest.raises(BadRequest):
        read_username(username)


@pytest.mark.parametrize("username", ["world", "public"])
def test_names_of_everybody(profiles: Profiles, username: str) -> None:
    """Nobody can take the names that mean everybody."""
    with pytest.raises(BadRequest, match="stands for everybody"):
        profiles.add(username, "password")


def test_add_twice(profiles: Profiles) -> None:
    """A second account of one name is refused, and changes nothing."""
    with pytest.raises(Conflict, match="There is an account anna already"):
        profiles.add("anna", "another")

    assert profiles.sign_in("anna", "password").username == "anna"


def test_nobody(profiles: Profiles) -> None:
    """What is asked of an account that is not there is not found."""
    assert profiles.find("nobody") is None
    with pytest.raises(NotFound):
        profiles.identity("nobody")
    with pytest.raises(NotFound):
        profiles.set_password("nobody", "password")


def test_passwords_are_not_kept(profiles: Profiles) -> None:
    """The record holds a salted hash; equal passwords have different ones."""
    profiles.add("bert", "password")

    hashes = {profile["password"] for profile in profiles.all()}
    assert len(hashes) == 2
    assert all(text.startswith("scrypt:16:") for text in hashes)


def _fail(backoff: Backoff, name: str = "anna", address: str = "") -> None:
    with backoff.attempt(name, address):
        pass


def test_pause_doubles(clock: FakeClock) -> None:
    """After five failures the pause is 1 s, then 2 s, 4 s … at most 60 s."""
    backoff = Backoff(clock)
    for _ in range(5):
        _fail(backoff)

    for pause in (1, 2, 4, 8, 16, 32, 60, 60):
        clock.move(pause - 0.5)
        with pytest.raises(TooMany, match="try again in 1 second"):
            _fail(backoff)
        clock.move(0.5)
        _fail(backoff)


def test_success_begins_anew(clock: FakeClock) -> None:
    """A right password forgets the failures before it."""
    backoff = Backoff(clock)
    for _ in range(4):
        _fail(backoff)
    with backoff.attempt("anna") as attempts:
        attempts.succeed()
    for _ in range(4):
        _fail(backoff)

    _fail(backoff)
    with pytest.raises(TooMany):
        _fail(backoff)


def test_names_do_not_disturb_each_other(clock: FakeClock) -> None:
    """Failures of one name are not another's."""
    backoff = Backoff(clock)
    for _ in range(5):
        _fail(backoff)

    _fail(backoff, "bert")


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ("", "192.0.2.1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_addresses(clock: FakeClock, first: str, second: str, *, is_same: bool) -> None:
    """Failures count where they come from; one network of IPv6 is one place."""
    backoff = Backoff(clock)
    for _ in range(5):
        _fail(backoff, address=first)

    refused = False
    try:
        _fail(backoff, address=second)
    except TooMany:
        refused = True

    assert refused is is_same


def test_a_new_password_ends_the_pause(profiles: Profiles) -> None:
    """Who has got a new password does not have to wait."""
    for _ in range(5):
        with pytest.raises(Unauthorized):
            profiles.sign_in("anna", "no")
    with pytest.raises(TooMany):
        profiles.sign_in("anna", "password")

    profiles.set_password("anna", "another")

    assert profiles.sign_in("anna", "another").username == "anna"


def test_many_guesses_at_once(profiles: Profiles) -> None:
    """Guessing in parallel gives no more tries than one by one."""
    refusals: list[type[Exception]] = []

    def guess() -> None:
        try:
            profiles.sign_in("anna", "no")
        except (Unauthorized, TooMany) as error:
            refusals.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (refusals.count(Unauthorized), refusals.count(TooMany)) == (5, 15)


def test_names_are_forgotten(clock: FakeClock) -> None:
    """Trying ever new names does not fill the memory."""
    backoff = Backoff(clock)
    for _ in range(5):
        _fail(backoff, "first")

    for number in range(10_000):
        _fail(backoff, f"n{number}")

    _fail(backoff, "first")
