# Copyright the carryall authors.  See LICENSE.
"""Methods that are coroutines, and callers that await."""
import pytest

from carryall.core.errors import LocalProtocolError
from carryall.core.future import as_future
from carryall.protocols import pb
from carryall.protocols.pb.jelly import jelly
from tests.protocols.pb.stage import Pair


class Root(pb.Root):
    async def remote_ask(self, other):
        with other:
            return await other.call_remote('ping') + 1


class Leaf(pb.Referenceable):
    def remote_ping(self):
        return 1


def test_coroutines_work_on_both_sides():
    """On both sides."""
    pair = Pair(Root())

    async def ask():
        return await pair.root.call_remote('ask', Leaf())

    assert pair.wait(as_future(ask())) == 2
    assert pair.client.live().objects == 0


def test_half_a_character():
    """Text with half a character cannot be sent: no peer could read it."""
    with pytest.raises(LocalProtocolError):
        jelly('\ud800')
