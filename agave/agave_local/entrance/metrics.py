"""What the server counts, in the format that Prometheus reads.

dispatcher ─▶ `observe` ─▶ counters ─┐
tenants ─▶ their readings, when asked ─┴▶ `render`

Labels are names of ours: tenants, operations, statuses; never a caller's words.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TENANT = "tenant"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)


class Tally:
    """A number that only grows, from any thread.

    Attributes:
        value: now.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.value = 0

    def add(self) -> None:
        """Count one more."""
        with self._lock:
            self.value += 1


@dataclass(frozen=True)
class Reading:
    """A number that a tenant tells when it is asked.

    Attributes:
        name: without the prefix of ours.
        help: what it counts.
        value: now.
        labels: further ones than the tenant's.
        only_grows: whether it counts from the start of the process.
    """

    name: str
    help: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)
    only_grows: bool = False


Source = Callable[[], Iterable[Reading]]


class _Tenants(Collector):
    """Asks every tenant for its readings."""

    def __init__(self) -> None:
        self._sources: dict[str, Source] = {}

    def add(self, tenant: str, source: Source) -> None:
        self._sources[tenant] = source

    def collect(self) -> Iterator[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for tenant, source in self._sources.items():
            for reading in source():
                family = families.get(reading.name)
                if family is None:
                    family = families[reading.name] = _to_family(reading)
                family.add_metric([tenant, *reading.labels.values()], reading.value)
        yield from families.values()


def _to_family(reading: Reading) -> CounterMetricFamily | GaugeMetricFamily:
    kind = CounterMetricFamily if reading.only_grows else GaugeMetricFamily
    labels = [_TENANT, *reading.labels]
    return kind(f"agave_local_{reading.name}", reading.help, labels=labels)


class _Only(CollectorRegistry):
    """What a registry has about one tenant, and about nobody in particular else."""

    def __init__(self, whole: CollectorRegistry, tenant: str) -> None:
        super().__init__()
        self._whole = whole
        self._tenant = tenant

    def collect(self) -> Iterator[Metric]:
        for metric in self._whole.collect():
            mine = [
                sample
                for sample in metric.samples
                if sample.labels.get(_TENANT) == self._tenant
            ]
            if mine:
                family = Metric(metric.name, metric.documentation, metric.type)
                family.samples = mine
                yield family


class Metrics:
    """The numbers of a server; one object for all its tenants."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "agave_local_requests",
            "Requests answered.",
            [_TENANT, "operation", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "agave_local_request_seconds",
            "Time from a request's arrival in the tenant to its answer.",
            [_TENANT, "operation"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._refused = Counter(
            "agave_local_refused",
            "Requests turned away before they reached a service.",
            ["reason"],
            registry=self._registry,
        )
        self._tenants = _Tenants()
        self._registry.register(self._tenants)
        ProcessCollector(registry=self._registry)

    def add_tenant(self, tenant: str, source: Source) -> None:
        """Ask a tenant for its readings whenever somebody reads the numbers.

        Args:
            tenant: its code.
            source: tells its readings.
        """
        self._tenants.add(tenant, source)

    def observe(self, tenant: str, operation: str, status: int, seconds: float) -> None:
        """Count an answer.

        Args:
            tenant: code of the tenant that gave it.
            operation: that it answers; one of the names in the routes.
            status: of HTTP.
            seconds: that it took.
        """
        self._requests.labels(tenant, operation, str(status)).inc()
        self._seconds.labels(tenant, operation).observe(seconds)

    def refuse(self, reason: str) -> None:
        """Count a request that was turned away at the door.

        Args:
            reason: one of a few words of ours.
        """
        self._refused.labels(reason).inc()

    def render(self, tenant: str | None = None) -> bytes:
        """Write all numbers as Prometheus reads them.

        Args:
            tenant: code of the only tenant to tell of; all of them where None.
        """
        registry = self._registry if tenant is None else _Only(self._registry, tenant)
        return generate_latest(registry)
