# Copyright the carryall authors.  See LICENSE.
"""Names: PWD, CWD, LIST, NLST, MLSD, MLST, SIZE, MDTM, MFMT, DELE, MKD, RMD, RNFR, RNTO, STAT and the digests
(RFC 959 section 4.1.3, RFC 3659, draft-somers-ftp-mfxx, draft-bryan-ftpext-hash).

Tests:    tests/protocols/ftp/test_filecommands.py, tests/protocols/ftp/test_listings.py
"""
from __future__ import absolute_import, division, print_function

import hashlib
import zlib

from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Return, coroutine, sleep
from carryall.core.net.turns import spread
from carryall.core.codec.numbers import decimal
from carryall.protocols.ftp.facts import chosen_facts, format_facts, format_time, parse_time
from carryall.protocols.ftp.filesystem import FILE, FOLDER, IS_FOLDER, NOT_FOLDER, Entry, FileFault
from carryall.protocols.ftp.namepattern import has_pattern, matches
from carryall.protocols.ftp.settings import MAX_OFFSET
from carryall.protocols.ftp.unixlisting import format_line, split_switches
from carryall.protocols.ftp.pathname import check_length, length_of, quoted, resolve, to_storage, to_wire
from carryall.protocols.ftp.wire import several, single
from carryall.protocols.ftp.verbs import Command

__all__ = ['COMMANDS', 'FileCommands', 'HASHES']

MAX_DEPTH = 20              # folders below each other that LIST -R goes into; ours
MAX_STAT_LINES = 1000       # lines of STAT's listing, which comes over the control connection; ours
MAX_MOVED = 100000          # entries of a folder whose paths are measured before it gets a longer one; ours
MOVED_AT_ONCE = 200         # of these, before other connections have their turn
JOINED_LINES = 16           # lines of a listing that make one piece
HASH_BYTES = 65536          # read and hashed in one step

# Names of digests, as the draft on HASH has them, and the module's own.
HASHES = ((b'SHA-256', 'sha256'), (b'SHA-512', 'sha512'), (b'SHA-1', 'sha1'), (b'MD5', 'md5'), (b'CRC32', ''))

