"""How calls travel: one session, the right address, a token, time limits.

agavepy forgets the token where the address has a port, insists on https, takes
proxies from the environment, and knows no time limits (it was made for one public
tenant).  This transport takes the place of its HTTP client and does these right.
"""

from collections.abc import Mapping
from typing import Any, Final

import requests

from iptweb.secret import Secret

from .failures import Acting, check_answer, translate

__all__ = ["ANYWHERE", "TenantTransport", "open_session"]

# agavepy's operations are rendered once, for this address, and pointed elsewhere here.
ANYWHERE: Final = "https://tenant.invalid"
TIMEOUTS: Final = (5.0, 30.0)


def open_session() -> requests.Session:
    """Return a session that takes nothing from the environment or from `~/.netrc`."""
    session = requests.Session()
    session.trust_env = False
    return session


class TenantTransport:
    """Sends requests to one tenant with one token.

    Args:
        api_server: Base address without a final slash; `http` and ports are fine.
        token: The bearer token.
        acting: Whose token it is.
    """

    def __init__(self, api_server: str, token: Secret, acting: Acting) -> None:
        self.api_server = api_server
        self._token = token
        self._acting: Acting = acting
        self._session = open_session()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        files: Any = None,
        patience_s: float = TIMEOUTS[1],
        stream: bool = False,
        **_ignored: Any,
    ) -> requests.Response:
        """Send one call, in the shape in which agavepy's operations ask for it.

        Raises:
            UpstreamError: Whatever is not a success.
        """
        path = url.removeprefix(ANYWHERE)
        service = path.split("/", 2)[1]
        try:
            response = self._session.request(
                method,
                self.api_server + path,
                params=params,
                data=data,
                files=files,
                headers={
                    **(headers or {}),
                    "Authorization": f"Bearer {self._token.reveal()}",
                },
                timeout=(TIMEOUTS[0], patience_s),
                stream=stream,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise translate(error, service) from error
        check_answer(response, service, self._acting)
        return response

    def __repr__(self) -> str:
        return f"TenantTransport({self.api_server!r}, acting={self._acting!r})"
