"""Proof that who exchanges a code is who asked for it (PKCE, RFC 7636; S256 only)."""

import base64
import hashlib
import hmac
import re

METHOD = "S256"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def is_challenge(text: str) -> bool:
    """Tell whether a text can be the SHA-256 of a verifier."""
    return _CHALLENGE.fullmatch(text) is not None


def is_verified(challenge: str, verifier: str) -> bool:
    """Tell whether a verifier is the one of a challenge; none is asked for by none."""
    if not challenge:
        return not verifier
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    return hmac.compare_digest(made, challenge)
