"""The answers file: a JSON object from question ids to answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ipt.errors import AnswersError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["check_answers", "read_answers", "resume_hint", "write_answers"]

_LARGEST = 1_000_000


def read_answers(path: Path) -> dict[str, str]:
    """Read an answers file.

    Raises:
        AnswersError: It cannot be read, or is not an object of strings.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise AnswersError(f"{path}: an answers file is never that large.")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AnswersError(f"{path}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise AnswersError(f"{path}: this is not JSON.") from error
    return check_answers(value, str(path))


def check_answers(value: object, name: str) -> dict[str, str]:
    """Return a JSON value as answers.

    Raises:
        AnswersError: It is not an object whose values are strings.
    """
    if not isinstance(value, dict):
        raise AnswersError(
            f'{name}: answers are an object such as {{"model": "openmp"}}.'
        )
    for key, answer in value.items():
        if not isinstance(answer, str):
            raise AnswersError(f"{name}: the answer to {key!r} must be a string.", key)
    return dict(value)


def write_answers(path: Path, answers: Mapping[str, str]) -> None:
    """Write an answers file.

    Raises:
        AnswersError: It cannot be written.
    """
    text = json.dumps(dict(answers), indent=2, ensure_ascii=False) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise AnswersError(f"{path}: {error.strerror}.") from error


def resume_hint(answers: Mapping[str, str]) -> str:
    """Return how to go on with a dialogue that was left without a file."""
    text = json.dumps(dict(answers), ensure_ascii=False)
    return (
        "ipt: to go on from here another time, put this into a file and name the "
        f"file with --answers:\n{text}\n"
    )
