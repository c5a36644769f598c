# Copyright the carryall authors.  See LICENSE.
"""Directories, names and facts: PWD, CWD, MKD, RMD, DELE, RNFR, RNTO, SIZE, MDTM, MFMT and others.

RFC 959 sections 4.1.1 and 4.1.3, RFC 775, RFC 3659 sections 3 and 4, draft-somers-ftp-mfxx.

Tests:    tests/protocols/ftp/test_filecommands.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.future import Return, coroutine, sleep
from carryall.protocols.ftp.facts import format_time, parse_time
from carryall.protocols.ftp.filesystem import (FILE, FOLDER, IS_FOLDER, NOT_FILE, NOT_FOLDER, Entry,
                                               FileFault)
from carryall.protocols.ftp.pathname import check_length, length_of, quoted
from carryall.protocols.ftp.settings import MAX_OFFSET
from carryall.protocols.ftp.verbs import Command, CommandGroup
from carryall.protocols.ftp.wire import (BAD_PARAMETER, BAD_SEQUENCE, COMPLETED, FORBIDDEN,
                                         NOT_IMPLEMENTED, NOT_TAKEN, PENDING, several, single,
                                         syntax_error)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple

__all__ = ['COMMANDS', 'FileCommands', 'octal']

MAX_MOVED = 100000          # entries of a directory that are measured before it gets a longer path
MOVED_AT_ONCE = 200         # of these, before other connections have their turn

MFMT = b'MFMT YYYYMMDDHHMMSS path'
MFF = b'MFF fact=value; path'

COMMANDS = [
    Command(b'PWD', 'files.pwd', rfc='959#4.1.3'),
    Command(b'XPWD', 'files.pwd', rfc='775'),
    Command(b'CWD', 'files.cwd', args=None, letter=b'e', syntax=b'CWD [path]', rfc='959#4.1.1'),
    Command(b'XCWD', 'files.cwd', args=None, letter=b'e', syntax=b'XCWD [path]', rfc='775'),
    Command(b'CDUP', 'files.cdup', letter=b'e', rfc='959#4.1.1'),
    Command(b'XCUP', 'files.cdup', letter=b'e', rfc='775'),
    Command(b'SMNT', 'files.smnt', args=None, syntax=b'SMNT path', rfc='959#4.1.1'),
    Command(b'SIZE', 'files.size', args=Command.REST, letter=b'l', syntax=b'SIZE path',
            rfc='3659#4'),
    Command(b'MDTM', 'files.mdtm', args=Command.REST, letter=b'l', syntax=b'MDTM path',
            rfc='3659#3'),
    Command(b'MFMT', 'files.mfmt', args=Command.REST, letter=b'T', syntax=MFMT,
            rfc='draft-somers#3.1'),
    Command(b'MFCT', 'files.mfct', args=Command.REST, letter=b'T',
            syntax=b'MFCT YYYYMMDDHHMMSS path', rfc='draft-somers#3.2'),
    Command(b'MFF', 'files.mff', args=Command.REST, letter=b'T', syntax=MFF,
            rfc='draft-somers#3.3'),
    Command(b'DELE', 'files.dele', args=Command.REST, letter=b'd', syntax=b'DELE path',
            rfc='959#4.1.3'),
    Command(b'MKD', 'files.mkd', args=Command.REST, letter=b'm', syntax=b'MKD path',
            rfc='959#4.1.3'),
    Command(b'XMKD', 'files.mkd', args=Command.REST, letter=b'm', syntax=b'XMKD path', rfc='775'),
    Command(b'RMD', 'files.rmd', args=Command.REST, letter=b'd', syntax=b'RMD path',
            rfc='959#4.1.3'),
    Command(b'XRMD', 'files.rmd', args=Command.REST, letter=b'd', syntax=b'XRMD path', rfc='775'),
    Command(b'RNFR', 'files.rnfr', args=Command.REST, letter=b'f', syntax=b'RNFR path',
            rfc='959#4.1.3'),
    Command(b'RNTO', 'files.rnto', args=Command.REST, letter=b'f', syntax=b'RNTO path',
            rfc='959#4.1.3'),
    Command(b'AVBL', 'files.avbl', args=None, letter=b'l', syntax=b'AVBL [directory]',
            rfc='draft-peterson-streamlined-ftp#4'),
]


class FileCommands(CommandGroup):
    """The commands of a session for directories and single files.

    Attributes:
        renamed: the path of RNFR, or None.
    """

    __slots__ = ('renamed',)

    def reset(self):
        self.renamed = None         # type: Optional[Tuple[bytes, ...]]

    # -- directories -----------------------------------------------------------------------------

    def pwd(self):
        # type: () -> bytes
        """The current directory."""
        session = self.session
        return single(257, quoted(session.show(session.folder)) + b' is the current directory.')

    def cwd(self, argument):
        # type: (bytes) -> bytes
        """Without a path: to the first directory."""
        session = self.session
        account = session.account
        path = session.path_of(argument) if argument else tuple(account.home)
        if account.files.stat(path).kind != FOLDER:
            raise FileFault(NOT_FOLDER)
        session.folder = path
        lines = session.message_of(path)
        return several(250, lines[0], lines[1:], COMPLETED[4:]) if lines else COMPLETED

    def cdup(self):
        # type: () -> bytes
        """To the directory above."""
        return self.cwd(b'..')

    def smnt(self, _path):
        # type: (bytes) -> bytes
        """There are no other file systems to mount."""
        return NOT_IMPLEMENTED

    def mkd(self, argument):
        # type: (bytes) -> bytes
        """Makes a directory (reply: RFC 959 appendix II)."""
        session = self.session
        path = session.path_of(argument)
        session.account.files.make_folder(path)
        return single(257, quoted(session.show(path)) + b' created.')

    def rmd(self, argument):
        # type: (bytes) -> bytes
        """Removes an empty directory."""
        self.session.account.files.remove_folder(self.session.path_of(argument))
        return COMPLETED

    def dele(self, argument):
        # type: (bytes) -> bytes
        """Removes a file."""
        self.session.account.files.remove(self.session.path_of(argument))
        return COMPLETED

    # -- renaming --------------------------------------------------------------------------------

    def rnfr(self, argument):
        # type: (bytes) -> bytes
        """The path to rename; RNTO follows at once."""
        path = self.session.path_of(argument)
        self.session.account.files.stat(path, False)
        self.renamed = path
        return PENDING

    def rnto(self, argument):
        # type: (bytes) -> Any
        """The new path."""
        source = self.renamed
        self.renamed = None
        if source is None:
            return BAD_SEQUENCE + b': use RNFR first.'
        target = self.session.path_of(argument)
        files = self.session.account.files
        is_longer = length_of(target) > length_of(source)
        if is_longer and files.stat(source, False).kind == FOLDER:
            return self._moved_deeper(source, target)
        files.rename(source, target)
        return COMPLETED

    @coroutine
    def _moved_deeper(self, source, target):
        # type: (Tuple[bytes, ...], Tuple[bytes, ...]) -> Any
        """The reply to a rename that makes the paths below a directory longer.

        No client could read or remove a path of more than MAX_PATH octets.
        """
        left = [source]
        seen = 0
        files = self.session.account.files
        try:
            while left:
                folder = left.pop()
                for entry in files.entries(folder):
                    path = folder + (entry.name,)
                    check_length(target + path[len(source):])
                    if entry.kind == FOLDER:
                        left.append(path)
                    seen += 1
                    if seen > MAX_MOVED:
                        raise Return(b'553 ' + NOT_TAKEN + b'Too many files in the directory.')
                    if not seen % MOVED_AT_ONCE:
                        yield sleep(self.session.clock, 0.0)
            files.rename(source, target)
        except FileFault as fault:
            raise Return(self.session.refused(fault))
        raise Return(COMPLETED)

    # -- facts -----------------------------------------------------------------------------------

    def _file(self, argument):
        # type: (bytes) -> Entry
        entry = self.session.account.files.stat(self.session.path_of(argument))
        if entry.kind != FILE:
            raise FileFault(IS_FOLDER if entry.kind == FOLDER else NOT_FILE)
        return entry

    def size(self, argument):
        # type: (bytes) -> bytes
        """The octets that RETR would send; unknown in TYPE A (RFC 3659 section 4)."""
        if self.session.transfers.text:
            return b'550 ' + NOT_TAKEN + b'SIZE is not allowed in TYPE A.'
        return b'213 %d' % self._file(argument).size

    def mdtm(self, argument):
        # type: (bytes) -> bytes
        """The time of the last modification."""
        return b'213 ' + format_time(self._file(argument).modified)

    def mfmt(self, argument):
        # type: (bytes) -> bytes
        """Sets the time of the last modification."""
        text, _, name = argument.partition(b' ')
        seconds = parse_time(text)
        if seconds is None or not name:
            return syntax_error(MFMT)
        session = self.session
        path = session.path_of(name)
        session.account.files.set_modified(path, seconds)
        return single(213, b'Modify=%s; %s' % (format_time(seconds), session.show(path)))

    def mfct(self, _argument):
        # type: (bytes) -> bytes
        """No supported system can set the time of creation."""
        return BAD_PARAMETER + b': the time of creation cannot be set.'

    def mff(self, argument):
        # type: (bytes) -> bytes
        """Sets ``Modify`` and ``UNIX.mode``; nothing is set if one fact is wrong."""
        head, _, name = argument.partition(b' ')
        facts = [fact.partition(b'=') for fact in head.split(b';') if fact]
        if not name or not facts:
            return syntax_error(MFF)
        seconds = None
        mode = None
        for key, _, value in facts:
            if key.lower() == b'modify':
                seconds = parse_time(value)
                if seconds is None:
                    return syntax_error(b'invalid time.')
            elif key.lower() == b'unix.mode':
                mode = octal(value)
                if mode is None:
                    return syntax_error(b'invalid mode.')
            else:
                return BAD_PARAMETER + b': only Modify and UNIX.mode can be set.'
        session = self.session
        account = session.account
        if mode is not None and not account.may(b'M'):
            return FORBIDDEN
        path = session.path_of(name)
        if mode is not None:
            account.files.set_mode(path, mode & 0o777)
        if seconds is not None:
            account.files.set_modified(path, seconds)
        return single(213, head.rstrip(b';') + b'; ' + session.show(path))

    def avbl(self, argument):
        # type: (bytes) -> bytes
        """Octets that can be stored."""
        room = self.session.account.files.room(self.session.path_of(argument))
        if room is None:
            return b'550 ' + NOT_TAKEN + b'Available space unknown.'
        return b'213 %d' % room


def octal(text):
    # type: (bytes) -> Optional[int]
    """The mode of three or four octal digits; None if *text* is anything else."""
    is_octal = 3 <= len(text) <= 4 and not text.strip(b'01234567')
    if not is_octal or decimal(text, MAX_OFFSET) is None:
        return None
    mode = 0
    for place in range(len(text)):
        mode = mode * 8 + b'01234567'.index(text[place:place + 1])
    return mode
