"""Sign in, refresh, sign out."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from iptweb.agave import Agave, OAuth, Tokens
from iptweb.errors import TokenExpired, Unauthorized
from iptweb.secret import Secret
from iptweb.settings import Settings
from iptweb.users import is_user_name

from .answers import AccessToken, NewSession, SignInPlace
from .grants import Granter
from .sessions import Session, SessionStore, no_session
from .state import StateSigner

__all__ = ["AccessService"]

_TRIES: Final = 8
_PAUSE_S: Final = 0.25


class AccessService:
    """What the function `auth_callback` does.

    Args:
        oauth: The token endpoints.
        sessions: Where sessions are kept.
        states: Makes and checks states.
        granter: Gives a user what they need.
        as_user: Gives the tenant with a user's token.
        settings: Of the instance.
        clock: Seconds since the epoch.
        new_id: Makes what nobody can guess.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        oauth: OAuth,
        sessions: SessionStore,
        states: StateSigner,
        granter: Granter,
        *,
        as_user: Callable[[Secret], Agave],
        settings: Settings,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        sleep: Callable[[float], None],
    ) -> None:
        self._oauth = oauth
        self._sessions = sessions
        self._states = states
        self._granter = granter
        self._as_user = as_user
        self._settings = settings
        self._clock = clock
        self._new_id = new_id
        self._sleep = sleep

    def begin(self) -> SignInPlace:
        """Return where to sign in, and the state that the site must see again."""
        state = self._states.make(self._new_id(), self._clock())
        url = self._oauth.authorize_url(self._settings.callback_url, state)
        return {"url": url, "state": state}

    def complete(self, code: str, state: str) -> tuple[NewSession, list[str]]:
        """Trade a code for a session; also return what could not be granted.

        Raises:
            BadRequest: The state is not ours or too old.
            Unauthorized: The code is not accepted, or nobody can be told from it.
        """
        self._states.check(state, self._clock())
        tokens = self._oauth.exchange(code, self._settings.callback_url)
        try:
            profile = self._as_user(tokens.access).my_profile()
        except TokenExpired as error:
            raise Unauthorized(
                "The sign-in was not accepted. Sign in again."
            ) from error
        if not is_user_name(profile.username):
            raise Unauthorized("This account has a name that can't be used here.")
        session_id = self._new_id()
        self._sessions.add(session_id, profile.username, tokens.refresh)
        failed = self._granter.grant(profile.username)
        answer: NewSession = {
            **self._answer(tokens, profile.username),
            "full_name": profile.full_name,
            "session": session_id,
        }
        return answer, failed

    def refresh(self, session_id: str) -> AccessToken:
        """Return a new access token for a session.

        Raises:
            Unauthorized: The session is unknown or over, or was ended elsewhere.
        """
        session = self._sessions.find(session_id)
        refused: Secret | None = None
        for _ in range(_TRIES):
            if session.refresh != refused:
                try:
                    tokens = self._oauth.refresh(session.refresh)
                except Unauthorized:
                    refused = session.refresh
                else:
                    return self._keep(session, tokens)
            # Another tab may have traded this token a moment ago: then its successor
            # is about to be stored.
            self._sleep(_PAUSE_S)
            session = self._sessions.find(session_id)
        self._sessions.delete(session)
        raise no_session()

    def end(self, session_id: str, access_token: Secret | None) -> None:
        """End a session and make its tokens worthless; an unknown one is no error."""
        session = self._sessions.find_any(session_id)
        # Each is done even if another fails; a failure is told at the end.
        with ExitStack() as steps:
            if session is not None:
                steps.callback(self._sessions.delete, session)
                if session.refresh:
                    steps.callback(self._oauth.revoke, session.refresh)
            if access_token is not None:
                steps.callback(self._oauth.revoke, access_token)

    def _keep(self, session: Session, tokens: Tokens) -> AccessToken:
        if tokens.refresh:
            self._sessions.replace_token(session, tokens.refresh)
        return self._answer(tokens, session.username)

    def _answer(self, tokens: Tokens, username: str) -> AccessToken:
        return {
            "access_token": tokens.access.reveal(),
            "expires_in": tokens.expires_in,
            "username": username,
            "is_admin": self._settings.is_admin(username),
        }
