# Copyright the carryall authors.  See LICENSE.
"""Mirrors: a directory of a server here, or one of ours there; only files that differ are sent.

A file is the same if its size is, and the copy is not older than the original.  The client leaves
out names of the server that lead out of the target; the target is a FileSystem, such as a jail.

Tests:    tests/protocols/ftp/test_mirror.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.future import Return, coroutine
from carryall.core.logs import escape, get_logger
from carryall.protocols.ftp.errors import FTPError
from carryall.protocols.ftp.filesystem import FILE, FOLDER, NEW, FileFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

__all__ = ['Outcome', 'mirror_down', 'mirror_up']

MAX_DEPTH = 50              # directories below each other: a server may have circles
MAX_FILES = 1000000         # of one mirror; default
COARSE_SECONDS = 60.0       # how exact the times of LIST are

log = get_logger('ftp.client')


class Outcome(object):
    """The result of a mirror: numbers of files by what was done with them, and octets sent."""

    __slots__ = ('sent', 'same', 'removed', 'left_out', 'octets')

    def __init__(self):
        # type: () -> None
        self.sent = 0
        self.same = 0
        self.removed = 0
        self.left_out = 0
        self.octets = 0


def _join(folder, name):
    # type: (bytes, bytes) -> bytes
    return folder + name if not folder or folder.endswith(b'/') else folder + b'/' + name


@coroutine
def mirror_down(client, remote, files, target=(), delete=False, tell=None, outcome=None, depth=0):
    # type: (Any, bytes, Any, Tuple[bytes, ...], bool, Any, Any, int) -> Any
    """Makes *target* of *files* like a directory of the server; a Future of an Outcome.

    Args:     remote: the server's directory.
              delete: remove what the server lacks.
              tell: called with a verb (text) and the remote path for each action; None.
    """
    outcome = outcome or Outcome()
    found = yield client.entries(remote)
    here = dict((entry.name, entry) for entry in files.entries(target))
    seen = set()
    for entry in found:
        seen.add(entry.name)
        path = _join(remote, entry.name)
        place = target + (entry.name,)
        there = here.get(entry.name)
        try:
            if entry.kind == FOLDER and depth < MAX_DEPTH:
                if there is None:
                    files.make_folder(place)
                yield mirror_down(client, path, files, place, delete, tell, outcome, depth + 1)
            elif entry.kind != FILE or outcome.sent + outcome.same >= MAX_FILES:
                outcome.left_out += 1
            elif there is not None and there.kind == FILE and _same(entry, there):
                outcome.same += 1
            else:
                _tell(tell, u'get', path)
                octets = yield client.retrieve(path, files.store(place, NEW))
                outcome.octets += octets
                outcome.sent += 1
                if entry.modified:
                    files.set_modified(place, entry.modified)
        except (FileFault, FTPError) as exc:
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
def mirror_up(client, files, source, remote, delete=False, tell=None, outcome=None, depth=0):
    # type: (Any, Any, Tuple[bytes, ...], bytes, bool, Any, Any, int) -> Any
    """Makes *remote* of the server like *source* of *files*; a Future of an Outcome."""
    outcome = outcome or Outcome()
    found = yield client.entries(remote)
    there = dict((entry.name, entry) for entry in found)
    names = set()
    for entry in list(files.entries(source)):
        names.add(entry.name)
        path = _join(remote, entry.name)
        place = source + (entry.name,)
        other = there.get(entry.name)
        try:
            if entry.kind == FOLDER and depth < MAX_DEPTH:
                if other is None:
                    yield client.make_folder(path)
                yield mirror_up(client, files, place, path, delete, tell, outcome, depth + 1)
            elif entry.kind != FILE or outcome.sent + outcome.same >= MAX_FILES:
                outcome.left_out += 1
            elif other is not None and other.kind == FILE and _same(entry, other):
                outcome.same += 1
            else:
                _tell(tell, u'put', path)
                opened, size = files.open(place)
                octets = yield client.store(path, opened, size)
                outcome.octets += octets
                outcome.sent += 1
                yield _keep_time(client, path, entry.modified)
        except (FileFault, FTPError) as exc:
            log.warning('%s is left out: %s', escape(path), exc)
            outcome.left_out += 1
    if delete:
        for name in sorted(set(there) - names):
            path = _join(remote, name)
            _tell(tell, u'remove', path)
            yield _remove_there(client, path, there[name].kind == FOLDER, outcome, depth)
    raise Return(outcome)


@coroutine
def _keep_time(client, path, modified):
    # type: (Any, bytes, float) -> Any
    """Gives the copy the time of the original, if the server supports it."""
    features = yield client.features()
    if b'MFMT' in features:
        try:
            yield client.set_modified(path, modified)
        except FTPError:
            pass


@coroutine
def _remove_there(client, path, folder, outcome, depth):
    # type: (Any, bytes, bool, Outcome, int) -> Any
    if folder and depth < MAX_DEPTH:
        found = yield client.entries(path)
        for entry in found:
            below = _join(path, entry.name)
            yield _remove_there(client, below, entry.kind == FOLDER, outcome, depth + 1)
        yield client.remove_folder(path)
    else:
        yield client.remove(path)
    outcome.removed += 1


def _tell(tell, verb, path):
    # type: (Any, str, bytes) -> None
    if tell is not None:
        tell(verb, path)
