"""What the operating system says about a file, as an answer to the caller."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from agave_local.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    InsufficientStorage,
    LocalTenantError,
    NotFound,
)

_KINDS: dict[int, tuple[type[LocalTenantError], str]] = {
    errno.ENOENT: (NotFound, "There is no file or folder {path}."),
    errno.ENOTDIR: (NotFound, "A part of {path} is not a folder."),
    errno.EEXIST: (Conflict, "There is already something at {path}."),
    errno.ENOTEMPTY: (Conflict, "The folder {path} is not empty."),
    errno.EISDIR: (Conflict, "There is a folder at {path}."),
    errno.ELOOP: (Conflict, "{path} changed while it was being read; try again."),
    # A program in its owner's shell has a lease on it.
    errno.EAGAIN: (Conflict, "A program holds {path} fast; try again."),
    errno.EACCES: (Forbidden, "The permissions of {path} do not allow this."),
    errno.EPERM: (Forbidden, "The permissions of {path} do not allow this."),
    errno.ENAMETOOLONG: (BadRequest, "A name in {path} is too long."),
    errno.EINVAL: (BadRequest, "{path} can't be used for this."),
    errno.ENXIO: (BadRequest, "{path} is not a regular file."),
    errno.ENODEV: (BadRequest, "{path} is not a regular file."),
}
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def speaking_of(path: str) -> Iterator[None]:
    """Turn errors of the operating system into refusals that name the path.

    Args:
        path: as the caller knows it; never a path of this machine.

    Raises:
        LocalTenantError: of the matching kind; anything unknown stays as it is.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise InsufficientStorage(
                "The storage is full; nothing of this request was kept."
            ) from error
        if error.errno not in _KINDS:
            raise
        kind, text = _KINDS[error.errno]
        raise kind(text.format(path=path)) from error


def leaves(path: str) -> Forbidden:
    """Return the refusal of a symbolic link that leads out of its folder."""
    return Forbidden(f"{path} is a symbolic link to a place outside; not followed.")
