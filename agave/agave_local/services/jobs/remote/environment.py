"""The variables that a system's description wants set for its jobs."""

import re
import shlex

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_environment(text: object) -> dict[str, str]:
    """Read `A=1,B=two` or `A=1 B='two words'`; what is neither is left out.

    Args:
        text: field `environment` of a system, which its operator wrote.
    """
    try:
        words = shlex.split(str(text or "").replace(",", " "))
    except ValueError:
        return {}
    pairs = (word.partition("=") for word in words)
    return {name: value for name, equals, value in pairs if equals and _is_name(name)}


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None
