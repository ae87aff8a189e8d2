"""`ipt completion`: a script that lets the shell complete command lines."""

from __future__ import annotations

import argparse
import importlib
from typing import TYPE_CHECKING

from ipt.commands.exit_codes import ExitCode

if TYPE_CHECKING:
    from ipt.commands.terminal import Terminal

__all__ = ["configure", "run"]

_COMMANDS = ("parallelize", "analyze", "verify", "completion")
_SCRIPT = """\
# Completion for ipt; put this into ~/.bashrc:  eval "$(ipt completion)"
_ipt() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words
  case ${{COMP_WORDS[1]}} in
{cases}
    *) words='{commands} --help --version' ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='{commands} --help --version'
  elif [ "${{word#-}}" = "$word" ]; then
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}}
complete -o default -F _ipt ipt
"""
_EXAMPLES = """\
example, for bash:
  eval "$(ipt completion)"
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.description = "Print a script for bash that completes ipt's options."
    parser.epilog = _EXAMPLES
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command."""
    del options
    cases = "\n".join(
        f"    {name}) words='{' '.join(_flags(name))}' ;;" for name in _COMMANDS
    )
    terminal.stdout.write(_SCRIPT.format(cases=cases, commands=" ".join(_COMMANDS)))
    return ExitCode.DONE


def _flags(name: str) -> list[str]:
    """Return the options of a command, from its own description."""
    parser = argparse.ArgumentParser()
    importlib.import_module(f"ipt.commands.{name}").configure(parser)
    return sorted(parser._option_string_actions)  # noqa: SLF001 - there is no other list of them
