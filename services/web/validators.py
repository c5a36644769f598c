# Copyright the carryall authors.  See LICENSE.
"""The state of a file: its identity, and the entity tag made of it (RFC 9110 section 8.8).

A strong tag promises that the octets are the same (section 8.8.1).  Reading all octets for each
request would keep that promise and cost too much.  So the tag is made of data of the file system:
device, inode, size, and two times.  These are the last change of the octets (mtime) and of any
data about the file (ctime, which cannot be set back).

The times are as fine as the file system's clock: a tick of some milliseconds, or 1 to 2 seconds on
old ones.  Two changes within one tick look alike.  So a file is *unsettled* while its last change
is so recent that another could look the same.  Then its tag is weak and never used again, and its
octets are not cached.  A tick later the promise can be kept.  (If the files are on another machine,
its clock must not be ahead of ours.)

Tests:    tests/services/web/test_validators.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import os
from binascii import hexlify

from carryall.core.compat import to_bytes
from carryall.protocols.http.fields import ETag

__all__ = ['date_tells', 'etag_of', 'identity_of', 'is_settled', 'is_told', 'modified_of']

# -- limits ------------------------------------------------------------------
FINE_TICK = 0.05            # seconds; kernels stamp files 100 to 1000 times a second, Windows 64
COARSE_TICK = 2.5           # seconds; FAT counts two of them, HFS+ and old NFS one
NANO = 1000000000           # nanoseconds of a second
# of the hash in a tag: two states of one file have equal ones once in 2**96
TAG_BYTES = 12

_CTIME_IS_CHANGE = os.sep == '/'    # on Windows it is the time of creation
_HAS_NANOSECONDS = hasattr(os.stat_result, 'st_mtime_ns')


def _fine(stat, name):
    # type: (Any, str) -> int
    """A time of a file in nanoseconds."""
    value = getattr(stat, name + '_ns', None)
    # py2: a float, good for 1 us
    return value if value is not None else int(getattr(stat, name) * 1000000) * 1000


def identity_of(stat):
    # type: (Any) -> Tuple[int, int, int, int, int]
    """(device, inode, size, mtime, ctime), the times in nanoseconds; equal for equal states of one
    file.
    """
    if _HAS_NANOSECONDS:
        try:
            return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
        except AttributeError:      # not a result of the system
            pass
    return stat.st_dev, stat.st_ino, stat.st_size, _fine(stat, 'st_mtime'), _fine(stat, 'st_ctime')


def is_settled(identity, now):
    # type: (Tuple[int, int, int, int, int], float) -> bool
    """True if any later change must show in the identity, which was taken at the time
    *now*.
    """
    _, _, _, mtime, ctime = identity
    changed = ctime if _CTIME_IS_CHANGE else max(mtime, ctime)
    tick = FINE_TICK if changed % 1000000000 else COARSE_TICK
    return now - changed / 1e9 >= tick


def etag_of(identity, now, variant=b''):
    # type: (Tuple[int, int, int, int, int], float, bytes) -> ETag
    """The tag of a file with *identity*, found *now*; *variant* distinguishes forms of one
    file.

    It is a hash, so that inode numbers are not published.
    """
    text = b'%d-%d-%d-%d-%d' % identity
    settled = is_settled(identity, now)
    if not settled:
        text += b'-' + to_bytes(repr(now)) + b'-' + hexlify(os.urandom(8))
    digest = to_bytes(hashlib.sha256(text).hexdigest()[:TAG_BYTES * 2])
    return ETag(not settled, digest + b'-' + variant if variant else digest)


def modified_of(identity, now):
    # type: (Tuple[int, int, int, int, int], float) -> int
    """The seconds of Last-Modified: at least one second before *now*, and so before Date (RFC 9110
    section 8.8.2.1).

    Within the second of a change it returns the second before.  The date of a second is not given
    out while the file can still change in it.  So a client that has a date has the last state of
    that second.  For a time in the future, which a program has set, it returns the time of that
    setting.
    """
    _, _, _, mtime, ctime = identity
    told = mtime if mtime / 1e9 <= now else ctime
    return max(0, min(told // NANO, int(now) - 1))


def is_told(identity, now):
    # type: (Tuple[int, int, int, int, int], float) -> bool
    """True if ``modified_of`` will return the same from now on."""
    _, _, _, mtime, ctime = identity
    return (mtime if mtime / 1e9 <= now else ctime) // NANO < int(now)


def date_tells(identity):
    # type: (Tuple[int, int, int, int, int]) -> bool
    """True if the Last-Modified of a file stands for one state of it alone (RFC 9110 section
    8.8.2.2).

    The time of the last change of any data, which cannot be set, must lie in the same second.  So
    this is false for a file whose times a program has set.  It is false for files from before 1970,
    as all of those have one date.  It is also false on a file system that counts whole seconds,
    because it may count two at a time.
    """
    _, _, _, mtime, ctime = identity
    return (_CTIME_IS_CHANGE and mtime >= NANO and mtime // NANO == ctime // NANO
            and bool(mtime % NANO or ctime % NANO))


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple
