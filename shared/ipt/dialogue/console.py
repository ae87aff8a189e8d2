"""The dialogue for people, on a terminal or through a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.dialogue.questions import BadAnswer
from ipt.dialogue.replay import replay_step
from ipt.dialogue.screen import Console, shown_default
from ipt.errors import DialogueInterrupted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipt.dialogue.questions import Question
    from ipt.dialogue.session import Session

__all__ = ["Console", "converse"]

_COMMANDS = (
    "Enter takes the answer in brackets; ? explains; back returns to the question "
    "before; more asks what was passed over; quit stops without writing anything."
)
_LIST = "list shows the lines with their numbers."
_WORKING = "Analysing the program"


def converse(
    session: Session,
    console: Console,
    answers: Mapping[str, str],
    *,
    defaults: bool = False,
) -> None:
    """Lead a dialogue to its end.

    Args:
        session: The dialogue.
        console: Where to ask what is not answered yet.
        answers: Answers given ahead, by question id.
        defaults: Whether every other question gets its default.

    Raises:
        AnswersError: An answer given ahead does not fit.
        DialogueInterrupted: The input ended, or the person quit.
    """
    session.want(answers)
    ahead = dict(answers)
    is_first = True
    while session.question is not None:
        question = session.question
        for each in session.passed_over:
            if each.aside:
                console.aside(f"{each.aside} (answer more to change that)")
        console.question(question)
        prompt = f"{_prompt(question)}: "
        if question.id in ahead or defaults:
            with console.working(_WORKING):
                replay_step(session, ahead, defaults=defaults)
            console.line(prompt + session.answers[question.id])
            continue
        if is_first and not console.echoes:
            console.paragraph(_COMMANDS, "  ")
        is_first = False
        _ask(session, console, prompt, ahead)


def _prompt(question: Question) -> str:
    if question.kind != "yes_no":
        return f"Answer [{shown_default(question)}]"
    others = "".join(f"/{choice.value}" for choice in question.choices)
    shown = "Y/n" if question.default == "yes" else "y/N"
    return f"Answer [{shown}{others}]"


def _ask(
    session: Session, console: Console, prompt: str, ahead: dict[str, str]
) -> None:
    """Ask the open question until it is answered or left."""
    question = session.question
    while question is not None:
        try:
            text = console.ask(prompt)
        except EOFError:
            raise DialogueInterrupted(
                f"The input ended at question {question.id!r}; nothing was written.",
                session.answers,
            ) from None
        word = text.strip().lower()
        if word == "quit":
            raise DialogueInterrupted("Stopped; nothing was written.", session.answers)
        if word in ("back", "more"):
            if _leave(session, console, word):
                # Otherwise an answer given ahead would lead forward again.
                ahead.clear()
                return
        elif not _explain(console, question, word) and _answer(session, console, text):
            return


def _leave(session: Session, console: Console, word: str) -> bool:
    """Go to another question; False if there is none."""
    with console.working(_WORKING):
        is_gone = session.back() if word == "back" else session.more()
    if not is_gone:
        which = (
            "This is the first question."
            if word == "back"
            else "Nothing was passed over."
        )
        console.paragraph(which, "  ")
    return is_gone


def _explain(console: Console, question: Question, word: str) -> bool:
    """Show what was asked for; False if nothing was."""
    if word == "?":
        console.explanation(question.help)
        console.paragraph(
            f"{_COMMANDS} {_LIST}" if question.listing else _COMMANDS, "  "
        )
        return True
    if word == "list" and question.listing:
        console.listing(question.listing)
        return True
    return False


def _answer(session: Session, console: Console, text: str) -> bool:
    try:
        with console.working(_WORKING):
            session.answer(text)
    except BadAnswer as error:
        console.paragraph(error.message, "  ")
        return False
    return True
