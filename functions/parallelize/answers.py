"""What `parallelize` answers."""

from typing import Any, Literal, NotRequired, TypedDict

from iptweb.files.answers import FileEntry

__all__ = [
    "Analysis",
    "Bounds",
    "Choice",
    "Language",
    "Model",
    "Offers",
    "Place",
    "Question",
    "Result",
    "Source",
]


class Place(TypedDict):
    """Where the loop or the function is that a question is about.

    Attributes:
        file: Name of the source.
        line: From 1 on.
        column: From 1 on.
        text: The line.
    """

    file: str
    line: int
    column: int
    text: str


class Choice(TypedDict):
    """One of the answers to a question.

    Attributes:
        value: What is to be sent.
        label: What it means.
        unavailable: Why it can't be chosen; empty if it can.
    """

    value: str
    label: str
    unavailable: str


class Question(TypedDict):
    """What can be answered next.

    Attributes:
        id: Names it in `answers`.
        kind: What an answer looks like.
        text: The question.
        why: Why the default is what it is.
        default: The answer that the analysis would give; an empty answer is it, too.
        choices: What may be answered, where it is not free.
        help: An explanation that teaches.
        notes: What belongs to it: a title, numbered lines of the source, findings.
        listing: The numbered lines that an answer can name.
        place: What it is about; null for the whole program.
        is_optional: Whether it got its default already and need not be answered.
    """

    id: str
    kind: Literal["choice", "yes_no", "number", "names", "lines", "text"]
    text: str
    why: str
    default: str
    choices: list[Choice]
    help: str
    notes: list[dict[str, Any]]
    listing: list[list[Any]]
    place: Place | None
    is_optional: bool


class Source(TypedDict):
    """A file that was made parallel.

    Attributes:
        origin: Name of the file that it was made of.
        name: Its own.
        text: All of it; left out where it was saved.
    """

    origin: str
    name: str
    text: NotRequired[str]


class Result(TypedDict):
    """A parallel program, or what has to be answered first.

    Attributes:
        status: `asking` where a question is open; `unchanged` where nothing was done.
        reason: Why nothing was done.
        questions: The open question, then those that got their default since the
            last answer.
        answers: All answers that were heeded, as an answers file has them.
        unused_answers: Ids in `answers` that no question had.
        sources: The files that were changed.
        compile: The command that compiles the parallel program.
        diff: What was changed, as a unified diff; left out where it was saved.
        report: As `ipt parallelize --report` writes it; left out where it was saved
            or not asked for.
        notes: What the engine shows besides.
        warnings: Of the compiler.
        remarks: How the program was read, where that was not as usual.
        saved: The files that were written to the home.
    """

    status: Literal["asking", "parallelized", "unchanged"]
    reason: str
    questions: list[Question]
    answers: dict[str, str]
    unused_answers: list[str]
    sources: list[Source]
    compile: str
    diff: NotRequired[str]
    report: NotRequired[dict[str, Any]]
    notes: list[dict[str, Any]]
    warnings: list[str]
    remarks: list[str]
    saved: list[FileEntry]


class Analysis(TypedDict):
    """What of every loop is proved, and what is in the way.

    Attributes:
        analysis: As `ipt analyze --json` writes it; left out where it was saved.
        remarks: How the program was read, where that was not as usual.
        saved: The files that were written to the home.
    """

    analysis: NotRequired[dict[str, Any]]
    remarks: list[str]
    saved: list[FileEntry]


class Model(TypedDict):
    """A kind of parallel program.

    Attributes:
        name: As in `options.model`.
        label: For people.
        is_available: Whether it can be chosen.
        reason: Why not.
    """

    name: str
    label: str
    is_available: bool
    reason: str


class Language(TypedDict):
    """A language that programs may be written in.

    Attributes:
        name: Of the language.
        standards: What `options.standard` may be.
        headers: What can be included besides the program's own: the headers of the
            `system`, or only those of the `c-library`.
    """

    name: str
    standards: list[str]
    headers: Literal["system", "c-library"]


class Bounds(TypedDict):
    """How large a program may be.

    Attributes:
        files: How many it may have.
        inline_bytes: Of all files in a message.
        file_bytes: Of one file in the home.
        total_bytes: Of all files in the home.
        answer_bytes: Of an answer; what is larger has to be saved.
        seconds: How long the engine may work at most.
        memory_bytes: How much memory it may take.
        questions: After so many a dialogue is given up.
    """

    files: int
    inline_bytes: int
    file_bytes: int
    total_bytes: int
    answer_bytes: int
    seconds: int
    memory_bytes: int
    questions: int


class Offers(TypedDict):
    """What can be asked for.

    Attributes:
        models: Kinds of parallel programs.
        languages: Of programs.
        limits: On programs.
    """

    models: list[Model]
    languages: list[Language]
    limits: Bounds
