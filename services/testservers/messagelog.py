# Copyright the carryall authors.  See LICENSE.
"""The WebSocket server for tests: it keeps the messages and sends them back, or what it is told.

Tests:    tests/services/testservers/test_messagelog.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import native, text_type, to_bytes
from carryall.core.future import Future
from carryall.protocols.http import Site
from carryall.protocols.websocket import MessageProtocol, Settings, WebSocketServer
from carryall.services.testservers.controlled import ControlledService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

__all__ = ['MessageLog', 'make']


class MessageLog(ControlledService):
    """A WebSocket on every path.

    Options:  echo: messages that nothing is told for go back.
              subprotocols: those that it knows.
    """

    known = {'echo': True, 'subprotocols': ()}
    asks_faults = True

    def __init__(self, given):
        # type: (Dict[str, Any]) -> None
        self.answers = {}           # type: Dict[Any, List[Any]]
        self.connections = []       # type: List[_Session]
        ControlledService.__init__(self, 'websocket', given)

    def listeners(self, loop):
        settings = Settings(subprotocols=tuple(to_bytes(each)
                                               for each in self.values['subprotocols']))
        server = WebSocketServer(lambda request: _Session(self, request), loop, settings)

        def application(request):
            # type: (Any) -> Any
            if self.faults.ask(request.method + b' ' + request.target) is not None:
                return Future()     # the connection ends, and this with it
            return server(request)

        return [('websocket', Site(application, loop), bool(self.values['tls']))]

    def application_protocols(self):
        return ('http/1.1',)

    def calls(self):
        found = ControlledService.calls(self)
        found.update(answer=self.answer, send=self.send, open=self.open, close=self.end_all)
        return found

    def answer(self, message, replies):
        # type: (Any, List[Any]) -> None
        """Sends *replies* each time that *message* comes."""
        self.answers[message] = list(replies)

    def send(self, message):
        # type: (Any) -> int
        """Sends a message to every connection; how many there are."""
        for each in self.connections:
            each.websocket.send(message)
        return len(self.connections)

    def open(self):
        # type: () -> int
        """How many connections there are."""
        return len(self.connections)

    def end_all(self, code=1000):
        # type: (int) -> None
        """Closes every connection."""
        for each in list(self.connections):
            each.websocket.close(code)

    def forget(self):
        ControlledService.forget(self)
        self.answers.clear()


class _Session(MessageProtocol):
    """One connection."""

    def __init__(self, messages, request):
        # type: (MessageLog, Any) -> None
        self._messages = messages
        self._target = request.target.decode('latin-1')

    def connection_made(self, websocket):
        MessageProtocol.connection_made(self, websocket)
        self._messages.connections.append(self)

    def message_received(self, message):
        messages = self._messages
        messages.keep({'message': message, 'target': self._target,
                       'text': isinstance(message, text_type)})
        replies = messages.answers.get(message)
        if replies is None:
            replies = [message] if messages.values['echo'] else []
        for reply in replies:
            self.websocket.send(reply)

    def connection_lost(self, exc):
        if self in self._messages.connections:
            self._messages.connections.remove(self)


def make(given):
    # type: (Dict[str, Any]) -> MessageLog
    """A stopped server with these options."""
    return MessageLog(dict((native(name), value) for name, value in given.items()))
