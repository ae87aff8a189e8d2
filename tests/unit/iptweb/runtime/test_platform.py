"""The doors to the outside."""

from iptweb.runtime import Platform
from iptweb.settings import Configs
from iptweb.terminals.host import ProcessHost
from iptweb.testing import make_configs


def test_real_doors() -> None:
    """Without a test's own, the doors lead to the real things."""
    platform = Platform()
    settings = Configs(make_configs(terminal_host="process")).settings()

    assert isinstance(platform.choose_host(settings), ProcessHost)
    assert len(platform.new_id()) > 40
    assert platform.new_id() != platform.new_id()
