"""What may be asked of the engine."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EngineRequest"]


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """One request; its files come beside it.

    Attributes:
        action: `auto` parallelizes without a question, `ask` leads the dialogue,
            `analyze` tells of every loop what is proved.
        answers: Answers so far, by question id.
        defaults: Whether every other question gets its default.
        exact: As `--exact`.
        restructure: As `--restructure`.
        rose_names: As `--rose-names`.
        model: `openmp`, or empty for what the dialogue says.
        include: Folders of headers, within the program's own files.
        define: Macros, `NAME` or `NAME=VALUE`.
        standard: As `-std`, or empty.
        functions: For `analyze`: these only; all where there are none.
        stand_in: Whether to read with ipt's own declarations of the C library, as
            where no compiler is installed.
        most_questions: After so many answers the dialogue is given up.
    """

    action: str
    answers: Mapping[str, str] = field(default_factory=dict)
    defaults: bool = False
    exact: bool = False
    restructure: bool = False
    rose_names: bool = False
    model: str = ""
    include: tuple[str, ...] = ()
    define: tuple[str, ...] = ()
    standard: str = ""
    functions: tuple[str, ...] = ()
    stand_in: bool = False
    most_questions: int = 400

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON values."""
        return {**asdict(self), "answers": dict(self.answers)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> EngineRequest:
        """Return what `to_json` made."""
        lists = {name: tuple(value[name]) for name in ("include", "define")}
        return cls(**{**value, **lists, "functions": tuple(value["functions"])})

    @property
    def flags(self) -> list[str]:
        """The compiler's options, in the order in which the command line has them."""
        found = [f"-I{folder}" for folder in self.include]
        found += [f"-D{macro}" for macro in self.define]
        if self.standard:
            found.append(f"-std={self.standard}")
        return found
