"""Where a message goes when a job has ended."""

import pytest

from iptweb.errors import BadRequest
from iptweb.jobs.webhook import is_loopback, read_notify, to_notifications, url_of


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://example.org",
        "https://example.org:8443/done?job=1&x=%20#",
        "https://example.org/hooks/${JOB_ID}?s=${JOB_STATUS}&e=${EVENT}&u=${UUID}",
        "https://[2001:db8::1]/x",
    ],
)
def test_good_address(url: str) -> None:
    """An https address is taken as it is, with templates after its host."""
    plain = url.rstrip("#")

    assert read_notify(plain) == plain


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "http://127.0.0.1/",
        "http://localhost/",
        "ftp://example.org/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//example.org/",
        "example.org",
        "somebody@example.org",
        "https://",
        "https:///x",
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://:word@example.org/",
        "https://example.org:port/",
        "https://example.org:99999/",
        "https://[::1/",
        "https://${JOB_ID}.example.org/",
        "https://example.org/${TOKEN}",
        "https://example.org/${}",
        "https://example.org/${JOB_ID",
        "https://example.org/a b",
        "https://example.org/é",
        "https://example.org/x#part",
        "https://exämple.org/",
        'https://example.org/"',
        "https://example.org/\\x",
    ],
)
@pytest.mark.parametrize("local", [False, True])
def test_bad_address(url: str, local: bool) -> None:  # noqa: FBT001 - a parameter
    """What is no https address, or holds more than one, is refused by its field."""
    if local and is_loopback(url):
        return
    with pytest.raises(BadRequest) as caught:
        read_notify(url, local=local)
    assert caught.value.details == {"field": "notify"}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/x", "http://localhost/${JOB_ID}", "http://[::1]:8/"]
)
def test_plain_http_on_one_machine(url: str) -> None:
    """Where the platform is on this machine alone, so may the listener be."""
    assert read_notify(url, local=True) == url
    with pytest.raises(BadRequest, match="begins with https"):
        read_notify(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1:8080", True),
        ("https://localhost", True),
        ("http://[::1]:8080", True),
        ("https://example.org", False),
        ("https://127.0.0.1.example.org", False),
        ("http://0.0.0.0", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_loopback(url: str, *, told: bool) -> None:
    """Only an address of loopback, or its name, is this machine."""
    assert is_loopback(url) is told


def test_every_end_is_told_once() -> None:
    """Agave is told each way that a job can end, and we read the address back."""
    notifications = to_notifications("https://example.org/${JOB_ID}")

    assert [one["event"] for one in notifications] == ["FINISHED", "FAILED", "STOPPED"]
    assert all(one["persistent"] is False for one in notifications)
    assert url_of(notifications) == "https://example.org/${JOB_ID}"


@pytest.mark.parametrize(
    "notifications",
    [
        None,
        "x",
        [],
        [1],
        [{"url": "https://a.example"}, {"url": "https://b.example"}],
    ],
)
def test_other_notifications_have_no_address(notifications: object) -> None:
    """What is not one address is nothing that the form can show."""
    assert url_of(notifications) == ""
