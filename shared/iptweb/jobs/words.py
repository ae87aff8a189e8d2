"""What people may type into the line that a job runs.

The wrappers of the apps never let a shell read such a text (they only split it into
words).  It is refused here all the same: what would not work as it reads should fail
where it was typed, and a system of somebody else may have a simpler wrapper.
"""

import re
import shlex
from collections.abc import Collection, Mapping
from typing import Final

from iptweb.errors import BadRequest
from iptweb.files import HomePath

__all__ = [
    "check_words",
    "read_command",
    "read_file",
    "read_files",
    "read_output_name",
]

# What a shell would act on, outside quotation marks.
_SHELL: Final = re.compile(r"[;&|<>$`\\]")
_QUOTED: Final = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""")
_OUTPUT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@=,-]*")
# What lies in a job's folder besides its files: what the wrappers read and write,
# and what the job prints.
_TAKEN: Final = re.compile(
    r"ipt-lib\.sh|IPT_(?:EXIT_CODE|TIME|STAGE|COMPARE)|ipt-.*\.(?:out|err)"
)
_TAKEN_OUTPUTS: Final = re.compile(r"wrapper\.sh|.*\.ipcexe|ipt-.*\.pid")


def check_words(text: str, field: str) -> str:
    """Return a command or its arguments, stripped, if it is plain words.

    Quotation marks keep words together, and whatever is between them reaches the
    program as it stands.

    Raises:
        BadRequest: It holds something that a shell would act on, or a placeholder.
    """
    found = _SHELL.search(_QUOTED.sub("", text))
    if found:
        raise BadRequest(
            f"{field} must be plain words: no shell would read this "
            f"'{found.group()}'. If the program itself shall get it, put the word "
            "into quotation marks.",
            field=field,
        )
    if "${" in text:
        raise BadRequest(
            f"{field} has '${{', for which the platform would put something else.",
            field=field,
        )
    try:
        shlex.split(text)
    except ValueError:
        raise BadRequest(
            f"{field} has a quotation mark without its partner.", field=field
        ) from None
    return text.strip()


def read_command(text: str, field: str) -> str:
    """Return a compile command, such as `gcc -O2`.

    Raises:
        BadRequest: It is none, or not plain words.
    """
    words = check_words(text, field)
    if not words or words.startswith("-"):
        raise BadRequest(
            f"{field} must begin with a compiler, such as gcc.", field=field
        )
    return words


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
    if _TAKEN.fullmatch(path.name):
        raise BadRequest(
            f"{field} has the name of a file that every job has: '{path.name}'. "
            "Rename the file.",
            field=field,
        )
    return path


def read_files(
    files: Collection[str], mains: Mapping[str, HomePath]
) -> tuple[HomePath, ...]:
    """Return the further files of a job, each once; all its files land in one folder.

    Args:
        files: As they were typed.
        mains: The files that the job is about, by their fields.

    Raises:
        BadRequest: One is no file of the home, or two have one name.
    """
    paths: list[HomePath] = []
    names = {path.name: path for path in mains.values()}
    for entry in files:
        path = read_file(entry, "files")
        if path == names.get(path.name):
            continue
        if path.name in names:
            raise BadRequest(
                f"files has two files named '{path.name}'; a job takes one of a name.",
                field="files",
            )
        names[path.name] = path
        paths.append(path)
    return tuple(paths)


def read_output_name(text: str, field: str, inputs: Collection[HomePath]) -> str:
    """Return the name of the program to make.

    Args:
        text: As it was typed.
        field: Where.
        inputs: The files that lie beside it.

    Raises:
        BadRequest: It is no plain file name, or something has that name already.
    """
    if not _OUTPUT.fullmatch(text):
        raise BadRequest(
            f"{field} must be a plain file name: letters, digits and any of _.+@=,-",
            field=field,
        )
    if text in {path.name for path in inputs}:
        raise BadRequest(
            f"{field} has the name of a source file, which it would overwrite.",
            field=field,
        )
    if _TAKEN.fullmatch(text) or _TAKEN_OUTPUTS.fullmatch(text):
        raise BadRequest(
            f"{field} can't be '{text}': something in every job's folder has that "
            "name. Choose another one.",
            field=field,
        )
    return text
