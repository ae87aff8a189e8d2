"""How often callers may call, and how many may wait."""

from contextlib import ExitStack

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from agave_local.call import Answer, Auth, Route
from agave_local.entrance.admission import Admission, Places
from agave_local.entrance.limits import Limiter, Limits, Rate, network
from agave_local.entrance.metrics import Metrics
from agave_local.errors import TooMany

LIMITS = Limits(
    user=Rate(10, 4), anonymous=Rate(1, 3), nonce=Rate(1, 2), sign_in=Rate(0.5, 1)
)
TENANT = "LOCAL"


class Seconds:
    """A time that only the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture(name="seconds")
def _seconds() -> Seconds:
    return Seconds()


@pytest.fixture(name="limiter")
def _limiter(seconds: Seconds) -> Limiter:
    return Limiter(LIMITS, seconds)


def _request(token: str = "", address: str = "192.0.2.1", path: str = "/") -> Request:
    headers = [("Authorization", f"Bearer {token}")] if token else []
    environ = EnvironBuilder(path, headers=headers).get_environ()
    environ["REMOTE_ADDR"] = address
    return Request(environ)


def _count(limiter: Limiter, request: Request, *, signs_in: bool = False) -> int:
    """Return how many calls in a row are let in."""
    for number in range(100):
        try:
            limiter.admit(request, TENANT, None, signs_in=signs_in)
        except TooMany:
            return number
    return 100


def test_burst_and_rate(limiter: Limiter, seconds: Seconds) -> None:
    """An address may call so often at once, and then at its rate."""
    assert _count(limiter, _request()) == 3
    seconds.now += 2
    assert _count(limiter, _request()) == 2
    seconds.now += 1000
    assert _count(limiter, _request()) == 3


def test_when_to_come_again(limiter: Limiter, seconds: Seconds) -> None:
    """A refusal says after how many whole seconds there will be room."""
    sign_in = _request(path="/token")
    limiter.admit(sign_in, TENANT, None, signs_in=True)
    seconds.now += 0.5

    with pytest.raises(TooMany) as refusal:
        limiter.admit(sign_in, TENANT, None, signs_in=True)

    assert refusal.value.retry_after == 2


def test_addresses_are_apart(limiter: Limiter) -> None:
    """What one address calls is not another's business; an IPv6 network is one."""
    assert _count(limiter, _request(address="192.0.2.1")) == 3
    assert _count(limiter, _request(address="192.0.2.2")) == 3
    assert _count(limiter, _request(address="2001:db8::1")) == 3
    assert _count(limiter, _request(address="2001:db8::2")) == 0
    assert _count(limiter, _request(address="2001:db8:0:1::2")) == 3


def test_known_tokens_have_their_own(limiter: Limiter) -> None:
    """A user whose token was good is not held up by strangers at the same address."""
    anna, again = _request("anna's"), _request("anna's other")
    for request in (anna, again):
        limiter.admit(request, TENANT, None, signs_in=False)
        limiter.remember(request, TENANT, "anna")
    assert _count(limiter, _request()) == 1

    assert _count(limiter, anna) == 4
    assert _count(limiter, again) == 0


def test_guessed_tokens_are_strangers(limiter: Limiter) -> None:
    """Whoever makes up a token for each call is counted by address."""
    let_in = 0
    for number in range(10):
        request = _request(f"guess {number}")
        let_in += _count(limiter, request) > 0
        limiter.remember(request, TENANT, None)

    assert let_in == 1


def test_a_token_that_is_no_longer_good(limiter: Limiter) -> None:
    """A revoked token goes back to its address."""
    request = _request("anna's")
    limiter.remember(request, TENANT, "anna")
    assert _count(limiter, request) == 4

    limiter.remember(request, TENANT, None)

    assert _count(limiter, request) == 3


def test_a_token_is_good_at_its_tenant_only(limiter: Limiter) -> None:
    """What one tenant knows of a token says nothing at another."""
    request = _request("anna's")
    limiter.remember(request, "OTHER", "anna")

    assert _count(limiter, request) == 3


def test_the_gateways_word(limiter: Limiter) -> None:
    """A user named by the gateway has a bucket of their own, without a token."""
    for _ in range(4):
        limiter.admit(_request(), TENANT, "anna", signs_in=False)
    with pytest.raises(TooMany):
        limiter.admit(_request(), TENANT, "anna", signs_in=False)

    assert _count(limiter, _request()) == 3


def test_ways_in_are_apart(limiter: Limiter) -> None:
    """A flood through a public nonce keeps nobody from signing in or looking on."""
    nonce = _request(path="/actors/a/messages?x-nonce=LOCAL_1")

    assert _count(limiter, nonce) == 2
    assert _count(limiter, _request(), signs_in=True) == 1
    assert _count(limiter, _request()) == 3


def test_a_nonce_beside_a_token(limiter: Limiter) -> None:
    """A made-up nonce gives nobody further calls."""
    assert _count(limiter, _request()) == 3

    assert _count(limiter, _request("guess", path="/?x-nonce=1")) == 0


def test_strangers_are_forgotten(limiter: Limiter) -> None:
    """The memory for addresses has an end; the ones in use stay."""
    known = _request("anna's")
    limiter.remember(known, TENANT, "anna")
    assert _count(limiter, known) == 4
    for number in range(20_100):
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        limiter.admit(_request(address=address), TENANT, None, signs_in=False)
        if number % 1000 == 0:
            assert _count(limiter, known) == 0

    assert _count(limiter, _request(address="10.0.0.1")) == 3


def test_network_of_a_mapped_address() -> None:
    """A socket for both versions shows IPv4 addresses as IPv6; they stay apart."""
    assert network("::ffff:192.0.2.1") == network("192.0.2.1") == "192.0.2.1"
    assert network("2001:db8::1") == network("2001:db8::2") == "2001:db8::/64"


def test_network_of_what_is_no_address() -> None:
    """A socket without an address, as in process, is one caller."""
    assert network("") == ""
    assert network("local") == "local"


def _route(operation: str = "meta.list", auth: Auth = Auth.TOKEN) -> Route:
    return Route("GET", "/x", lambda _: Answer(), operation, auth)


def test_admission_counts_refusals(seconds: Seconds) -> None:
    """Who is turned away is counted, by the reason alone."""
    metrics = Metrics()
    admission = Admission(metrics, Limiter(LIMITS, seconds))
    route = _route("oauth.token", Auth.OWN)

    with admission.admitted(_request(), route, TENANT, None):
        pass
    with (
        pytest.raises(TooMany),
        admission.admitted(_request(), route, TENANT, None),
    ):
        pass

    assert b'agave_local_refused_total{reason="rate"} 1.0' in metrics.render()


def test_passwords_are_sign_ins(seconds: Seconds) -> None:
    """A call with name and password is counted with those who sign in."""
    admission = Admission(Metrics(), Limiter(LIMITS, seconds))
    route = _route("clients.list", Auth.BASIC)

    with admission.admitted(_request(), route, TENANT, None):
        pass
    with (
        pytest.raises(TooMany),
        admission.admitted(_request(), route, TENANT, None),
    ):
        pass
    with admission.admitted(_request(), _route(), TENANT, None):
        pass


def test_who_watches_is_let_in(seconds: Seconds) -> None:
    """Asking whether the tenant is well is no call that counts."""
    admission = Admission(Metrics(), Limiter(LIMITS, seconds))

    for _ in range(100):
        with admission.admitted(_request(), _route("local.health"), TENANT, None):
            pass


def test_open_door() -> None:
    """Without limits everybody comes in, as often as they like."""
    admission = Admission(Metrics())
    request = _request(path="/?_abaco_synchronous=true")

    with ExitStack() as held:
        for _ in range(1000):
            held.enter_context(admission.admitted(request, _route(), TENANT, None))
    admission.remember(request, TENANT, "anna")


def test_strangers_leave_places_free() -> None:
    """Those who wait by nonce never have all places; a place is given back."""
    admission = Admission(metrics := Metrics(), None, Places(3, 1))
    nonce = _request(path="/?_abaco_synchronous=true&x-nonce=1")
    user = _request("anna's", path="/?_abaco_synchronous=true")
    route = _route()

    with ExitStack() as held:
        held.enter_context(admission.admitted(nonce, route, TENANT, None))
        with pytest.raises(TooMany):
            held.enter_context(admission.admitted(nonce, route, TENANT, None))
        held.enter_context(admission.admitted(user, route, TENANT, None))
        held.enter_context(admission.admitted(nonce, route, TENANT, "by gateway"))
        with pytest.raises(TooMany, match="Too many synchronous messages"):
            held.enter_context(admission.admitted(user, route, TENANT, None))
        held.enter_context(admission.admitted(_request(), route, TENANT, None))

    with admission.admitted(nonce, route, TENANT, None):
        pass
    assert b'refused_total{reason="synchronous"} 2.0' in metrics.render()
