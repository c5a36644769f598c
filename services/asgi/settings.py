# Copyright the carryall authors.  See LICENSE.
"""Settings of an ASGI application: its buffers and times.

Tests:    tests/services/asgi/test_asgiapplication_py3.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['Settings']


class Settings(Record):
    """Settings of one application: ``Settings(root_path=u'/api')``.

    Attributes:
        rows: each name with its default and meaning.
    """

    rows = (
        ('root_path', u'', u'the path, without a slash at its end, that leads to the application'),
        ('output_bytes', 65536,
         u'of a response that wait for the client; beyond them send() waits'),
        ('messages', 16,
         u'of a WebSocket that wait for receive(); beyond them nothing is read'),
        ('cancel_seconds', 1.0,
         u'from the loss of a client to the cancellation of its call'),
        ('startup_seconds', 60.0, u'for the application to complete lifespan.startup'),
        ('shutdown_seconds', 10.0, u'for the application to complete lifespan.shutdown'),
    )
    __slots__ = names_of(rows)
