# Copyright the carryall authors.  See LICENSE.
"""Listings: LIST, NLST, MLSD, MLST, STAT.

RFC 959 section 4.1.3, RFC 1123 section 4.1.2.7, RFC 3659 section 7.

Tests:    tests/protocols/ftp/test_listings.py, tests/protocols/ftp/test_filecommands.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Return
from carryall.core.net.turns import spread
from carryall.protocols.ftp.facts import DEFAULT, chosen_facts, format_facts
from carryall.protocols.ftp.filesystem import FILE, FOLDER, NOT_FOLDER, Entry, FileFault
from carryall.protocols.ftp.namepattern import has_pattern, matches
from carryall.protocols.ftp.pathname import resolve, to_storage, to_wire
from carryall.protocols.ftp.unixlist import format_line, split_switches
from carryall.protocols.ftp.verbs import Command, CommandGroup
from carryall.protocols.ftp.wire import FORBIDDEN, several, single, syntax_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator, List, Optional, Tuple

__all__ = ['COMMANDS', 'ListingCommands']

MAX_DEPTH = 20              # directories below each other that LIST -R enters; default
MAX_STAT_LINES = 1000       # lines of STAT, which go over the control connection; default
JOINED_LINES = 16           # lines of a listing in one piece

COMMANDS = [
    Command(b'LIST', 'listings.list', args=None, letter=b'l',
            syntax=b'LIST [-a] [-R] [path or pattern]', rfc='959#4.1.3'),
    Command(b'NLST', 'listings.nlst', args=None, letter=b'l', syntax=b'NLST [path or pattern]',
            rfc='1123#4.1.2.7'),
    Command(b'MLSD', 'listings.mlsd', args=None, letter=b'l', syntax=b'MLSD [directory]',
            rfc='3659#7'),
    Command(b'MLST', 'listings.mlst', args=None, letter=b'l', syntax=b'MLST [path]',
            rfc='3659#7'),
    Command(b'STAT', 'listings.stat', args=None, syntax=b'STAT [path]', rfc='959#4.1.3'),
]


class ListingCommands(CommandGroup):
    """The commands of a session that list.

    Attributes:
        facts: of MLSD and MLST, chosen by OPTS MLST.
    """

    __slots__ = ('facts',)

    def reset(self):
        self.facts = DEFAULT

    # -- what is listed --------------------------------------------------------------------------

    def _names(self, path):
        # type: (Tuple[bytes, ...]) -> Iterator[Entry]
        """The entries of a directory, as many as a listing may have."""
        session = self.session
        for number, entry in enumerate(session.account.files.entries(path)):
            if number >= session.settings.listed:
                return
            yield entry

    def _visible(self, path, switches):
        # type: (Tuple[bytes, ...], Any) -> Iterator[Optional[Entry]]
        """The entries of a directory; None for one that is not listed."""
        for each in self._names(path):
            yield each if switches.hidden or each.name[:1] != b'.' else None

    def _matching(self, path, pattern):
        # type: (Tuple[bytes, ...], bytes) -> Iterator[Optional[Entry]]
        for each in self._names(path):
            yield each if matches(each.name, pattern) else None

    def _listed(self, argument):
        # type: (bytes) -> Tuple[bytes, Iterator[Optional[Entry]], Any, Any]
        """(text before each name, entries, switches, directory) of the argument of LIST or NLST.

        The directory is None for a single file.  None among the entries stands for one that is not
        listed: finding the next that is could take as long as the whole of a large directory.
        """
        session = self.session
        files = session.account.files
        switches, text = split_switches(argument)
        text = to_storage(text, session.utf8)
        front, slash, last = text.rpartition(b'/')
        if has_pattern(last) and not self._exists(text):
            folder = resolve(session.folder, front + slash)
            if files.stat(folder).kind != FOLDER:
                raise FileFault(NOT_FOLDER)
            return front + slash, self._matching(folder, last), switches, folder
        path = resolve(session.folder, text)
        entry = files.stat(path)
        if entry.kind != FOLDER or switches.itself:
            entry = files.stat(path, False) if path else entry
            entry.name = text or b'.'
            return b'', iter([entry]), switches, None
        prefix = text
        if text and not (slash and not last):
            prefix += b'/'
        return prefix, self._visible(path, switches), switches, path

    def _exists(self, text):
        # type: (bytes) -> bool
        """True if something has exactly this name: ``[2024] pics`` may be no pattern."""
        session = self.session
        try:
            session.account.files.stat(resolve(session.folder, text), False)
            return True
        except (FileFault, RemoteProtocolError):
            return False

    # -- for people ------------------------------------------------------------------------------

    def list(self, argument):
        # type: (bytes) -> None
        """Lines as of ``ls -l``."""
        _prefix, entries, switches, folder = self._listed(argument)
        lines = self._long(entries, switches, folder)
        self.session.transfers.send_listing(_joined(lines))

    def _long(self, entries, switches, folder, depth=0, above=b''):
        # type: (Any, Any, Any, int, bytes) -> Iterator[bytes]
        """The lines of ``ls -l``, and with ``-R`` those of the directories below."""
        session = self.session
        now = session.clock.wall()
        offset = session.settings.list_offset
        below = []
        for entry in entries:
            if entry is None:
                yield b''
                continue
            yield format_line(entry, now, offset, to_wire(entry.name, session.utf8)) + b'\r\n'
            if switches.deep and entry.kind == FOLDER and folder is not None:
                below.append(entry.name)
        if depth >= MAX_DEPTH:
            return
        for name in below:
            path = folder + (name,)
            shown = above + name
            yield b'\r\n' + to_wire(shown, session.utf8) + b':\r\n'
            entries = self._visible(path, switches)
            try:
                for line in self._long(entries, switches, path, depth + 1, shown + b'/'):
                    yield line
            except FileFault:           # it vanished or may not be read: the rest is listed
                pass

    def nlst(self, argument):
        # type: (bytes) -> None
        """Names that RETR takes as they are (RFC 1123 section 4.1.2.7)."""
        prefix, entries, _switches, _folder = self._listed(argument)
        self.session.transfers.send_listing(_joined(self._prefixed(prefix, entries)))

    def _prefixed(self, prefix, entries):
        # type: (bytes, Iterable[Optional[Entry]]) -> Iterator[bytes]
        for entry in entries:
            if entry is None:
                yield b''
            else:
                yield to_wire(prefix + entry.name, self.session.utf8) + b'\r\n'

    def stat(self, argument):
        # type: (bytes) -> Any
        """Of the server, also during a transfer; or of a path, over the control connection."""
        session = self.session
        if not argument:
            return session.site.status()
        if not session.account.may(b'l'):
            return FORBIDDEN
        _prefix, entries, switches, folder = self._listed(argument)
        switches.deep = False
        return spread(session.clock.turns, self._stat_steps(entries, switches, folder))

    def _stat_steps(self, entries, switches, folder):
        # type: (Any, Any, Any) -> Iterator[None]
        lines = []                      # type: List[bytes]
        try:
            for number, line in enumerate(self._long(entries, switches, folder), 1):
                if number % JOINED_LINES == 0:
                    yield
                if not line:
                    continue
                if len(lines) >= MAX_STAT_LINES:
                    lines.append(b'(and more)')
                    break
                lines.append(line[:-2])
        except FileFault as fault:
            raise Return(self.session.refused(fault))
        if folder is None:
            raise Return(several(213, b'File status:', lines, b'End'))
        raise Return(several(212, b'Directory status:', lines, b'End'))

    # -- for programs ----------------------------------------------------------------------------

    def _facts(self, entry, kind=b''):
        # type: (Entry, bytes) -> bytes
        session = self.session
        media = b''
        if entry.kind == FILE and b'media-type' in self.facts:
            media = session.service.media_type(entry.name)
        return format_facts(entry, self.facts, session.account.letters, kind, media)

    def mlsd(self, argument):
        # type: (bytes) -> Any
        """The facts of a directory's entries, over a data connection."""
        path = self.session.path_of(argument)
        entry = self.session.account.files.stat(path)
        if entry.kind != FOLDER:
            return syntax_error(b'not a directory, use MLST.')
        self.session.transfers.send_listing(_joined(self._fact_lines(entry, path)))
        return None

    def _fact_lines(self, entry, path):
        # type: (Entry, Tuple[bytes, ...]) -> Iterator[bytes]
        yield self._facts(entry, b'cdir') + b' .\r\n'
        for each in self._names(path):
            yield self._facts(each) + b' ' + to_wire(each.name, self.session.utf8) + b'\r\n'

    def mlst(self, argument):
        # type: (bytes) -> bytes
        """The facts of one entry, in the reply."""
        session = self.session
        path = session.path_of(argument)
        entry = session.account.files.stat(path)
        line = self._facts(entry) + b' ' + session.show(path)
        return several(250, b'Listing', [line], b'End')

    def choose_facts(self, text):
        # type: (bytes) -> bytes
        """OPTS MLST (RFC 3659 section 7.9)."""
        self.facts = chosen_facts(text)
        return single(200, b'MLST OPTS ' + b''.join(fact + b';' for fact in self.facts))


def _joined(lines):
    # type: (Iterable[bytes]) -> Iterator[bytes]
    """Pieces of JOINED_LINES lines."""
    batch = []
    for line in lines:
        batch.append(line)
        if len(batch) >= JOINED_LINES:
            yield b''.join(batch)
            batch = []
    if batch:
        yield b''.join(batch)
