"""An engine for tests that runs nothing, and does what the test says."""

from dataclasses import replace

from agave_local.engines.errors import NotThere, Taken
from agave_local.services.jobs.containers.box import Box
from agave_local.services.jobs.containers.engine import Seen


class FakeEngine:
    """Plays the containers of jobs; implements `Boxes`.

    Attributes:
        url: where it is not.
        images: that it has.
        rootless: whether it has no root rights.
        containers: by id.
        boxes: what each was told.
        signals: that were sent, in their order.
        kills: of memory, in every container.
        faults: what the next call of a name raises, by the name; `any` for any.
        asked: the names of all calls.
    """

    def __init__(self) -> None:
        self.url = "unix:///nowhere.sock"
        self.images = {"image"}
        self.rootless = False
        self.containers: dict[str, Seen] = {}
        self.boxes: dict[str, Box] = {}
        self.signals: list[tuple[str, str]] = []
        self.kills = 0
        self.faults: dict[str, Exception] = {}
        self.asked: list[str] = []

    def has(self, image: str) -> bool:
        """Tell whether the test has it."""
        self._call("has")
        return image in self.images

    def is_rootless(self) -> bool:
        """Tell what the test says."""
        self._call("is_rootless")
        return self.rootless

    def create(self, box: Box) -> str:
        """Note a container."""
        self._call("create")
        if box.name in {each.name for each in self.boxes.values()}:
            raise Taken(box.name)
        made = f"c{len(self.asked)}"
        self.boxes[made] = box
        self.containers[made] = Seen(made, "created", box.labels)
        return made

    def start(self, container: str) -> None:
        """Take it that a container runs."""
        self._call("start")
        if container not in self.containers:
            raise NotThere(container)
        self.change(container, status="running")

    def find(self, name: str) -> Seen | None:
        """Return a container as the test has it."""
        self._call("find")
        by_name = {box.name: found for found, box in self.boxes.items()}
        return self.containers.get(by_name.get(name, name))

    def labelled(self, label: str) -> list[Seen]:
        """Return the containers with a label `name=value`."""
        self._call("labelled")
        name, _, value = label.partition("=")
        return [
            seen
            for seen in self.containers.values()
            if seen.labels.get(name, "") == value
        ]

    def memory_kills(self, _container: str) -> int:
        """Return what the test says."""
        self._call("memory_kills")
        return self.kills

    def signal(self, container: str, name: str) -> None:
        """Note a signal."""
        self._call("signal")
        self.signals.append((container, name))

    def remove(self, container: str) -> None:
        """Forget a container."""
        self._call("remove")
        self.containers.pop(container, None)
        self.boxes.pop(container, None)

    def change(self, container: str, **fields: object) -> None:
        """Let something happen to a container."""
        self.containers[container] = replace(self.containers[container], **fields)  # type: ignore[arg-type]

    def _call(self, name: str) -> None:
        """Note a call, and fail where the test says so."""
        self.asked.append(name)
        fault = self.faults.pop(name, None) or self.faults.get("any")
        if fault is not None:
            raise fault
