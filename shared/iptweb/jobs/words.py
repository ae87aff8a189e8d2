"""What people may type into the line that a job runs.

The wrappers of the apps never let a shell read such a text (they only split it into
words).  It is refused here all the same: what would not work as it reads should fail
where it was typed, and a system of somebody else may have a simpler wrapper.
"""

import re
import shlex
from typing import Final

from iptweb.errors import BadRequest
from iptweb.files import HomePath

__all__ = ["check_words", "read_file", "read_output_name"]

_SHELL: Final = re.compile(r"[;&|<>$`\\]")
_OUTPUT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@=,-]*")


def check_words(text: str, field: str) -> str:
    """Return a command or its arguments, stripped, if it is plain words.

    Quotation marks may keep words together.

    Raises:
        BadRequest: It holds something that a shell would act on.
    """
    found = _SHELL.search(text)
    if found:
        raise BadRequest(
            f"{field} must be plain words: '{found.group()}' is not possible. "
            "There is no shell that would read it.",
            field=field,
        )
    try:
        shlex.split(text)
    except ValueError:
        raise BadRequest(
            f"{field} has a quotation mark without its partner.", field=field
        ) from None
    return " ".join(text.split(" ")).strip()


def read_file(text: str, field: str) -> HomePath:
    """Return the path of a file in the home.

    Raises:
        BadRequest: It is none, or a job can't be given a file of that name.
    """
    path = HomePath.read(text, field=field)
    if not path.parts:
        raise BadRequest(f"{field} must be a file in your home folder.", field=field)
    if "${" in path.text:
        raise BadRequest(
            f"{field} has '${{' in its name, which a job can't take. Rename the file.",
            field=field,
        )
    return path


def read_output_name(text: str, field: str) -> str:
    """Return the name of the program to make.

    Raises:
        BadRequest: It is no plain file name.
    """
    if not _OUTPUT.fullmatch(text):
        raise BadRequest(
            f"{field} must be a plain file name: letters, digits and any of _.+@=,-",
            field=field,
        )
    return text
