"""What a process of this very machine gets of its execution's variables.

A container keeps to itself whatever its variables make of it; a process does not. So
variables that steer the loader, an interpreter, a shell or where connections go never
reach one, and the search path is the platform's or the operator's.
"""

from collections.abc import Mapping
from typing import Final

IMAGE_DEFAULTS: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/",
}
_STEERING: Final = (
    *("LD_", "DYLD_", "GLIBC_", "GCONV_PATH", "MALLOC_"),
    *("PYTHON", "PERL5", "RUBY", "NODE_", "LUA_", "JAVA_TOOL_", "_JAVA_", "JDK_JAVA_"),
    *("BASH_", "SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND"),
    *("GIT_", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)
_EXACTLY: Final = frozenset({"ENV", "IFS", "PS4"})
_PROXY: Final = "_PROXY"


def for_process(
    environment: Mapping[str, str], fixed: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables of a process.

    Args:
        environment: of its execution.
        fixed: by the operator for its image; they win.
    """
    kept = {name: v for name, v in environment.items() if not steers(name)}
    return {**IMAGE_DEFAULTS, **kept, "PATH": IMAGE_DEFAULTS["PATH"], **fixed}


def steers(name: str) -> bool:
    """Tell whether a variable decides what a program of this machine does."""
    if name in _EXACTLY or name.upper().endswith(_PROXY):
        return True
    return name.startswith(_STEERING)
