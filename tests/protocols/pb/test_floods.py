# Copyright the carryall authors.  See LICENSE.
"""A Broker answers a flood over many turns (law L21)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols import pb
from carryall.protocols.pb.banana import PB, encode
from tests.protocols.pb.stage import CHOICE, VERSION
from tests.support.floods import Flood, SharedFloodTests


class Root(pb.Root):
    def remote_echo(self, number):
        return number


def message(number):
    """The octets of one call."""
    return encode([b'message', number, b'root', b'echo', 1, [b'tuple', 5], [b'dictionary']], PB)


class TestFloods(SharedFloodTests):
    flood = Flood(lambda loop: pb.Broker(loop, Root()), message,
                  b'\x03\x80' + encode(b'answer', PB), greeting=CHOICE + VERSION)
