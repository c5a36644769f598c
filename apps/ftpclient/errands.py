# Copyright the carryall authors.  See LICENSE.
"""The errands of the FTP clients: each is a function of a session and of where and how.

    done = fetch(errand, b'pub/file', target, progress)         a Future
    done = mirror(errand, b'pub', 'copy', up=False, delete=False)

The tag of a PartFile is the size and the time that the server told, so that a part of another
version is not resumed.

Tests:    tests/commands/test_ftp.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import to_bytes
from carryall.core.errors import CarryallError, UsageError
from carryall.core.future import Return, coroutine
from carryall.core.logs import escape
from carryall.protocols.ftp import (FOLDER, LINK, FileFault, Upload, format_line, format_time,
                                    mirror_down, mirror_up)
from carryall.services.ftp.jail import Jail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['Errand', 'fetch', 'listing', 'mirror', 'send']

WATCH_SECONDS = 0.2         # between two looks at a transfer


class Errand(object):
    """The parts that every errand needs.

    Args:     loop:    of the session; its wall clock dates a listing.
              session: an FTPClient after its login.
              text:    turn line ends (TYPE A).
              resume:  go on with a transfer that broke off.
    """

    __slots__ = ('loop', 'session', 'text', 'resume')

    def __init__(self, loop, session, text=False, resume=False):
        # type: (Any, Any, bool, bool) -> None
        self.loop = loop
        self.session = session
        self.text = text
        self.resume = resume


class _Watch(object):
    """Calls ``show(worker)`` from time to time while a transfer is under way."""

    def __init__(self, loop, show):
        # type: (Any, Any) -> None
        self._loop = loop
        self._show = show

    def __call__(self, worker):
        # type: (Any) -> None
        """A transfer begins; also called by the timer."""
        if not worker.done.done():
            self._show(worker)
            self._loop.call_later(WATCH_SECONDS, self, worker)


# -- fetch -------------------------------------------------------------------

@coroutine
def fetch(errand, path, target, progress):
    # type: (Errand, bytes, Any, Any) -> Any
    """Fetches a file; a Future.

    Args:     target: a PartFile, or an object of its shape.
    """
    session = errand.session
    size = yield session.size(path)
    modified = yield session.modified(path)
    upload = _TargetUpload(target, errand.resume and not errand.text, size, modified)
    progress.expect(upload.size, None if size is None else size - upload.size)
    try:
        if size is None or upload.size != size or not size:
            watch = _Watch(errand.loop, lambda worker: progress.moved(0, worker.count))
            yield session.retrieve(path, upload, upload.size, errand.text, watch)
        else:
            upload.finish()         # it was complete already
    except FileFault as fault:      # of our own end: it was made for a peer that must not know why
        cause = fault.cause
        if isinstance(cause, (IOError, OSError)):
            raise target.failure(cause)
        raise cause if isinstance(cause, CarryallError) else fault
    finally:
        progress.end()
        upload.close()


class _TargetUpload(Upload):
    """The Upload that a fetched file is written to: it fills a target."""

    __slots__ = ('_target', '_tag', '_begun')

    def __init__(self, target, resume, size, modified):
        # type: (Any, bool, Optional[int], Optional[float]) -> None
        Upload.__init__(self, ())
        self._target = target
        self._tag = None            # type: Optional[bytes]
        self._begun = False
        if size is not None and modified is not None:
            self._tag = b'%d %s' % (size, format_time(modified))
        if resume and self._tag is not None and target.tag == self._tag:
            self.size = min(target.size, size or 0)

    def write(self, data):
        self._begin()
        self._target.write(data)

    def _begin(self):
        # type: () -> None
        """Opens the target once there is something to write: a missing file leaves no part."""
        if not self._begun:
            self._begun = True
            self._target.begin(self.size, self._tag)

    def finish(self):
        self._begin()
        self._target.complete()

    def abandon(self):
        self.close()

    def close(self):
        # type: () -> None
        """Closes the target; a part with a tag stays."""
        try:
            self._target.close()
        except (IOError, OSError):      # a full disk, once more: the first error was told
            pass


# -- send --------------------------------------------------------------------

@coroutine
def send(errand, file, path, progress, append=False):
    # type: (Errand, str, bytes, Any, bool) -> Any
    """Sends a file; a Future.

    Args:     path: of the file on the server; of its folder if it is empty or ends with a slash.
    """
    session = errand.session
    if not path or path.endswith(b'/'):
        path += to_bytes(os.path.basename(file))
    offset = 0
    if errand.resume and not append:
        offset = (yield session.size(path)) or 0
    try:
        source = open(file, 'rb', 0)
        size = os.path.getsize(file)
    except (IOError, OSError) as exc:
        raise CarryallError(u'cannot read %s: %s' % (file, exc.strerror))
    if offset > size:
        source.close()
        raise CarryallError(u'the server has more than %s has' % file)
    whole = None if errand.text else size

    def show(worker):
        # type: (Any) -> None
        moved = worker.moved()      # of text: octets sent; of a file: octets left
        progress.show(u'sent', moved if errand.text else size - moved, whole)

    try:
        yield session.store(path, source, size - offset, offset, append, errand.text,
                            _Watch(errand.loop, show))
    finally:
        progress.end()


# -- folders -----------------------------------------------------------------

@coroutine
def listing(errand, path, form):
    # type: (Errand, bytes, str) -> Any
    """A Future of the lines of a folder's listing, as text that is safe to show.

    Args:     form: 'long', 'names' or 'facts'.
    """
    entries = yield errand.session.entries(path)
    lines = [_entry_text(entry, form, errand.loop.wall())
             for entry in sorted(entries, key=lambda each: each.name)]
    raise Return([escape(line.decode('utf-8', 'replace')) for line in lines])


def _entry_text(entry, form, now):
    # type: (Any, str, float) -> bytes
    if form == u'long':
        return format_line(entry, now)
    if form == u'facts':
        return b'%s %d %s %s' % (format_time(entry.modified), entry.size,
                                 entry.kind.encode('ascii'), entry.name)
    return entry.name + {FOLDER: b'/', LINK: b'@'}.get(entry.kind, b'')


@coroutine
def mirror(errand, path, folder, up=False, delete=False, tell=None):
    # type: (Errand, bytes, str, bool, bool, Any) -> Any
    """Makes a folder like one of the server, or with *up* the server's like ours.

    Args:     tell: called with a verb and a path as text, for each file.
    Returns:  a Future of the outcome, see protocols/ftp/mirror.py.
    """
    if up and not os.path.isdir(folder):
        raise UsageError(u'there is no folder %s' % folder)
    if not os.path.isdir(folder):
        try:
            os.mkdir(folder)
        except (IOError, OSError) as exc:
            raise CarryallError(u'cannot make %s: %s' % (folder, exc.strerror))
    jail = Jail(folder, whole=True)

    def note(verb, name):
        # type: (str, bytes) -> None
        if tell is not None:
            tell(verb, escape(name.decode('utf-8', 'replace')))

    if up:
        outcome = yield mirror_up(errand.session, jail, (), path, delete, note)
    else:
        outcome = yield mirror_down(errand.session, path, jail, (), delete, note)
    raise Return(outcome)
