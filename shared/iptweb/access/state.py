"""The `state` of a sign-in: ours, untouched, and not older than ten minutes."""

from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from iptweb.errors import BadRequest, ConfigError
from iptweb.secret import Secret

__all__ = ["LIFETIME_S", "StateSigner", "read_key"]

LIFETIME_S: Final = 600
# Keeps a state apart from everything else that the same key protects.
_PURPOSE: Final = b"ipt-state:"


def read_key(key: Secret) -> MultiFernet:
    """Return the cipher of a key, or of several: the first encrypts, all decrypt.

    So sessions outlive a change of the key (`agave-deploy rotate-secret`).

    Raises:
        ConfigError: It is not a Fernet key.
    """
    try:
        return MultiFernet([Fernet(each) for each in key.reveal().split()])
    except ValueError:
        raise ConfigError("Setting session-key is not a Fernet key.") from None


class StateSigner:
    """Makes and checks states.

    Args:
        cipher: From the session key.
    """

    def __init__(self, cipher: MultiFernet) -> None:
        self._cipher = cipher

    def make(self, nonce: str, now: float) -> str:
        """Return a new state."""
        data = _PURPOSE + nonce.encode()
        return self._cipher.encrypt_at_time(data, int(now)).decode()

    def check(self, state: str, now: float) -> None:
        """Refuse a state that is not ours or is too old.

        Raises:
            BadRequest: It is; names the field.
        """
        try:
            data = self._cipher.decrypt_at_time(state.encode(), LIFETIME_S, int(now))
        except (InvalidToken, ValueError):
            data = b""
        if not data.startswith(_PURPOSE):
            raise BadRequest(
                "This sign-in took too long or did not begin here. Sign in again.",
                field="state",
            )
