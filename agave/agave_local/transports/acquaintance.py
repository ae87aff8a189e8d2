"""Who is known at the door, before anything of a large body is kept for them.

A small body costs nothing, so only those who announce a large one, or one of unknown
length, are looked at here. It is no sign-in: whoever is let in shows again who they
are.
"""

import logging
import sqlite3
from collections.abc import Mapping, Sequence

from werkzeug.wrappers import Request

from agave_local.errors import LocalTenantError
from agave_local.tenant import Tenant

_log = logging.getLogger(__name__)


class Acquaintance:
    """Tells those who have something that opens one of the tenants from strangers.

    Args:
        tenants: of the server.
    """

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self._tenants = tenants

    def knows(self, query: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a request has a good token, assertion or nonce.

        Args:
            query: of its address.
            headers: by name, in capital letters with underscores.
        """
        environ = {f"HTTP_{name}": value for name, value in headers.items()}
        request = Request({**environ, "QUERY_STRING": query})
        try:
            return any(_opens(request, tenant) for tenant in self._tenants)
        except sqlite3.Error:
            _log.exception("nobody can be told from strangers")
            return False


def _opens(request: Request, tenant: Tenant) -> bool:
    if tenant.gateway.identify(Request({**request.environ})) is not None:
        return True
    nonce = request.args.get("x-nonce", "")
    if nonce and tenant.actors.nonces.find(nonce) is not None:
        return True
    scheme, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    try:
        tenant.oauth.identify(token.strip())
    except LocalTenantError:
        return False
    return True
