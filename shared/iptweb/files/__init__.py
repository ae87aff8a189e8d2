"""The user's home on the storage system: paths, and what can be done with files."""

from .path import HomePath
from .service import FileService

__all__ = ["FileService", "HomePath"]
