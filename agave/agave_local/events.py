"""What happens to the things of the tenant, told to whoever wants to know.

service ─▶ `Events.publish` ─▶ every subscriber, in the caller's own thread
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """Something happened to a thing that has a UUID.

    Attributes:
        uuid: of the thing.
        name: of the event, such as `RUNNING` of a job or `UPDATED` of metadata.
        owner: of the thing.
        values: what `${NAME}` stands for in the address of a notification.
        body: what a subscriber's message holds.
    """

    uuid: str
    name: str
    owner: str
    values: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)


class Events:
    """Passes each event to every subscriber, in order of subscription."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[Event], None]] = []

    def subscribe(self, subscriber: Callable[[Event], None]) -> None:
        """Tell somebody of all events; they must be quick and raise nothing."""
        self._subscribers.append(subscriber)

    def publish(self, event: Event) -> None:
        """Tell everybody of an event; call it inside the change's own transaction."""
        for subscriber in self._subscribers:
            subscriber(event)
