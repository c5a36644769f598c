# Copyright the carryall authors.  See LICENSE.
"""Identity of files, honest entity tags (RFC 9110 section 8.8.1)."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from carryall.protocols.http.fields import format_etag, weak_match
from carryall.services.web import validators as v
from tests.services.web.support import write


class Stat(object):
    """The result of os.stat."""

    def __init__(self, ino=1, size=10, mtime=1000.5, ctime=1000.5):
        self.st_dev = 7
        self.st_ino = ino
        self.st_size = size
        self.st_mtime = mtime
        self.st_ctime = ctime


def _identity(**fields):
    return v.identity_of(Stat(**fields))


def test_identity_tells_states_apart():
    """Another inode, size or time is another identity."""
    base = _identity()
    assert base == _identity(), 'the same'
    for fields in ({'ino': 2}, {'size': 11}, {'mtime': 1000.25}, {'ctime': 1000.75}):
        assert _identity(**fields) != base, fields


def test_nanoseconds_are_used_where_there_are_any():
    """st_mtime_ns, if the interpreter has it."""
    stat = Stat()
    stat.st_mtime_ns = 1000500000001
    stat.st_ctime_ns = 1000500000002
    assert v.identity_of(stat)[3:] == (1000500000001, 1000500000002), 'exact'
    assert _identity()[3:] == (1000500000000, 1000500000000), 'from a float'


def test_a_file_settles_after_a_tick(monkeypatch):
    """A file is settled when a further change must show: a tick after its last one, fine or
    coarse.
    """
    monkeypatch.setattr(v, '_CTIME_IS_CHANGE', True)
    fine = _identity()
    coarse = _identity(mtime=1000.0, ctime=1000.0)
    assert not v.is_settled(fine, 1000.5), 'this moment'
    assert not v.is_settled(fine, 1000.5 + v.FINE_TICK / 2), 'within a fine tick'
    assert v.is_settled(fine, 1000.5 + v.FINE_TICK * 1.1), 'after it'
    assert not v.is_settled(coarse,
                            1000.0 + v.FINE_TICK * 2), 'whole seconds: perhaps a coarse clock'
    assert v.is_settled(coarse, 1000.0 + v.COARSE_TICK * 1.1), 'after a coarse tick'
    assert not v.is_settled(fine, 900.0), 'the clock went back: anything may come'


def test_settled_by_the_change_of_the_inode(monkeypatch):
    """mtime can be set to anything; ctime tells when that was done, but not on Windows."""
    touched = _identity(mtime=1.5, ctime=1000.5)
    monkeypatch.setattr(v, '_CTIME_IS_CHANGE', True)
    assert not v.is_settled(touched, 1000.51), 'set back just now'
    assert v.is_settled(_identity(mtime=5000.5, ctime=1000.5),
                        1002.0), 'set to the future a while ago'
    monkeypatch.setattr(v, '_CTIME_IS_CHANGE', False)
    assert not v.is_settled(_identity(mtime=1000.5, ctime=1.5),
                            1000.51), 'Windows: ctime is when it was made'


def test_settled_files_have_strong_tags(monkeypatch):
    """Settled: strong, and the same each time.  Not settled: weak, and never the same."""
    monkeypatch.setattr(v, '_CTIME_IS_CHANGE', True)
    identity = _identity()
    strong = v.etag_of(identity, 2000.0)
    assert not strong.weak, 'settled'
    assert strong == v.etag_of(identity, 3000.0), 'settled'
    assert v.etag_of(_identity(size=11), 2000.0).opaque != strong.opaque, 'another state'
    assert v.etag_of(identity, 2000.0, b'gzip').opaque == strong.opaque + b'-gzip', 'a variant'
    unsettled = [v.etag_of(identity, 1000.5) for _ in range(2)]
    assert unsettled[0].weak, 'weak'
    assert unsettled[1].weak, 'weak'
    assert not weak_match(*unsettled), 'never again'
    assert not weak_match(unsettled[0], strong), 'never again'
    assert format_etag(strong.opaque), 'it is the grammar'
    assert b'1000500' not in strong.opaque, 'inode and times are not told'


def test_last_modified_is_before_date():
    """Later is not allowed (RFC 9110 section 8.8.2.1); the second of a change is told when it is
    over.
    """
    assert v.modified_of(_identity(mtime=1000.5), 2000.9) == 1000, 'cut to the second'
    assert (v.modified_of(_identity(mtime=2000.5), 2000.9)
            == 1999), 'it may change again within this second'
    assert v.modified_of(_identity(mtime=2000.5), 2001.0) == 2000, 'the second is over'
    assert (v.modified_of(_identity(mtime=-5.0), 2000.9)
            == 0), 'before 1970 the grammar of dates is no fun'


def test_a_time_in_the_future_is_told_as_the_time_when_it_was_set():
    assert v.modified_of(_identity(mtime=3000.5, ctime=1000.5), 2000.9) == 1000
    assert (v.modified_of(_identity(mtime=3000.5, ctime=3000.5), 2000.9)
            == 1999), 'the clock was set back'


@pytest.mark.parametrize('mtime, ctime, now, told', [
    (1000.5, 1000.5, 1000.9, False), (1000.5, 1000.5, 1001.0, True), (3000.5, 1000.5, 2000.0, True),
    (3000.5, 3000.5, 2000.0, False)])
def test_a_validator_that_was_told_stays(mtime, ctime, now, told):
    identity = _identity(mtime=mtime, ctime=ctime)
    assert v.is_told(identity, now) is told
    assert (v.modified_of(identity, now) == v.modified_of(identity, 2999.0)) or not told


@pytest.mark.parametrize('mtime, ctime, tells', [
    (1000.25, 1000.25, True), (1000.25, 1000.75, True),
    (1000.25, 1001.25, False),          # a program has set it, or the file was renamed
    (-5.5, 1000.5, False), (-5.5, -5.5, False),
    (1000.0, 1000.0, False)])           # a file system that counts seconds, or two of them
def test_a_date_that_stands_for_one_state(monkeypatch, mtime, ctime, tells):
    """RFC 9110 section 8.8.2.2."""
    identity = _identity(mtime=mtime, ctime=ctime)
    monkeypatch.setattr(v, '_CTIME_IS_CHANGE', True)
    assert v.date_tells(identity) is tells
    monkeypatch.setattr(v, '_CTIME_IS_CHANGE', False)
    assert not v.date_tells(identity), 'Windows: nobody knows'


def test_a_real_change_shows(tmpdir):
    """Overwritten in place with as many octets, mtime set back: still another identity, if the
    system keeps a ctime.
    """
    path = write(tmpdir, 'a', b'one')
    os.utime(path, (1000, 1000))
    before = v.identity_of(os.stat(path))
    changed = False
    begin = time.time()
    while not changed and time.time() < begin + 3:       # until the file system's clock has ticked
        with open(path, 'r+b') as out:
            out.write(b'two')
        os.utime(path, (1000, 1000))
        changed = v.identity_of(os.stat(path)) != before
    assert changed or not v._CTIME_IS_CHANGE, 'seen'
