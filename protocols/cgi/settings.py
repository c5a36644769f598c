# Copyright the carryall authors.  See LICENSE.
"""Settings of a gateway: the limits on what a program may say."""
from __future__ import absolute_import, division, print_function

from carryall.core.records import Record, names_of

__all__ = ['Settings']

ROWS = (
    ('header_bytes', 65536, u'octets of the header of an answer; 502'),
    ('header_count', 200, u'fields of it; 502'),
    ('output_bytes', 0, u'octets of an answer, after which the program is stopped; 0: any number'),
    ('buffer_bytes', 65536, u'octets of an answer that wait for the client; beyond it, the '
                            u'program is not read'),
    ('hold_seconds', 0.002, u'that the begin of an answer waits for its end: a short one is then '
                            u'sent whole, with its length; 0: it does not wait'),
    ('head_seconds', 60.0, u'until the header of the answer is complete; 504'),
    ('idle_seconds', 60.0, u'without output while the client waits; the program is stopped'),
    ('end_seconds', 5.0, u'from the end of the output to the end of the program, which is then '
                         u'killed'),
    ('wall_seconds', 3600.0, u'of the whole answer; the program is stopped'),
)


class Settings(Record):
    """How a gateway limits programs; times are met to within one second."""

    __slots__ = names_of(ROWS)
    rows = ROWS
