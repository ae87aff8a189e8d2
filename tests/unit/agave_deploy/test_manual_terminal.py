"""Which addresses a terminal that was started by hand may have."""

import pytest

from agave_deploy.errors import ProfileError
from agave_deploy.profiles.manual_terminal import check_url


@pytest.mark.parametrize(
    "url",
    [
        "ws://127.0.0.1:40123/",
        "ws://localhost:1",
        "wss://terminals.example.org/",
        "wss://terminals.example.org:8443/ada/",
    ],
)
def test_check_url(url: str) -> None:
    """TLS is for everywhere, plain WebSocket for this machine."""
    check_url(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must be the address"),
        ("https://h/", "must be the address"),
        ("javascript:alert(1)", "must be the address"),
        ("wss://", "must be the address"),
        ("wss://h:0/", "must be the address"),
        ("wss://h:99999/", "must be the address"),
        ("wss://[h/", "must be the address"),
        ("wss://u:p@h/", "must be the address"),
        ("wss://h/?a=b", "must be the address"),
        ("wss://h/#a", "must be the address"),
        ("wss://h/a b", "must be the address"),
        ("wss://h\n/", "must be the address"),
        ("wss://hé/", "must be the address"),
        ("ws://[::1]:40123/", "must be wss://"),
        ("ws://h/", "must be wss://, or on this machine"),
        ("ws://127.0.0.1.example.org/", "must be wss://"),
    ],
)
def test_check_url_refused(url: str, reason: str) -> None:
    """Whatever a browser could not open, or should not, is refused."""
    with pytest.raises(ProfileError, match=reason):
        check_url(url)
