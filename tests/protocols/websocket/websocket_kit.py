# Copyright the carryall authors.  See LICENSE.
"""Shared parts of the tests of WebSockets: frames, events as plain values, and one side of a
connection on a stage."""
from __future__ import absolute_import, division, print_function

from carryall.core.testing import FakeTransport, VirtualLoop, chunkings
from carryall.protocols.websocket.session import MessageProtocol, WebSocket
from carryall.protocols.websocket.settings import Settings
from carryall.protocols.websocket.wire import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT,
                                               Closing, Control, Piece, Receiver,
                                                    close_payload, frame)
from tests.protocols.http import stage

KEY = b'\x37\xfa\x21\x3d'               # the key of RFC 6455's examples


def masked(opcode, payload=b'', final=True, squeezed=False):
    """A frame of a client."""
    return frame(opcode, payload, KEY, final, squeezed)


def closing(code=None, reason=u''):
    """A client's CLOSE."""
    return masked(CLOSE, close_payload(code, reason))


def add_event(event, into):
    """One event onto the list *into*; the pieces of a message are joined."""
    if isinstance(event, Piece):
        assert event.data or event.last, 'an event of nothing'
        if into and into[-1][0] == 'part':
            into[-1] = ('part', event.kind, into[-1][2] + event.data)
        else:
            into.append(('part', event.kind, event.data))
        if event.last:
            into[-1] = ('message',) + into[-1][1:]
    elif isinstance(event, Closing):
        into.append(('close', event.code, event.reason))
    else:
        assert isinstance(event, Control)
        into.append((event.opcode, event.data))


def take_events(receiver, into):
    """All events that can be had now, onto the list *into*.  False after an error."""
    return stage.take_events(receiver, into, add_event)


def events_of(data, make=None):
    """The events of *data*, which must be the same however it is cut."""
    first = None
    for name, pieces in chunkings(data):
        receiver = make() if make is not None else Receiver(True)
        events = []
        good = True
        for piece in pieces:
            receiver.receive_data(piece)
            good = good and take_events(receiver, events)
        # A PING between the frames of a message stands before or behind the part that had come:
        # told apart from its parts.
        events = ([event for event in events if event[0] in (PING, PONG)]
                  + joined(event for event in events if event[0] not in (PING, PONG)))
        if [event[0] for event in events[-2:]] == ['part', 'error']:
            # How much of a message could be given out before its fault was seen
            del events[-2]
        if first is None:
            first = events
        assert events == first, 'data %s: %r, but whole: %r' % (name, events, first)
    return first


def joined(events):
    """The same with the parts of one message as one event."""
    found = []
    for event in events:
        if found and found[-1][0] == 'part' and event[0] in ('part', 'message'):
            found[-1] = (event[0], event[1], found[-1][2] + event[2])
        else:
            found.append(event)
    return found


class Above(MessageProtocol):
    """Notes what it is told, and can echo."""

    echo = False

    def __init__(self):
        self.heard = []
        self.lost = []
        self.pauses = []

    def message_received(self, message):
        self.heard.append(message)
        if self.echo:
            self.websocket.send(message)

    def peer_closing(self, code, reason):
        self.heard.append((code, reason))

    def connection_lost(self, exc):
        self.lost.append(exc)

    def pause_writing(self):
        self.pauses.append(True)

    def resume_writing(self):
        self.pauses.append(False)


class Echoing(Above):
    echo = True


class Side(object):
    """One WebSocket whose peer is the test; *client*: which side it is."""

    def __init__(self, above=None, client=False, loop=None, **options):
        self.loop = loop if loop is not None else VirtualLoop()
        self.above = above if above is not None else Above()
        self.client = client
        self.websocket = WebSocket(self.above, self.loop, options.pop('settings', Settings()),
                                   client, **options)
        self.wire = FakeTransport(self.loop).connect(self.websocket)

    def say(self, *frames):
        """The peer sends frames, all at once; the events of what is answered."""
        self.wire.feed(b''.join(frames))
        self.loop.advance()
        return self.hear()

    def hear(self):
        """The events of what was said since the last time."""
        assert not self.loop.failures, self.loop.failures
        receiver = Receiver(self.client)
        receiver.receive_data(self.wire.take())
        events = []
        take_events(receiver, events)
        return events

    def wait(self, seconds):
        """Time passes; the events of what is said meanwhile."""
        self.loop.advance(seconds)
        return self.hear()

    @property
    def heard(self):
        """The events that the application got."""
        return self.above.heard


__all__ = ['Above', 'BINARY', 'CLOSE', 'CONTINUATION', 'Echoing', 'KEY', 'PING', 'PONG', 'Side',
           'TEXT', 'close_payload', 'closing',
           'events_of', 'frame', 'masked', 'take_events']
