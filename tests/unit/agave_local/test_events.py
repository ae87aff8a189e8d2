"""What happens to things, told to those who want to know."""

from agave_local.events import Event, Events


def test_everybody_is_told_in_order() -> None:
    """Each subscriber hears of each event, in order of subscription."""
    heard: list[tuple[str, str]] = []
    events = Events()
    events.publish(Event("u-0", "CREATED", "anna"))
    events.subscribe(lambda event: heard.append(("first", event.name)))
    events.subscribe(lambda event: heard.append(("second", event.uuid)))

    events.publish(Event("u-1", "UPDATED", "anna", {"JOB_ID": "1"}, {"a": 1}))
    events.publish(Event("u-2", "DELETED", "anna"))

    assert heard == [
        ("first", "UPDATED"),
        ("second", "u-1"),
        ("first", "DELETED"),
        ("second", "u-2"),
    ]
