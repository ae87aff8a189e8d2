"""What can go wrong with a container engine."""


class EngineDown(Exception):
    """The engine does not answer."""


class EngineRefused(Exception):
    """The engine answered that it cannot; the message is its own."""


class NotThere(EngineRefused):
    """There is no such image or container."""


class Taken(EngineRefused):
    """There is a container of that name already."""
