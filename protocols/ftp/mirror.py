# Copyright the carryall authors.  See LICENSE.
"""Mirrors: a folder of a server here, or one of ours there, only what differs being sent.

A file is the same when its size is, and the copy is not older than the original.  Names of the server's that could lead
out of the target are left out by the session; the target is a FileSystem, and a jail at that.

Tests:    tests/protocols/ftp/test_mirror.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Return, coroutine
from carryall.core.logs import escape, get_logger
from carryall.protocols.ftp.filesystem import FILE, FOLDER, NEW, FileFault
from carryall.protocols.ftp.wire import Refused

__all__ = ['Outcome', 'mirror_down', 'mirror_up']

MAX_DEPTH = 50              # folders below each other; ours: a server may have circles
MAX_FILES = 1000000         # of one mirror; ours
COARSE_SECONDS = 60.0       # how exact the times of LIST are

log = get_logger('ftp.client')


class Outcome(object):
    """What a mirror has done: numbers of files sent, left as they were, removed, and left out; octets sent."""

    __slots__ = ('sent', 'same', 'removed', 'left_out', 'octets')

    def __init__(self):
        # type: () -> None
        self.sent = self.same = self.removed = self.left_out = self.octets = 0


def _join(folder, name):
    # type: (bytes, bytes) -> bytes
    return folder + name if not folder or folder.endswith(b'/') else folder + b'/' + name


@coroutine
def mirror_down(session, remote, files, target=(), delete=False, tell=None, outcome=None, depth=0):
    # type: (Any, bytes, Any, Tuple[bytes, ...], bool, Any, Any, int) -> Any
    """Make *target* of the FileSystem *files* like the folder *remote* of the server; a Future of an Outcome.

    Args:     delete: remove what the server has not.
              tell: called with a verb (text) and the remote path for each thing done; None.
    """
    outcome = outcome or Outcome()
    found = yield session.entries(remote)
    here = dict((entry.name, entry) for entry in files.entries(target))
    seen = set()
    for entry in found:
        seen.add(entry.name)
        path, place, there = _join(remote, entry.name), target + (entry.name,), here.get(entry.name)
        try:
            if entry.kind == FOLDER and depth < MAX_DEPTH:
                if there is None:
                    files.make_folder(place)
                yield mirror_down(session, path, files, place, delete, tell, outcome, depth + 1)
            elif entry.kind != FILE or outcome.sent + outcome.same >= MAX_FILES:
                outcome.left_out += 1
            elif there is not None and there.kind == FILE and _same(entry, there):
                outcome.same += 1
            else:
                _tell(tell, u'get', path)
                octets = yield session.retrieve(path, files.store(place, NEW))
                outcome.octets += octets
                outcome.sent += 1
                if entry.modified:
                    files.set_modified(place, entry.modified)
        except (FileFault, Refused) as exc:
            log.warning('%s is left out: %s', escape(path), exc)
            outcome.left_out += 1
    if delete:
        for name in sorted(set(here) - seen):
            _tell(tell, u'remove', _join(remote, name))
            _remove_here(files, target + (name,), here[name].kind == FOLDER, outcome)
    raise Return(outcome)


def _same(original, copy):
    # type: (Any, Any) -> bool
    return original.size == copy.size and copy.modified >= original.modified - COARSE_SECONDS


def _remove_here(files, path, folder, outcome):
    # type: (Any, Tuple[bytes, ...], bool, Outcome) -> None
    if folder:
        for entry in list(files.entries(path)):
            _remove_here(files, path + (entry.name,), entry.kind == FOLDER, outcome)
        files.remove_folder(path)
    else:
        files.remove(path)
    outcome.removed += 1


@coroutine
def mirror_up(session, files, source, remote, delete=False, tell=None, outcome=None, depth=0):
    # type: (Any, Any, Tuple[bytes, ...], bytes, bool, Any, Any, int) -> Any
    """Make the folder *remote* of the server like *source* of the FileSystem *files*; a Future of an Outcome."""
    outcome = outcome or Outcome()
    found = yield session.entries(remote)
    there = dict((entry.name, entry) for entry in found)
    names = set()
    for entry in list(files.entries(source)):
        names.add(entry.name)
        path, place, other = _join(remote, entry.name), source + (entry.name,), there.get(entry.name)
        try:
            if entry.kind == FOLDER and depth < MAX_DEPTH:
                if other is None:
                    yield session.make_folder(path)
                yield mirror_up(session, files, place, path, delete, tell, outcome, depth + 1)
            elif entry.kind != FILE or outcome.sent + outcome.same >= MAX_FILES:
                outcome.left_out += 1
            elif other is not None and other.kind == FILE and _same(entry, other):
                outcome.same += 1
            else:
                _tell(tell, u'put', path)
                opened, size = files.open(place)
                octets = yield session.store(path, opened, size)
                outcome.octets += octets
                outcome.sent += 1
                yield _keep_time(session, path, entry.modified)
        except (FileFault, Refused) as exc:
            log.warning('%s is left out: %s', escape(path), exc)
            outcome.left_out += 1
    if delete:
        for name in sorted(set(there) - names):
            path = _join(remote, name)
            _tell(tell, u'remove', path)
            yield _remove_there(session, path, there[name].kind == FOLDER, outcome, depth)
    raise Return(outcome)


@coroutine
def _keep_time(session, path, modified):
    # type: (Any, bytes, float) -> Any
    """Give the copy the time of the original, where the server lets one."""
    features = yield session.features()
    if b'MFMT' in features:
        try:
            yield session.set_modified(path, modified)
        except Refused:
            pass


@coroutine
def _remove_there(session, path, folder, outcome, depth):
    # type: (Any, bytes, bool, Outcome, int) -> Any
    if folder and depth < MAX_DEPTH:
        found = yield session.entries(path)
        for entry in found:
            yield _remove_there(session, _join(path, entry.name), entry.kind == FOLDER, outcome, depth + 1)
        yield session.remove_folder(path)
    else:
        yield session.remove(path)
    outcome.removed += 1


def _tell(tell, verb, path):
    # type: (Any, str, bytes) -> None
    if tell is not None:
        tell(verb, path)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple
