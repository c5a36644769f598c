# Copyright the carryall authors.  See LICENSE.
"""Settings of a WebSocket, and of the server or client that makes it.

Tests:    tests/protocols/websocket/test_session.py, tests/protocols/websocket/test_server.py
"""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.core.records import Record, names_of

__all__ = ['ANY_ORIGIN', 'Limits', 'SAME_ORIGIN', 'Settings', 'former_settings']

ANY_ORIGIN = b'*'
SAME_ORIGIN = b'self'       # the origin of the request itself, as in Content-Security-Policy


class Settings(Record):
    """Settings of one WebSocket, or of all of one server: ``Settings(message_bytes=65536)``.

    Attributes:
        rows: each name with its default and meaning.
    """

    rows = (
        ('frame_bytes', 16 * 1024 * 1024, u'octets of one frame on the wire; 1009'),
        ('message_bytes', 16 * 1024 * 1024,
         u'octets of one message, decompressed; 1009, before they are kept'),
        ('ping_seconds', 60.0,
         u'without input before a PING; after as many more the connection is aborted.  0: never'),
        ('close_seconds', 5.0,
         u'for the peer to answer a CLOSE, while it takes none of the output'),
        ('subprotocols', (), u'supported subprotocols (bytes); a client names its preferred first'),
        ('deflate', None,
         u'a Deflate to offer or to accept; None: messages are not compressed'),
        ('origins', (SAME_ORIGIN,),
         u'of a server: the values of Origin that are allowed, such as b"https://a.example"; '
         u'SAME_ORIGIN: pages of the site itself; ANY_ORIGIN: all pages of the web'),
    )
    __slots__ = names_of(rows)

    def checked(self, values):
        values = Record.checked(self, values)
        values['subprotocols'] = tuple(values['subprotocols'])
        values['origins'] = tuple(values['origins'])
        return values


# -- former names ------------------------------------------------------------

class Limits(Settings):
    """The former name of Settings."""

    __slots__ = ()

    def __init__(self, **chosen):
        # type: (**Any) -> None
        warnings.warn('carryall.protocols.websocket.Limits is Settings now', DeprecationWarning, 2)
        Settings.__init__(self, **chosen)


def former_settings(settings, former):
    # type: (Settings, Dict[str, Any]) -> Settings
    """*settings* with the values that a caller gave by *former* keywords (limits, deflate,
    subprotocols, origins).
    """
    warnings.warn('%s: give these in one Settings' % ', '.join(sorted(former)), DeprecationWarning,
                  3)
    values = dict(former)
    limits = values.pop('limits', None)
    if limits is not None:
        settings = Settings(**limits.as_dict())
    return settings.replace(**values)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict
