"""Everything that can go wrong in the engine, as one tree.

IptError                     anything ipt says on purpose
├── SourceError              the program cannot be read or does not compile
│   └── ClangFailed          Clang gave up on it altogether
├── TransformRefused         an expected refusal: explains, offers the way out
├── AnswersError             an answer, or the answers file, cannot be used
├── DialogueInterrupted      end of input, Ctrl-C or `quit`; carries the answers
├── ServiceRefused           what a program that uses ipt asked for cannot be done
└── InternalError            a bug of ours; asks for a report
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipt.findings import Finding

__all__ = [
    "AnswersError",
    "ClangFailed",
    "DialogueInterrupted",
    "InternalError",
    "IptError",
    "ServiceRefused",
    "SourceError",
    "TransformRefused",
]


class IptError(Exception):
    """Base of all errors that ipt raises on purpose.

    Attributes:
        message: What happened, for a person.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SourceError(IptError):
    """The program cannot be read; `message` shows place, line and caret."""


class ClangFailed(SourceError):
    """Clang gave up: the options are wrong, or depth or memory did not suffice."""


class TransformRefused(IptError):
    """A transform does not apply; nothing was changed.

    Attributes:
        findings: The reasons, each with its place and the way out.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(finding.message for finding in findings))
        self.findings = tuple(findings)


class AnswersError(IptError):
    """An answer that was given ahead cannot be used.

    Attributes:
        question: Id of the question, empty when the file itself is at fault.
    """

    def __init__(self, message: str, question: str = "") -> None:
        super().__init__(message)
        self.question = question


class DialogueInterrupted(IptError):
    """The person stopped before the end; nothing was written.

    Attributes:
        answers: The answers given so far, by question id.
    """

    def __init__(self, message: str, answers: Mapping[str, str]) -> None:
        super().__init__(message)
        self.answers = dict(answers)


class ServiceRefused(IptError):
    """A request to `ipt.service` was not done.

    Attributes:
        reason: `request`, `size`, `source`, `answer`, `questions`, `time`, `memory`,
            `crash` or `internal`; docs/ipt/function.md says what each of them means.
        question: Id of the question whose answer it is about, or empty.
    """

    def __init__(self, reason: str, message: str, question: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.question = question


class InternalError(IptError):
    """A bug in ipt."""

    def __init__(self, message: str) -> None:
        super().__init__(
            f"{message}\nThis is a fault of ipt, not of your program. "
            "Please report it together with the source file."
        )
