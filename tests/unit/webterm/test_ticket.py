"""Tickets and each reason to refuse one."""

import json
import string
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from webterm.issue import issue_ticket, sign_payload
from webterm.launch import BadLaunch
from webterm.testing import ORIGIN, example_launch
from webterm.ticket import OriginRefused, TicketChecker, TicketRefused

KEY = Ed25519PrivateKey.generate()
LAUNCH = example_launch(KEY)
NOW = 1_000_000.0
PAYLOAD: dict[str, object] = {
    "sub": "alice",
    "name": "alice-dev-IPT",
    "launch": "launch-1",
    "origin": "",
    "exp": int(NOW) + 60,
    "jti": "j",
}

Issue = Callable[..., str]


@pytest.fixture(name="checker")
def _checker() -> TicketChecker:
    return TicketChecker(LAUNCH, now=lambda: NOW)


def sign(**changes: object) -> str:
    """Return a correctly signed ticket with some values changed."""
    return sign_payload(KEY, json.dumps(PAYLOAD | changes).encode())


def test_good_ticket_is_taken(checker: TicketChecker) -> None:
    """A fresh ticket of the service opens the terminal it was made for."""
    ticket = checker.check(issue_ticket(KEY, LAUNCH, now=lambda: NOW), None)

    assert (ticket.sub, ticket.name) == ("alice", "alice-dev-IPT")


def test_ticket_of_a_page_is_taken_from_that_page(checker: TicketChecker) -> None:
    """A page's ticket works with the page's own origin."""
    text = issue_ticket(KEY, LAUNCH, origin=ORIGIN, now=lambda: NOW)

    assert checker.check(text, ORIGIN).origin == ORIGIN


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "ticket_missing"),
        ("garbage", "ticket_malformed"),
        ("a.b", "ticket_malformed"),
        ("ä.ö", "ticket_malformed"),
        ("x" * 5000 + ".y", "ticket_malformed"),
        (sign(exp=int(NOW)), "ticket_expired"),
        (sign(exp=int(NOW) + 66), "ticket_too_long"),
        (sign(exp="soon"), "ticket_malformed"),
        (sign(exp=True), "ticket_malformed"),
        (sign(jti=""), "ticket_malformed"),
        (sign(jti=5), "ticket_malformed"),
        (sign(extra=1), "ticket_malformed"),
        (sign(sub="bob"), "ticket_foreign"),
        (sign(name="alice-prod-IPT"), "ticket_foreign"),
        (sign(launch="launch-0"), "ticket_launch"),
        (sign_payload(KEY, b"[]"), "ticket_malformed"),
        (sign_payload(KEY, b"nonsense"), "ticket_malformed"),
        (sign_payload(KEY, b"[" * 2900), "ticket_malformed"),
        (
            sign_payload(Ed25519PrivateKey.generate(), json.dumps(PAYLOAD).encode()),
            "ticket_forged",
        ),
        ("." + sign().partition(".")[2], "ticket_forged"),
        (sign().partition(".")[0] + ".", "ticket_forged"),
    ],
    ids=map(str, range(21)),  # signed by a new key, so no names for parallel runs
)
def test_bad_ticket_is_refused(checker: TicketChecker, text: str, code: str) -> None:
    """Every kind of bad ticket has its own code."""
    with pytest.raises(TicketRefused) as refusal:
        checker.check(text, None)

    assert refusal.value.code == code


def test_used_ticket_is_refused(checker: TicketChecker) -> None:
    """A ticket opens the terminal once."""
    text = sign()
    checker.check(text, None)

    with pytest.raises(TicketRefused) as refusal:
        checker.check(text, None)

    assert refusal.value.code == "ticket_used"


def test_used_tickets_are_forgotten_when_they_are_over() -> None:
    """Remembering used tickets does not need more and more memory."""
    times = iter([NOW, NOW + 61])
    checker = TicketChecker(LAUNCH, now=lambda: next(times))
    first = checker.check(sign(), None)
    second = checker.check(sign(exp=int(NOW) + 100), None)

    assert first.jti == second.jti


@pytest.mark.parametrize(
    ("ticket_origin", "origin"),
    [
        ("", "https://evil.example"),
        (ORIGIN, "https://evil.example"),
        (ORIGIN, "null"),
        ("", ORIGIN),
        (ORIGIN, None),
        ("https://evil.example", "https://evil.example"),
    ],
)
def test_wrong_origin_is_refused(
    checker: TicketChecker, ticket_origin: str, origin: str | None
) -> None:
    """Ticket, page and list of our pages must all agree."""
    with pytest.raises(OriginRefused) as refusal:
        checker.check(sign(origin=ticket_origin), origin)

    assert refusal.value.code == "origin_refused"


@given(st.text(alphabet=string.ascii_letters + string.digits + "-_.=", max_size=200))
def test_hostile_ticket_is_only_ever_refused(text: str) -> None:
    """No text raises anything but a refusal."""
    with pytest.raises(TicketRefused):
        TicketChecker(LAUNCH, now=lambda: NOW).check(text, None)


def test_other_kind_of_key_is_refused() -> None:
    """The server starts with an Ed25519 key or not at all."""
    public = generate_private_key(SECP256R1()).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    with pytest.raises(BadLaunch, match="Ed25519"):
        TicketChecker(example_launch(KEY, ticket_public_key=pem.decode()))
