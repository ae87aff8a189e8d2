"""Sign-in: state, sessions kept on the server's side, and what users are granted."""

from .grants import Granter
from .service import AccessService
from .sessions import SessionStore
from .state import StateSigner, read_key

__all__ = ["AccessService", "Granter", "SessionStore", "StateSigner", "read_key"]