COMMANDS = [
    Command(b'PWD', 'cmd_pwd', rfc='959#4.1.3'),
    Command(b'XPWD', 'cmd_pwd', rfc='775'),
    Command(b'CWD', 'cmd_cwd', args=None, letter=b'e', syntax=b'CWD [path]', rfc='959#4.1.1'),
    Command(b'XCWD', 'cmd_cwd', args=None, letter=b'e', syntax=b'XCWD [path]', rfc='775'),
    Command(b'CDUP', 'cmd_cdup', letter=b'e', rfc='959#4.1.1'),
    Command(b'XCUP', 'cmd_cdup', letter=b'e', rfc='775'),
    Command(b'SMNT', 'cmd_smnt', args=None, syntax=b'SMNT path', rfc='959#4.1.1'),
    Command(b'LIST', 'cmd_list', args=None, letter=b'l', syntax=b'LIST [-a] [-R] [path or pattern]', rfc='959#4.1.3'),
    Command(b'NLST', 'cmd_nlst', args=None, letter=b'l', syntax=b'NLST [path or pattern]', rfc='1123#4.1.2.7'),
    Command(b'MLSD', 'cmd_mlsd', args=None, letter=b'l', syntax=b'MLSD [folder]', rfc='3659#7'),
    Command(b'MLST', 'cmd_mlst', args=None, letter=b'l', syntax=b'MLST [path]', rfc='3659#7'),
    Command(b'STAT', 'cmd_stat', args=None, syntax=b'STAT [path]', rfc='959#4.1.3'),
    Command(b'SIZE', 'cmd_size', args=Command.REST, letter=b'l', syntax=b'SIZE path', rfc='3659#4'),
    Command(b'MDTM', 'cmd_mdtm', args=Command.REST, letter=b'l', syntax=b'MDTM path', rfc='3659#3'),
    Command(b'MFMT', 'cmd_mfmt', args=Command.REST, letter=b'T', syntax=b'MFMT YYYYMMDDHHMMSS path', rfc='draft-somers#3.1'),
    Command(b'MFCT', 'cmd_mfct', args=Command.REST, letter=b'T', syntax=b'MFCT YYYYMMDDHHMMSS path', rfc='draft-somers#3.2'),
    Command(b'MFF', 'cmd_mff', args=Command.REST, letter=b'T', syntax=b'MFF fact=value; path', rfc='draft-somers#3.3'),
    Command(b'DELE', 'cmd_dele', args=Command.REST, letter=b'd', syntax=b'DELE path', rfc='959#4.1.3'),
    Command(b'MKD', 'cmd_mkd', args=Command.REST, letter=b'm', syntax=b'MKD path', rfc='959#4.1.3'),
    Command(b'XMKD', 'cmd_mkd', args=Command.REST, letter=b'm', syntax=b'XMKD path', rfc='775'),
    Command(b'RMD', 'cmd_rmd', args=Command.REST, letter=b'd', syntax=b'RMD path', rfc='959#4.1.3'),
    Command(b'XRMD', 'cmd_rmd', args=Command.REST, letter=b'd', syntax=b'XRMD path', rfc='775'),
    Command(b'RNFR', 'cmd_rnfr', args=Command.REST, letter=b'f', syntax=b'RNFR path', rfc='959#4.1.3'),
    Command(b'RNTO', 'cmd_rnto', args=Command.REST, letter=b'f', syntax=b'RNTO path', rfc='959#4.1.3'),
    Command(b'AVBL', 'cmd_avbl', args=None, letter=b'l', syntax=b'AVBL [folder]', rfc='draft-peterson-streamlined-ftp#4'),
    Command(b'HASH', 'cmd_hash', args=Command.REST, letter=b'r', syntax=b'HASH path', rfc='draft-bryan-ftpext-hash#3'),
    Command(b'XCRC', 'cmd_xcrc', args=Command.REST, letter=b'r', syntax=b'XCRC path', rfc='none; as others have it'),
    Command(b'XMD5', 'cmd_xmd5', args=Command.REST, letter=b'r', syntax=b'XMD5 path', rfc='none; as others have it'),
    Command(b'XSHA256', 'cmd_xsha256', args=Command.REST, letter=b'r', syntax=b'XSHA256 path', rfc='none; as others have it'),
]


