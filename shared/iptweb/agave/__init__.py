"""The platform: the only package that imports agavepy and requests."""

from .api import Agave, OAuth
from .client import AgaveClient, warm
from .models import FileItem, MetadataItem, Profile, Slice, Tokens
from .oauth import OAuthService

__all__ = [
    "Agave",
    "AgaveClient",
    "FileItem",
    "MetadataItem",
    "OAuth",
    "OAuthService",
    "Profile",
    "Slice",
    "Tokens",
    "warm",
]
