"""The numbers of the server, as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

from agave_local.entrance.metrics import Metrics, Reading


def _samples(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_requests_and_their_times() -> None:
    """Answers are counted by tenant, operation and status, and their times summed."""
    metrics = Metrics()
    metrics.observe("DEV", "meta.list", 200, 0.02)
    metrics.observe("DEV", "meta.list", 404, 0.2)

    samples = _samples(metrics.render())

    about = (("operation", "meta.list"), ("tenant", "DEV"))
    ok = (about[0], ("status", "200"), about[1])
    assert samples["agave_local_requests_total", ok] == 1
    assert samples["agave_local_request_seconds_count", about] == 2
    assert round(samples["agave_local_request_seconds_sum", about], 3) == 0.22
    bucket = (("le", "0.025"), *about)
    assert samples["agave_local_request_seconds_bucket", bucket] == 1


def test_readings_of_tenants() -> None:
    """Each tenant is asked when somebody reads; what grows is a counter."""
    metrics, asked = Metrics(), [0]

    def read() -> list[Reading]:
        asked[0] += 1
        return [
            Reading("jobs", "Jobs.", 3, {"status": "RUNNING"}),
            Reading("jobs", "Jobs.", 4, {"status": "FAILED"}),
            Reading("messages", "Messages.", 9, only_grows=True),
        ]

    metrics.add_tenant("DEV", read)
    metrics.add_tenant("SD2E", lambda: [Reading("messages", "Messages.", 1)])
    assert asked == [0]

    text = metrics.render()

    samples = _samples(text)
    running = (("status", "RUNNING"), ("tenant", "DEV"))
    assert samples["agave_local_jobs", running] == 3
    assert samples["agave_local_messages_total", (("tenant", "DEV"),)] == 9
    assert b"# TYPE agave_local_messages_total counter" in text
    assert text.count(b"# TYPE agave_local_jobs ") == 1
    assert asked == [1]


def test_one_tenant_alone() -> None:
    """An administrator of one tenant sees nothing of another, nor of the process."""
    metrics = Metrics()
    metrics.observe("DEV", "meta.list", 200, 0.02)
    metrics.observe("SD2E", "meta.list", 200, 0.02)
    metrics.refuse("rate")

    mine = metrics.render("DEV")

    assert b'tenant="DEV"' in mine
    assert b"SD2E" not in mine
    assert b"process_" not in mine
    assert b"refused" not in mine
    assert b"process_resident_memory_bytes" in metrics.render()
