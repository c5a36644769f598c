# Copyright the carryall authors.  See LICENSE.
"""Settings of a WSGI application: its threads, its queue and its buffers.

Tests:    tests/services/wsgi/test_wsgiapplication.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['Settings']


class Settings(Record):
    """Settings of one application: ``Settings(threads=4)``.

    Attributes:
        rows: each name with its default and meaning.
    """

    rows = (
        ('threads', 8, u'calls of the application at the same time'),
        ('waiting', 256, u'further requests that may wait for a thread; beyond them it is 503'),
        ('retry_seconds', 5, u'the Retry-After of that 503'),
        ('collected_bytes', 65536,
         u'of a body that are collected in memory before a thread is used'),
        ('spools', True,
         u'a longer body is collected in a temporary file; false: the application reads it while '
         u'it arrives, and a slow client holds a thread'),
        ('spool_bytes', 4 << 30,
         u'of all bodies in temporary files, half of it for one source; beyond them it is 503'),
        ('output_bytes', 65536,
         u'of a response that wait for the client; beyond them the application waits too'),
        ('script_name', b'',
         u'the path, without a slash at its end, that leads to the application'),
        ('call_seconds', 0.0,
         u'without an octet of the response, from the beginning of the call or from the last one; '
         u'then it is 500, or the connection breaks; 0: no limit'),
        ('stuck', 32, u'threads that are replaced if their calls have not returned by then'),
        ('multiprocess', False, u'wsgi.multiprocess: other processes may run the application too'),
    )
    __slots__ = names_of(rows)

    def checked(self, values):
        values = Record.checked(self, values)
        if values['threads'] < 1:
            raise ValueError('threads: at least 1')
        return values
