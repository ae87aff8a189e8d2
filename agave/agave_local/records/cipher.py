"""Encryption at rest, with a key that lies beside the database.

Who reads a copy of the database alone, such as a backup, reads no secret in it.
"""

import json
import os
import threading
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet


class Cipher:
    """Seals what must not lie about in clear.

    Args:
        key_file: of the key, made where it is missing; None for a key that ends
            with this process.
    """

    def __init__(self, key_file: Path | None) -> None:
        self._key_file = key_file
        self._fernet: Fernet | None = None
        self._lock = threading.Lock()

    def seal(self, value: Any) -> str:
        """Encrypt a JSON value."""
        return self._cipher().encrypt(json.dumps(value).encode()).decode()

    def open(self, sealed: str) -> Any:
        """Decrypt what `seal` made."""
        return json.loads(self._cipher().decrypt(sealed.encode()))

    def _cipher(self) -> Fernet:
        with self._lock:
            if self._fernet is None:
                path = self._key_file
                self._fernet = Fernet(
                    Fernet.generate_key() if path is None else read_key(path)
                )
            return self._fernet


def read_key(path: Path) -> bytes:
    """Return a key, which is made where there is none yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole or not at all: half a key would lose every secret made with it.
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return path.read_bytes()
