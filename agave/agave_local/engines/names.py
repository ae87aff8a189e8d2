"""Names of images, as engines take them."""

import re

# Anything else would be an address in the engine's API.
_HOST = r"[a-zA-Z0-9][a-zA-Z0-9.-]*(:\d+)?"
_PART = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"({_HOST}/)?{_PART}(/{_PART})*(:[\w][\w.-]{{0,127}})?(@sha256:[0-9a-f]{{64}})?",
    re.ASCII,
)
_LONGEST_NAME = 512


def is_reference(image: str) -> bool:
    """Tell whether a text is an image's name."""
    return len(image) <= _LONGEST_NAME and _REFERENCE.fullmatch(image) is not None
