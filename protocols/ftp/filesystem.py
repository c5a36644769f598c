# Copyright the carryall authors.  See LICENSE.
"""FileSystem: the contract of the files that a server serves, on a disk or elsewhere.

Paths are tuples of names as `pathname.resolve` makes them.  Calls are short and return at once.
Only the octets of a file take time, through the file object of `open` and the Upload of `store`.

Tests:    tests/services/ftp/ (each file system passes tests/services/ftp/filelaws.py)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError
from carryall.protocols.ftp.wire import NO_SPACE, NOT_TAKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Optional, Tuple

__all__ = ['APPEND', 'BAD_NAME', 'BUSY', 'DENIED', 'EXISTS', 'Entry', 'FAILED', 'FILE', 'FOLDER',
           'FULL', 'FileFault', 'FileSystem', 'IS_FOLDER', 'LINK', 'MAX_NAME', 'MISSING', 'NEW',
           'NOT_EMPTY', 'NOT_FILE', 'NOT_FOLDER', 'OTHER', 'OTHER_PLACE', 'READ_ONLY', 'RESUME',
           'TOO_SHORT', 'UNIQUE', 'Upload', 'unique_names']

# Kinds of entry, as MLSx spells them if it has a word.
FILE = 'file'
FOLDER = 'dir'
LINK = 'link'
OTHER = 'other'

# How an upload begins.
NEW = 'new'
APPEND = 'append'
RESUME = 'resume'
UNIQUE = 'unique'

MAX_NAME = 255              # octets of one name; NAME_MAX of nearly all file systems

# Reasons of a FileFault: (reply code, text for the peer), RFC 959 section 4.2.2.
MISSING = (550, NOT_TAKEN + b'File not found.')
DENIED = (550, NOT_TAKEN + b'Permission denied.')
EXISTS = (550, NOT_TAKEN + b'File exists.')
NOT_FILE = (550, NOT_TAKEN + b'Not a regular file.')
NOT_FOLDER = (550, NOT_TAKEN + b'Not a directory.')
IS_FOLDER = (550, NOT_TAKEN + b'Is a directory.')
NOT_EMPTY = (550, NOT_TAKEN + b'Directory not empty.')
READ_ONLY = (550, NOT_TAKEN + b'Read-only file system.')
OTHER_PLACE = (550, NOT_TAKEN + b'Invalid target path.')
FAILED = (550, NOT_TAKEN + b'File unavailable.')
BAD_NAME = (553, NOT_TAKEN + b'File name not allowed.')
TOO_SHORT = (554, NOT_TAKEN + b'Invalid REST parameter.')
BUSY = (450, b'Requested file action not taken. File unavailable.')
FULL = (552, NO_SPACE[4:])


class FileFault(CarryallError):
    """A file system cannot do what it was asked.

    Attributes:
        why: one of the pairs above.
        cause: an exception for the log, or None.
    """

    def __init__(self, why, cause=None):
        # type: (Tuple[int, bytes], Optional[BaseException]) -> None
        CarryallError.__init__(self, why[1].decode('ascii'), cause)
        self.why = why


class Entry(object):
    """One name in a directory.

    Attributes:
        name: bytes; b'' for the root.
        kind: FILE, FOLDER, LINK or OTHER.
        size: octets of a file; 0 of anything else.
        modified: seconds since 1970, UTC.
        mode: Unix permissions, 0 to 0o7777.
        owner, group: bytes, names or numbers.
        links: number of its hard links.
        unique: bytes, equal for two names of one file and for no others; b'' if unknown.
        target: of a LINK the path it leads to, bytes, as text.
        special: of an OTHER its letter in ``ls -l``: p, s, b or c; b'' if unknown.
        device: of an OTHER its numbers, (major, minor); None if it has none.
    """

    __slots__ = ('name', 'kind', 'size', 'modified', 'mode', 'owner', 'group', 'links', 'unique',
                 'target', 'special', 'device')

    def __init__(self, name, kind, size=0, modified=0.0, mode=None, owner=b'ftp', group=b'ftp',
                 links=1, unique=b'', target=b''):
        # type: (bytes, str, int, float, Optional[int], bytes, bytes, int, bytes, bytes) -> None
        self.name = name
        self.kind = kind
        self.size = size
        self.modified = modified
        if mode is None:
            mode = 0o755 if kind == FOLDER else 0o644
        self.mode = mode
        self.owner = owner
        self.group = group
        self.links = links
        self.unique = unique
        self.target = target
        self.special = b''
        self.device = None          # type: Optional[Tuple[int, int]]


class Upload(object):
    """A file that is being written.

    Attributes:
        path: its path, for the reply to STOU and the log.
        size: octets in front of those that are written (APPEND, RESUME).
    """

    __slots__ = ('path', 'size')

    def __init__(self, path, size=0):
        # type: (Tuple[bytes, ...], int) -> None
        self.path = path
        self.size = size

    def write(self, data):
        # type: (bytes) -> None
        """Writes the next octets.  FileFault: FULL."""
        raise NotImplementedError

    def finish(self):
        # type: () -> None
        """The file is complete."""
        raise NotImplementedError

    def abandon(self):
        # type: () -> None
        """The rest will not come.

        The octets so far stay for a resume, unless the file was to appear when it is complete.
        """
        raise NotImplementedError


def unique_names(wish, maximum):
    # type: (bytes, int) -> Iterator[bytes]
    """Names to try for UNIQUE, at most *maximum*: the wish, then it or ``upload`` with numbers."""
    if wish:
        yield wish
    for number in range(1, maximum):
        ending = b'.%d' % number
        yield (wish or b'upload')[:MAX_NAME - len(ending)] + ending


class FileSystem(object):
    """The contract; the defaults refuse every call.

    Every call raises FileFault for what cannot be done.
    """

    def stat(self, path, follow=True):
        # type: (Tuple[bytes, ...], bool) -> Entry
        """The Entry at *path*; for a link that of its target, or with follow=False its own."""
        raise FileFault(MISSING)

    def entries(self, path):
        # type: (Tuple[bytes, ...]) -> Iterator[Entry]
        """The entries of a directory, links as links, in no order; vanished ones are left out."""
        raise FileFault(MISSING)

    def open(self, path):
        # type: (Tuple[bytes, ...]) -> Tuple[Any, int]
        """(binary file open for reading, its size) of a regular file; the caller closes it."""
        raise FileFault(MISSING)

    def store(self, path, how=NEW, offset=0, wish=b''):
        # type: (Tuple[bytes, ...], str, int, bytes) -> Upload
        """Begins an upload.

        Args:     how: NEW replaces the file.  APPEND writes to the end of the file, wherever it is
                      at each write.  RESUME overwrites from *offset*, which lies within the file.
                      UNIQUE finds a free name in the directory *path*.
                  wish: for UNIQUE, the name to take if it is free, else with a number behind it.
        """
        raise FileFault(READ_ONLY)

    def make_folder(self, path):
        # type: (Tuple[bytes, ...]) -> None
        """Makes a directory; its parent must exist."""
        raise FileFault(READ_ONLY)

    def remove_folder(self, path):
        # type: (Tuple[bytes, ...]) -> None
        """Removes an empty directory."""
        raise FileFault(READ_ONLY)

    def remove(self, path):
        # type: (Tuple[bytes, ...]) -> None
        """Removes a file or a link."""
        raise FileFault(READ_ONLY)

    def rename(self, source, target):
        # type: (Tuple[bytes, ...], Tuple[bytes, ...]) -> None
        """Gives a file or directory another path; an existing file is replaced."""
        raise FileFault(READ_ONLY)

    def set_modified(self, path, seconds):
        # type: (Tuple[bytes, ...], float) -> None
        """Sets the time of the last modification, seconds since 1970."""
        raise FileFault(READ_ONLY)

    def set_mode(self, path, mode):
        # type: (Tuple[bytes, ...], int) -> None
        """Sets the Unix permissions."""
        raise FileFault(READ_ONLY)

    def room(self, path):
        # type: (Tuple[bytes, ...]) -> Optional[int]
        """Octets that can be stored in this directory; None if unknown."""
        return None