class FileCommands(object):
    """These commands, of an FTPServer."""

    # -- folders -----------------------------------------------------------------------------------------------------

    def cmd_pwd(self):
        # type: (Any) -> bytes
        return single(257, quoted(self.show(self.folder)) + b' is the current folder.')

    def cmd_cwd(self, argument):
        # type: (Any, bytes) -> bytes
        """Without a path: to where one began."""
        path = self.path_of(argument) if argument else tuple(self.account.home)
        if self.account.files.stat(path).kind != FOLDER:
            raise FileFault(NOT_FOLDER)
        self.folder = path
        lines = self.message_of(path)
        shown = quoted(self.show(path)) + b' is the current folder.'
        return several(250, lines[0], lines[1:], shown) if lines else single(250, shown)

    def cmd_cdup(self):
        # type: (Any) -> bytes
        return self.cmd_cwd(b'..')

    def cmd_smnt(self, _path):
        # type: (Any, bytes) -> bytes
        return b'502 Nothing can be mounted.'

    def cmd_mkd(self, argument):
        # type: (Any, bytes) -> bytes
        path = self.path_of(argument)
        self.account.files.make_folder(path)
        return single(257, quoted(self.show(path)) + b' is there now.')

    def cmd_rmd(self, argument):
        # type: (Any, bytes) -> bytes
        self.account.files.remove_folder(self.path_of(argument))
        return b'250 The folder is gone.'

    def cmd_dele(self, argument):
        # type: (Any, bytes) -> bytes
        self.account.files.remove(self.path_of(argument))
        return b'250 The file is gone.'

    def cmd_rnfr(self, argument):
        # type: (Any, bytes) -> bytes
        path = self.path_of(argument)
        self.account.files.stat(path, False)
        self.renamed = path
        return b'350 And to what?'

    def cmd_rnto(self, argument):
        # type: (Any, bytes) -> bytes
        source, self.renamed = self.renamed, None
        if source is None:
            return b'503 Say RNFR first.'
        target, files = self.path_of(argument), self.account.files
        if length_of(target) <= length_of(source) or files.stat(source, False).kind != FOLDER:
            files.rename(source, target)
            return b'250 It is renamed.'
        return self._moved_deeper(source, target)

    @coroutine
    def _moved_deeper(self, source, target):
        # type: (Any, Tuple[bytes, ...], Tuple[bytes, ...]) -> Any
        """The reply to a rename that makes every path below a folder longer.

        A path of more than MAX_PATH octets could be neither read nor removed by a client.
        """
        left = [source]
        seen = 0
        files = self.account.files
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
                        raise Return(b'553 There is too much in that folder for a longer path.')
                    if not seen % MOVED_AT_ONCE:
                        yield sleep(self.loop, 0.0)
            files.rename(source, target)
        except FileFault as fault:
            raise Return(self.refused(fault))
        raise Return(b'250 It is renamed.')

    def cmd_avbl(self, argument):
        # type: (Any, bytes) -> bytes
        room = self.account.files.room(self.path_of(argument))
        return b'550 Nobody knows.' if room is None else b'213 %d' % room

    # -- listings ----------------------------------------------------------------------------------------------------

    def _names(self, path):
        # type: (Any, Tuple[bytes, ...]) -> Iterator[Entry]
        """What a folder holds, as much as a listing may have."""
        for number, entry in enumerate(self.account.files.entries(path)):
            if number >= self.limits.listed:
                return
            yield entry

    def _listed(self, argument):
        # type: (Any, bytes) -> Tuple[bytes, Iterator[Entry], Any, Any]
        """(text in front of each name, entries, switches, folder) of the argument of LIST or NLST.

        The folder is None for a single file.  None among the entries stands for one that is not listed: to look for the next
        that is could take the whole of a large folder.
        """
        files = self.account.files
        switches, text = split_switches(argument)
        text = to_storage(text, self.utf8)
        front, slash, last = text.rpartition(b'/')
        if has_pattern(last) and not self._is_there(text):
            folder = resolve(self.folder, front + slash)
            if files.stat(folder).kind != FOLDER:
                raise FileFault(NOT_FOLDER)
            found = (entry if matches(entry.name, last) else None for entry in self._names(folder))     # type: Any
            return front + slash, found, switches, folder
        path = resolve(self.folder, text)
        entry = files.stat(path)
        if entry.kind != FOLDER or switches.itself:
            entry = files.stat(path, False) if path else entry
            entry.name = text or b'.'
            return b'', iter([entry]), switches, None
        shown = self._shown(path, switches)
        return (text if slash and not last else text + b'/') if text else b'', shown, switches, path

    def _shown(self, path, switches):
        # type: (Any, Tuple[bytes, ...], Any) -> Iterator[Optional[Entry]]
        return (each if switches.hidden or each.name[:1] != b'.' else None for each in self._names(path))

    def _is_there(self, text):
        # type: (Any, bytes) -> bool
        """Whether something has exactly this name: a folder called ``[2024] pics`` is no pattern."""
        try:
            self.account.files.stat(resolve(self.folder, text), False)
            return True
        except (FileFault, RemoteProtocolError):
            return False

    def cmd_list(self, argument):
        # type: (Any, bytes) -> Any
        _front, entries, switches, folder = self._listed(argument)
        return self.send_listing(_joined(self._long(entries, switches, folder)))

    def _long(self, entries, switches, folder, depth=0, above=b''):
        # type: (Any, Any, Any, Any, int, bytes) -> Iterator[bytes]
        """The lines of ``ls -l``, and with ``-R`` those of the folders below."""
        now = self.loop.wall()
        below = []
        for entry in entries:
            if entry is None:
                yield b''
                continue
            yield format_line(entry, now, self.site.list_offset, to_wire(entry.name, self.utf8)) + b'\r\n'
            if switches.deep and entry.kind == FOLDER and folder is not None:
                below.append(entry.name)
        if depth >= MAX_DEPTH:
            return
        for name in below:
            path = folder + (name,)
            shown = above + name
            yield b'\r\n' + to_wire(shown, self.utf8) + b':\r\n'
            try:
                for line in self._long(self._shown(path, switches), switches, path, depth + 1, shown + b'/'):
                    yield line
            except FileFault:           # it went away, or may not be read: the rest is listed all the same
                pass

    def cmd_nlst(self, argument):
        # type: (Any, bytes) -> Any
        """Names that can be given to RETR as they are (RFC 1123 section 4.1.2.7)."""
        front, entries, _switches, _folder = self._listed(argument)
        return self.send_listing(_joined(to_wire(front + entry.name, self.utf8) + b'\r\n' if entry is not None else b''
                                         for entry in entries))

    def _facts(self, entry, kind=b''):
        # type: (Any, Entry, bytes) -> bytes
        media = self.site.media_type(entry.name) if entry.kind == FILE and b'media-type' in self.facts else b''
        return format_facts(entry, self.facts, self.account.letters, kind, media)

    def cmd_mlsd(self, argument):
        # type: (Any, bytes) -> Any
        path = self.path_of(argument)
        entry = self.account.files.stat(path)
        if entry.kind != FOLDER:
            return b'501 That is no folder; say MLST.'

        def lines():
            # type: () -> Iterator[bytes]
            yield self._facts(entry, b'cdir') + b' .\r\n'
            for each in self._names(path):
                yield self._facts(each) + b' ' + to_wire(each.name, self.utf8) + b'\r\n'

        return self.send_listing(_joined(lines()))

    def cmd_mlst(self, argument):
        # type: (Any, bytes) -> bytes
        path = self.path_of(argument)
        entry = self.account.files.stat(path)
        return several(250, b'Listing', [self._facts(entry) + b' ' + self.show(path)], b'End')

    def cmd_stat(self, argument):
        # type: (Any, bytes) -> Any
        """Of the server, also while a transfer runs; or of a path, over the control connection."""
        if not argument:
            return self.status()
        if not self.account.may(b'l'):
            return b'550 Permission denied.'
        _front, entries, switches, folder = self._listed(argument)
        switches.deep = False
        return spread(self.loop.turns, self._stat_steps(entries, switches, folder))

    def _stat_steps(self, entries, switches, folder):
        # type: (Any, Any, Any, Any) -> Iterator[None]
        lines = []                      # type: List[bytes]
        try:
            for number, line in enumerate(self._long(entries, switches, folder), 1):
                if number % JOINED_LINES == 0:
                    yield
                if not line:
                    continue
                if len(lines) >= MAX_STAT_LINES:
                    lines.append(b'(and so on)')
                    break
                lines.append(line[:-2])
        except FileFault as fault:
            raise Return(self.refused(fault))
        raise Return(several(212 if folder is not None else 213, b'Status', lines, b'End'))

    # -- facts -------------------------------------------------------------------------------------------------------

    def _file(self, argument):
        # type: (Any, bytes) -> Entry
        entry = self.account.files.stat(self.path_of(argument))
        if entry.kind != FILE:
            raise FileFault(IS_FOLDER if entry.kind == FOLDER else NOT_FILE)
        return entry

    def cmd_size(self, argument):
        # type: (Any, bytes) -> bytes
        """RFC 3659 section 4: what would be sent, which in TYPE A only reading all of it would tell."""
        if self.text:
            return b'550 There is no size in TYPE A; say TYPE I.'
        return b'213 %d' % self._file(argument).size

    def cmd_mdtm(self, argument):
        # type: (Any, bytes) -> bytes
        return b'213 ' + format_time(self._file(argument).modified)

    def cmd_mfmt(self, argument):
        # type: (Any, bytes) -> bytes
        text, _, name = argument.partition(b' ')
        seconds = parse_time(text)
        if seconds is None or not name:
            return b'501 Syntax: MFMT YYYYMMDDHHMMSS path'
        path = self.path_of(name)
        self.account.files.set_modified(path, seconds)
        return single(213, b'Modify=%s; %s' % (format_time(seconds), self.show(path)))

    def cmd_mfct(self, _argument):
        # type: (Any, bytes) -> bytes
        """No system that we run on lets one set when a file was made."""
        return b'504 The time of creation cannot be set.'

    def cmd_mff(self, argument):
        # type: (Any, bytes) -> bytes
        """``Modify`` and ``UNIX.mode``; all or nothing of what is not understood."""
        head, _, name = argument.partition(b' ')
        facts = [fact.partition(b'=') for fact in head.split(b';') if fact]
        if not name or not facts:
            return b'501 Syntax: MFF fact=value; path'
        seconds = mode = None
        for key, _, value in facts:
            if key.lower() == b'modify':
                seconds = parse_time(value)
                if seconds is None:
                    return b'501 That is no time.'
            elif key.lower() == b'unix.mode':
                mode = octal(value)
                if mode is None:
                    return b'501 That is no mode.'
            else:
                return b'504 Modify and UNIX.mode can be set.'
        if mode is not None and not self.account.may(b'M'):
            return b'550 Permission denied.'
        path = self.path_of(name)
        if mode is not None:
            self.account.files.set_mode(path, mode & 0o777)
        if seconds is not None:
            self.account.files.set_modified(path, seconds)
        return single(213, head.rstrip(b';') + b'; ' + self.show(path))

    # -- digests -----------------------------------------------------------------------------------------------------

    def cmd_hash(self, argument):
        # type: (Any, bytes) -> Any
        return self._digest(argument, self.hash_name, True)

    def cmd_xcrc(self, argument):
        # type: (Any, bytes) -> Any
        return self._digest(argument, b'CRC32', False)

    def cmd_xmd5(self, argument):
        # type: (Any, bytes) -> Any
        return self._digest(argument, b'MD5', False)

    def cmd_xsha256(self, argument):
        # type: (Any, bytes) -> Any
        return self._digest(argument, b'SHA-256', False)

    def _digest(self, argument, name, drafted):
        # type: (Any, bytes, bytes, bool) -> Any
        """Opt-in: an account that may read is not one that may keep the processor busy."""
        if not self.site.digests:
            return b'502 Digests are not made here.'
        span, self.span, self.offset = self.span, None, 0
        path = self.path_of(argument)
        source, size = self.account.files.open(path)
        first, end = (0, size) if span is None else (min(span[0], size), min(span[1] + 1, size))
        return spread(self.loop.turns, self._digested(source, first, end, name, path, drafted))

    def _digested(self, source, first, end, name, path, drafted):
        # type: (Any, Any, int, int, bytes, Any, bool) -> Iterator[None]
        """The reply, after having read the file in pieces."""
        digest = hashlib.new(dict(HASHES)[name]) if name != b'CRC32' else _CRC32()
        try:
            source.seek(first)
            left = end - first
            while left > 0:
                data = source.read(min(HASH_BYTES, left))
                if not data:
                    raise RemoteProtocolError(u'the file ended early', b'451 The file has changed meanwhile.')
                digest.update(data)
                left -= len(data)
                yield
        finally:
            source.close()
        text = digest.hexdigest().encode('ascii')
        if not drafted:
            raise Return(single(250, text.upper()))
        raise Return(single(213, b'%s %d-%d %s %s' % (name, first, max(first, end - 1), text, self.show(path))))

    def choose_facts(self, text):
        # type: (Any, bytes) -> bytes
        """OPTS MLST (RFC 3659 section 7.9)."""
        self.facts = chosen_facts(text)
        return single(200, b'MLST OPTS ' + b''.join(fact + b';' for fact in self.facts))


class _CRC32(object):
    """A checksum with the methods of a hash."""

    __slots__ = ('_value',)

    def __init__(self):
        # type: () -> None
        self._value = 0

    def update(self, data):
        # type: (bytes) -> None
        """More octets."""
        self._value = zlib.crc32(data, self._value)

    def hexdigest(self):
        # type: () -> str
        """Eight digits."""
        return '%08x' % (self._value & 0xffffffff)      # py2: it is signed


NOT_FILE = (550, b'That is no regular file.')


def octal(text):
    # type: (bytes) -> Optional[int]
    """The mode that three or four octal digits spell; None if they spell none."""
    if not 3 <= len(text) <= 4 or text.strip(b'01234567') or decimal(text, MAX_OFFSET) is None:
        return None
    mode = 0
    for place in range(len(text)):
        mode = mode * 8 + b'01234567'.index(text[place:place + 1])
    return mode


def _joined(lines):
    # type: (Iterable[bytes]) -> Iterator[bytes]
    """Lines in pieces of some."""
    batch = []
    for line in lines:
        batch.append(line)
        if len(batch) >= JOINED_LINES:
            yield b''.join(batch)
            batch = []
    if batch:
        yield b''.join(batch)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Iterator, List, Optional, Tuple
