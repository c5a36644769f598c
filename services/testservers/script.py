# Copyright the carryall authors.  See LICENSE.
"""The TCP server for tests: it keeps what comes and answers as it is told; else it echoes.

Tests:    tests/services/testservers/test_script.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native, to_bytes
from carryall.core.net.protocol import Protocol
from carryall.core.net.transport import peer
from carryall.services.testservers.controlled import ControlledService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Tuple

__all__ = ['Script', 'make']

MAX_WAITING = 1 << 20       # octets that an answer may wait for


class Script(ControlledService):
    """A server that keeps octets.

    Options:  greeting: octets that a new connection gets.
              echo: what nothing is told for goes back.
              factory: makes the protocol of each connection in place of this one; only in the
                       process of the test.
    """

    known = {'greeting': b'', 'echo': True, 'factory': None}

    def __init__(self, given):
        # type: (Dict[str, Any]) -> None
        self.answers = []           # type: List[Tuple[bytes, bytes, bool]]
        self.connections = []       # type: List[Conversation]
        ControlledService.__init__(self, 'tcp', given)

    def listeners(self, loop):
        factory = self.values['factory'] or (lambda: Conversation(self))
        return [('tcp', factory, bool(self.values['tls']))]

    def calls(self):
        found = ControlledService.calls(self)
        found.update(answer=self.answer, send=self.send, open=self.open)
        return found

    def answer(self, wanted, reply, close=False):
        # type: (bytes, bytes, bool) -> None
        """Sends *reply* each time that *wanted* has come; an empty one stands for anything."""
        self.answers.append((to_bytes(wanted), to_bytes(reply), bool(close)))

    def send(self, data):
        # type: (bytes) -> int
        """Sends octets to every connection; how many there are."""
        for each in self.connections:
            each.transport.write(to_bytes(data))
        return len(self.connections)

    def open(self):
        # type: () -> int
        """How many connections there are."""
        return len(self.connections)

    def forget(self):
        ControlledService.forget(self)
        del self.answers[:]


class Conversation(Protocol):
    """One connection."""

    def __init__(self, script):
        # type: (Script) -> None
        self._script = script
        self._waiting = b''
        self._client = None         # type: Any

    def connection_made(self, transport):
        self.transport = transport
        address = peer(transport)
        self._client = None if address is None else address.port
        self._script.connections.append(self)
        greeting = to_bytes(self._script.values['greeting'])
        if greeting:
            transport.write(greeting)

    def data_received(self, data):
        script = self._script
        script.keep({'data': data, 'client': self._client})
        if not script.answers:
            if script.values['echo']:
                self.transport.write(data)
            return
        self._waiting = (self._waiting + data)[-MAX_WAITING:]
        while self._waiting and self._answered():
            pass

    def _answered(self):
        # type: () -> bool
        """Gives the answer to what has come first; false if there is none."""
        found = []
        for number, (wanted, _, _) in enumerate(self._script.answers):
            at = self._waiting.find(wanted)
            if at >= 0:
                found.append((at, number))
        if not found:
            return False
        at, number = min(found)
        wanted, reply, close = self._script.answers[number]
        self._waiting = self._waiting[at + len(wanted):] if wanted else b''
        self.transport.write(reply)
        if close:
            self.transport.close()
        return True

    def connection_lost(self, exc):
        self._script.connections.remove(self)


def make(given):
    # type: (Dict[str, Any]) -> Script
    """A stopped server with these options."""
    return Script(dict((native(name), value) for name, value in given.items()))
