# Copyright the carryall authors.  See LICENSE.
"""ReadyResponses: bounded, and never out of date."""
from __future__ import absolute_import, division, print_function

import os

from carryall.services.web.readyresponses import OVERHEAD, ReadyResponses
from carryall.services.web.tree import look
from tests.services.web.support import write


class Prepared(object):
    """A representation of some octets."""

    def __init__(self, size):
        self.size = size

    def prepare(self):
        """The size that it is counted with."""
        return self.size


def _witness(path):
    return [(path.encode('utf-8'), look(path.encode('utf-8')).identity)]


def test_a_response_is_remembered_by_key(tmpdir):
    """For everybody, or by key."""
    ready = ReadyResponses()
    witness = _witness(write(tmpdir, 'a', b'1'))
    one = Prepared(10)
    two = Prepared(20)
    three = Prepared(30)
    ready.add(b'/a', None, one, witness)
    ready.add(b'/b', 'x', two, witness)
    ready.add(b'/b', 'y', three, witness)
    assert ready.get(b'/a').always is one, 'there'
    assert ready.get(b'/b').by_key == {'x': two, 'y': three}, 'there'
    assert ready.get(b'/a').is_current(), 'current'
    assert ready.get(b'/c') is None, 'current'
    assert ready.weight == 60 + 2 * OVERHEAD, 'counted'
    assert len(ready) == 2, 'counted'
    ready.add(b'/b', 'y', one, witness)
    assert ready.get(b'/b').by_key == {'y': one}, 'anew: the old ones are out of date'
    assert ready.weight == 20 + 2 * OVERHEAD, 'counted'
    ready.forget(b'/a')
    ready.forget(b'/b')
    ready.forget(b'/b')
    assert ready.weight == 0, 'nothing is left'
    assert len(ready) == 0, 'nothing is left'


def test_out_of_date(tmpdir):
    """If any of the files changes, comes or goes."""
    path = write(tmpdir, 'a', b'1')
    other = write(tmpdir, 'b', b'1')
    ready = ReadyResponses()
    ready.add(b'/a', 'x', Prepared(1), _witness(path))
    ready.add(b'/a', 'y', Prepared(1), _witness(other))
    assert ready.get(b'/a').is_current(), 'as they were'
    write(tmpdir, 'b', b'22')
    assert not ready.get(b'/a').is_current(), 'the second has changed'
    ready.add(b'/a', 'z', Prepared(1), _witness(path))
    assert ready.get(b'/a').is_current(), 'anew'
    assert list(ready.get(b'/a').by_key) == ['z'], 'anew'
    os.remove(path)
    assert not ready.get(b'/a').is_current(), 'the first is gone'


def test_octets_are_bounded(tmpdir):
    """Requested entries stay, others go first; the total never exceeds the limit."""
    witness = _witness(write(tmpdir, 'a', b'1'))
    ready = ReadyResponses(10 * OVERHEAD)
    for number in range(5):
        ready.add(b'/%d' % number, None, Prepared(OVERHEAD), witness)
    assert len(ready) == 5, 'what fits'
    assert ready.weight == 10 * OVERHEAD, 'what fits'
    ready.get(b'/0').used = True
    ready.add(b'/5', None, Prepared(OVERHEAD), witness)
    assert ready.get(b'/0') is not None, 'the one that was asked for stays'
    assert ready.get(b'/1') is None, 'the one that was asked for stays'
    for number in range(100):
        ready.add(b'/x%d' % number, None, Prepared(number * 100), witness)
        for path in list(ready._ready):
            ready.get(path).used = True
        assert ready.weight <= 10 * OVERHEAD, 'bounded, though all are asked for'
        assert ready.weight == sum(entry.weight for entry in ready._ready.values()), 'counted right'
        assert sorted(ready._order) == sorted(ready._ready), 'in order'


def test_too_large_for_it(tmpdir):
    """One that is larger than all that is allowed is not kept."""
    ready = ReadyResponses(10 * OVERHEAD)
    ready.add(b'/a', None, Prepared(10 * OVERHEAD), _witness(write(tmpdir, 'a', b'1')))
    assert len(ready) == 0, 'nothing'
    assert ready.weight == 0, 'nothing'


def test_paths_are_bounded(tmpdir):
    """As many as allowed, and one more."""
    witness = _witness(write(tmpdir, 'a', b'1'))
    ready = ReadyResponses(paths=3)
    for number in range(10):
        ready.add(b'/%d' % number, None, Prepared(0), witness)
        assert len(ready) == min(number + 1, 3), number
