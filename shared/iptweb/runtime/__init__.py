"""From `MSG` to the one result frame: how a function runs inside an actor."""

from .call import Call
from .context import Context
from .entry import inline, main, run, warm
from .platform import Platform

__all__ = ["Call", "Context", "Platform", "inline", "main", "run", "warm"]
