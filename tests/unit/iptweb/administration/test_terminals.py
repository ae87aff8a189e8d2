"""Pages of everybody's terminals."""

from hypothesis import given
from hypothesis import strategies as st

from iptweb.administration import TerminalFilter
from iptweb.administration.terminals import SORTS, may_delete, to_page
from iptweb.terminals import Status, TerminalRecord

NOW = 1_800_000_000.0
TIMES = ("", "nonsense", "2027-01-15T07:59:00.000Z", "2027-01-15T08:01:00.000Z")
records = st.lists(
    st.builds(
        lambda user, status, host, since: TerminalRecord(
            f"{user}-test-IPT", user, status, host=host, since=since, queued="2027"
        ),
        st.text("abcd", min_size=1, max_size=3),
        st.sampled_from(Status),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(TIMES),
    ),
    unique_by=lambda record: record.user,
    max_size=12,
)


@given(records, st.sampled_from(SORTS), st.integers(1, 5))
def test_pages_have_everybody_once(
    found: list[TerminalRecord], sort: str, limit: int
) -> None:
    """Whatever the order and the size of pages, nobody is left out or comes twice."""
    users: list[str] = []
    wanted = TerminalFilter(sort=sort)

    for offset in range(0, len(found) + 1, limit):
        page = to_page(found, wanted, NOW, limit=limit, offset=offset)
        users += [row["user"] for row in page["terminals"]]
        assert page["total"] == len(found)
        assert sum(page["counts"].values()) == len(found)

    assert sorted(users) == sorted(record.user for record in found)


@given(records)
def test_other_way_round(found: list[TerminalRecord]) -> None:
    """With `-` an order is the other way round."""

    def users(sort: str) -> list[str]:
        page = to_page(found, TerminalFilter(sort=sort), NOW, limit=100, offset=0)
        return [row["user"] for row in page["terminals"]]

    for sort in SORTS:
        assert users(sort) == users(f"-{sort}".replace("--", ""))[::-1]


@given(records)
def test_rows_hide_addresses_and_never_go_back_in_time(
    found: list[TerminalRecord],
) -> None:
    """A time that is damaged or ahead of ours makes no age below nothing."""
    page = to_page(found, TerminalFilter(), NOW, limit=100, offset=0)

    for row in page["terminals"]:
        assert "url" not in row
        for seconds in (row["age_s"], row["state_s"]):
            assert seconds is None or seconds >= 0
        is_up = row["status"] in {"READY", "SUBMITTED"}
        assert is_up or row["age_s"] is None
        assert not (is_up and row["can_delete"])


def test_what_may_be_deleted() -> None:
    """Nothing that is up, and nothing that a silent host may still run."""
    deletable = {
        (status, host)
        for status in Status
        for host in ("", "a")
        if may_delete(TerminalRecord("n", "u", status, host=host))
    }

    assert deletable == {
        (Status.PENDING, ""),
        (Status.STOPPED, ""),
        (Status.ERROR, ""),
    }
