# Copyright the carryall authors.  See LICENSE.
"""What a server serves: the contract of a file system, which need not be on a disk.

Paths are tuples of names as ``paths.resolve`` makes them.  Calls are short and answer at once; only the octets of a file
take their time, and they come through the file object of ``open`` and the Upload of ``store``.

Tests:    tests/services/ftp/ (each file system passes tests/services/ftp/filelaws.py)
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import CarryallError

__all__ = ['APPEND', 'BUSY', 'DENIED', 'EXISTS', 'Entry', 'FAILED', 'FILE', 'FOLDER', 'FULL', 'FileFault', 'FileSystem',
           'IS_FOLDER', 'LINK', 'MAX_NAME', 'MISSING', 'NEW', 'NOT_EMPTY', 'NOT_FOLDER', 'OTHER', 'READ_ONLY', 'RESUME', 'UNIQUE',
           'Upload', 'unique_names']

# Kinds of entry, as MLSx spells them where it has a word.
FILE, FOLDER, LINK, OTHER = 'file', 'dir', 'link', 'other'

# How an upload begins.
NEW, APPEND, RESUME, UNIQUE = 'new', 'append', 'resume', 'unique'

MAX_NAME = 255              # octets of one name; NAME_MAX of nearly all file systems

# Why something cannot be done: (reply code, text for the peer).
MISSING = (550, b'No such file or folder.')
DENIED = (550, b'Permission denied.')
EXISTS = (550, b'That is there already.')
NOT_FOLDER = (550, b'Not a folder.')
IS_FOLDER = (550, b'That is a folder.')
NOT_EMPTY = (550, b'The folder is not empty.')
READ_ONLY = (550, b'Nothing can be changed here.')
OTHER_PLACE = (550, b'It cannot be moved to there.')
BAD_NAME = (553, b'No file can have that name.')
FULL = (552, b'There is no room for it.')
BUSY = (450, b'It cannot be reached at the moment.')
FAILED = (550, b'That could not be done.')


class FileFault(CarryallError):
    """A file system cannot do what it was asked; ``why`` is one of the pairs above, ``cause`` is for the log."""

    def __init__(self, why, cause=None):
        # type: (Tuple[int, bytes], Optional[BaseException]) -> None
        CarryallError.__init__(self, why[1].decode('ascii'), cause)
        self.why = why


class Entry(object):
    """What is known of one name in a folder.

    Attributes:
        name: bytes; b'' for the root.
        kind: FILE, FOLDER, LINK or OTHER.
        size: octets of a file; 0 of anything else.
        modified: seconds since 1970, UTC.
        mode: Unix permissions, 0 to 0o7777.
        owner, group: bytes, names or numbers.
        links: how many names it has.
        unique: bytes, the same for two names of one file and for no other (b'' if that is not known).
        target: where a LINK leads, bytes, as text.
        special: of an OTHER its letter in ``ls -l``: p, s, b or c; b'' if it is unknown.
        device: of an OTHER its numbers, (major, minor); None if it has none.
    """

    __slots__ = ('name', 'kind', 'size', 'modified', 'mode', 'owner', 'group', 'links', 'unique', 'target', 'special',
                 'device')

    def __init__(self, name, kind, size=0, modified=0.0, mode=None, owner=b'ftp', group=b'ftp', links=1, unique=b'',
                 target=b''):
        # type: (bytes, str, int, float, Optional[int], bytes, bytes, int, bytes, bytes) -> None
        self.name = name
        self.kind = kind
        self.size = size
        self.modified = modified
        self.mode = (0o755 if kind == FOLDER else 0o644) if mode is None else mode
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
        path: where it will be, for the reply to STOU and the log.
        size: octets that were in front of what is written (APPEND, RESUME).
    """

    __slots__ = ('path', 'size')

    def __init__(self, path, size=0):
        # type: (Tuple[bytes, ...], int) -> None
        self.path = path
        self.size = size

    def write(self, data):
        # type: (bytes) -> None
        """Put *data* behind what is there.  FileFault: FULL."""
        raise NotImplementedError

    def finish(self):
        # type: () -> None
        """All is there."""
        raise NotImplementedError

    def abandon(self):
        # type: () -> None
        """No more will come, and something is missing; what is there stays for a resume, unless it was to appear whole."""
        raise NotImplementedError


def unique_names(wish, maximum):
    # type: (bytes, int) -> Iterator[bytes]
    """Names to try for UNIQUE, at most *maximum*: the wish and the wish with numbers, or ``upload.1`` and so on."""
    if wish:
        yield wish
    for number in range(1, maximum):
        ending = b'.%d' % number
        yield (wish or b'upload')[:MAX_NAME - len(ending)] + ending


class FileSystem(object):
    """The contract; this class itself refuses everything.

    Every call raises FileFault for what cannot be done.
    """

    def stat(self, path, follow=True):
        # type: (Tuple[bytes, ...], bool) -> Entry
        """What is at *path*; of a link what it leads to, or with follow=False the link itself."""
        raise FileFault(MISSING)

    def entries(self, path):
        # type: (Tuple[bytes, ...]) -> Iterator[Entry]
        """What a folder holds, links as links, in no order; what vanishes meanwhile is left out."""
        raise FileFault(MISSING)

    def open(self, path):
        # type: (Tuple[bytes, ...]) -> Tuple[Any, int]
        """(binary file open for reading, its size) of a regular file; the caller closes it."""
        raise FileFault(MISSING)

    def store(self, path, how=NEW, offset=0, wish=b''):
        # type: (Tuple[bytes, ...], str, int, bytes) -> Upload
        """Begin an upload.

        Args:     how: NEW replaces what is there; APPEND goes on behind it, wherever the end is at each write; RESUME
                  overwrites from *offset*, which lies within the file; UNIQUE finds a name in the folder *path* that is free.
                  wish: of UNIQUE, the name to take if it is free, else with a number behind it.
        """
        raise FileFault(READ_ONLY)

    def make_folder(self, path):
        # type: (Tuple[bytes, ...]) -> None
        """Make a folder; its parent must be there."""
        raise FileFault(READ_ONLY)

    def remove_folder(self, path):
        # type: (Tuple[bytes, ...]) -> None
        """Remove an empty folder."""
        raise FileFault(READ_ONLY)

    def remove(self, path):
        # type: (Tuple[bytes, ...]) -> None
        """Remove a file or a link."""
        raise FileFault(READ_ONLY)

    def rename(self, source, target):
        # type: (Tuple[bytes, ...], Tuple[bytes, ...]) -> None
        """Give a file or folder another path; a file that is there is replaced."""
        raise FileFault(READ_ONLY)

    def set_modified(self, path, seconds):
        # type: (Tuple[bytes, ...], float) -> None
        """Set when it was last modified, seconds since 1970."""
        raise FileFault(READ_ONLY)

    def set_mode(self, path, mode):
        # type: (Tuple[bytes, ...], int) -> None
        """Set the Unix permissions."""
        raise FileFault(READ_ONLY)

    def room(self, path):
        # type: (Tuple[bytes, ...]) -> Optional[int]
        """Octets that could be stored in this folder; None if nobody knows."""
        return None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Optional, Tuple
