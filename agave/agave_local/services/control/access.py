"""Who may watch and steer the tenant: programs of its machine, and administrators."""

import ipaddress
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from agave_local.call import Call
from agave_local.errors import Forbidden, Unauthorized

# A page of another site sends the first two, a proxy one of the others.
_NOT_LOCAL = (
    "Origin",
    "Sec-Fetch-Site",
    "X-Forwarded-For",
    "X-Real-Ip",
    "Forwarded",
    "Via",
)
_THIS_MACHINE = "localhost"


def check_steers(call: Call) -> None:
    """Let in only programs of this machine, and of them only an administrator's.

    A tenant started with `--control` asks for no administrator, so a page of
    another site that the operator looks at must not get through either.

    Raises:
        Forbidden: from elsewhere, or from somebody else.
        Unauthorized: without a good token.
    """
    if not is_local(call):
        raise Forbidden("The tenant is steered from its own machine only.")
    if not call.tenant.settings.control:
        check_admin(call)


def check_admin(call: Call) -> None:
    """Let in administrators only.

    Raises:
        Forbidden: from somebody else.
        Unauthorized: without a good token.
    """
    scheme, _, token = call.request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("This call needs an administrator's token.", 900902)
    identity = call.tenant.oauth.identify(token.strip())
    call.recognize(identity)
    if not identity.is_admin:
        raise Forbidden("Only an administrator steers the tenant.")


def is_local(call: Call) -> bool:
    """Tell whether a program of this machine calls, neither a page nor a proxy."""
    request = call.request
    return (
        _is_loopback(request.remote_addr or "")
        and not any(name in request.headers for name in _NOT_LOCAL)
        and _is_named_well(request, call.tenant.settings.base_url)
    )


def _is_named_well(request: Request, base_url: str) -> bool:
    """Tell whether the caller meant this machine, or the tenant.

    A page whose name was made to mean this machine only once the browser had it
    (DNS rebinding) calls without a word of where it is from, but for that name.
    """
    try:
        host = urlsplit(f"//{request.environ.get('HTTP_HOST', '')}").hostname or ""
    except ValueError:
        return False
    is_ours = host in ("", _THIS_MACHINE, urlsplit(base_url).hostname)
    return is_ours or _is_loopback(host)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
