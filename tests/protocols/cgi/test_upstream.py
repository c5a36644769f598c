# Copyright the carryall authors.  See LICENSE.
"""A body on its way to an application: no faster than it is taken, and to its end."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import ConnectionLost
from carryall.protocols.cgi import BodyPump
from carryall.protocols.http import Body, Headers


class Way(object):
    """A pump, its body, and what came out."""

    def __init__(self):
        self.body = Body(lambda: None)
        self.out = []
        self.failed = []
        self.pump = BodyPump(self.body, self.out.append, self.failed.append)


def test_a_body_is_sent_as_it_comes_and_its_end_is_told():
    way = Way()
    way.pump.pull()
    way.body.feed(b'one')
    way.body.feed(b'two')
    assert way.out == [b'one', b'two']
    way.body.end(Headers())
    assert way.out[-1] == b''
    assert way.pump.is_done()


def test_a_paused_body_is_not_read():
    way = Way()
    way.pump.pull()
    way.pump.pause()
    way.body.feed(b'one')
    way.body.feed(b'two')
    assert way.out == [b'one']
    way.pump.resume()
    assert way.out == [b'one', b'two']


def test_a_body_that_breaks_is_told():
    way = Way()
    way.pump.pull()
    error = ConnectionLost(u'gone')
    way.body.fail(error)
    assert way.failed == [error]
    assert way.out == []


def test_a_body_that_is_not_wanted_is_not_sent():
    way = Way()
    way.pump.pull()
    way.pump.stop()
    way.body.feed(b'one')
    assert way.out == []
