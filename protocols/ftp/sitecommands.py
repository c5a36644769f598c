# Copyright the carryall authors.  See LICENSE.
"""The rest: NOOP, SYST, FEAT, OPTS, HELP, LANG, CLNT, SITE (RFC 959 section 4.1.3, RFC 2389, 2640).

Tests:    tests/protocols/ftp/test_sitecommands.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.logs import escape, get_logger
from carryall.core.codec.numbers import decimal
from carryall.protocols.ftp.facts import features, parse_time
from carryall.protocols.ftp.filecommands import HASHES, octal
from carryall.protocols.ftp.pathname import quoted
from carryall.protocols.ftp.wire import several, single
from carryall.protocols.ftp.verbs import INSIDE, Command

__all__ = ['COMMANDS', 'SiteCommands']

MAX_IDLE = 7200             # seconds that SITE IDLE may ask for; ours
HELP_COLUMNS = 8            # verbs on a line of HELP

log = get_logger('ftp')

COMMANDS = [
    Command(b'NOOP', 'cmd_noop', None, None, rfc='959#4.1.3'),
    Command(b'SYST', 'cmd_syst', None, rfc='959#4.1.3'),
    Command(b'FEAT', 'cmd_feat', None, rfc='2389#3'),
    Command(b'OPTS', 'cmd_opts', None, Command.REST, syntax=b'OPTS command [options]', rfc='2389#4'),
    Command(b'LANG', 'cmd_lang', None, (0, 1), syntax=b'LANG [EN]', rfc='2640#4.1'),
    Command(b'CLNT', 'cmd_clnt', None, None, syntax=b'CLNT program', rfc='none; as others have it'),
    Command(b'HELP', 'cmd_help', None, (0, 2), syntax=b'HELP [command]', rfc='959#4.1.3'),
    Command(b'SITE', 'cmd_site', (INSIDE,), Command.REST, syntax=b'SITE HELP', rfc='959#4.1.3'),
]

# Verb behind SITE -> (method, permission, syntax).
SITE = {
    b'HELP': ('site_help', b'', b'SITE HELP'),
    b'UMASK': ('site_umask', b'', b'SITE UMASK [mask]'),
    b'CHMOD': ('site_chmod', b'M', b'SITE CHMOD mode path'),
    b'UTIME': ('site_utime', b'T', b'SITE UTIME YYYYMMDDHHMM[SS] path'),
    b'IDLE': ('site_idle', b'', b'SITE IDLE [seconds]'),
    b'WHO': ('site_who', b'', b'SITE WHO'),
}


class SiteCommands(object):
    """These commands, of an FTPServer."""

    def cmd_noop(self, _words):
        # type: (Any, bytes) -> bytes
        """Words behind it are passed over."""
        return b'200 Nothing was done.'

    def cmd_syst(self):
        # type: (Any) -> bytes
        """peer: clients look for this very line to know that LIST looks as on Unix."""
        return b'215 UNIX Type: L8'

    def cmd_feat(self):
        # type: (Any) -> bytes
        """Each once; MLSD comes with MLST and has no line of its own (RFC 3659 section 7.8)."""
        lines = [b'CLNT', b'EPRT', b'EPSV', b'HOST', b'LANG EN*', b'MDTM', b'MFF Modify;UNIX.mode;', b'MFMT',
                 features(self.facts), b'MODE Z', b'RANG STREAM', b'REST STREAM', b'SIZE', b'TVFS', b'UTF8']
        if self.site.tls is not None:
            lines += [b'AUTH TLS', b'PBSZ', b'PROT']
            if self.site.tls_clear:
                lines.append(b'CCC')
        if self.account is not None and self.account.files.room(self.folder) is not None:
            lines.append(b'AVBL')
        if self.site.digests:
            lines.append(b'HASH ' + b';'.join(name + b'*' if name == self.hash_name else name for name, _ in HASHES))
            lines += [b'XCRC', b'XMD5', b'XSHA256']
        return several(211, b'Features:', sorted(lines), b'End')

    def cmd_opts(self, argument):
        # type: (Any, bytes) -> bytes
        verb, _, rest = argument.partition(b' ')
        verb, word = verb.upper(), rest.strip(b' ').upper()
        if verb == b'UTF8' and word in (b'', b'ON', b'OFF', b'NLST'):
            self.utf8 = word != b'OFF'
            return b'200 Names are %s.' % (b'UTF-8' if self.utf8 else b'ISO 8859-1')
        if verb == b'MLST':
            return self.choose_facts(rest)
        if verb == b'HASH' and self.site.digests:
            if word and word not in dict(HASHES):
                return b'504 There is no such digest.'
            self.hash_name = word or self.hash_name
            return single(200, self.hash_name)
        if verb == b'MODE' and word.startswith(b'Z'):
            return self._deflate_options(word.split()[1:])
        return b'501 Nothing of the kind can be chosen.'

    def _deflate_options(self, words):
        # type: (Any, Sequence[bytes]) -> bytes
        """``OPTS MODE Z LEVEL 9`` (draft-preston-ftpext-deflate)."""
        if len(words) != 2 or words[0] != b'LEVEL':
            return b'501 Syntax: OPTS MODE Z LEVEL 1-9'
        level = decimal(words[1], 9)
        if not level:
            return b'501 Syntax: OPTS MODE Z LEVEL 1-9'
        self.level = level
        return b'200 Level %d.' % level

    def cmd_lang(self, tag=b'EN'):
        # type: (Any, bytes) -> bytes
        """RFC 2640 section 4.1: a language that is not there leaves all as it is."""
        if tag.upper().partition(b'-')[0] in (b'EN', b'*'):
            return b'200 English it is.'
        return b'504 There is English alone.'

    def cmd_clnt(self, program):
        # type: (Any, bytes) -> bytes
        """Some clients tell their name."""
        log.debug('%s: the client is %s', self.host, escape(program)[:80])
        return b'200 Good to know.'

    def cmd_help(self, verb=b'', more=b''):
        # type: (Any, bytes, bytes) -> bytes
        if verb.upper() == b'SITE':
            return self.site_help()
        if verb:
            command = self.commands.get(verb.upper())
            return b'501 There is no such command.' if command is None else single(214, b'Syntax: ' + command.syntax)
        verbs = [command.verb for command in self.commands]
        lines = [b' '.join(verb.ljust(8) for verb in verbs[at:at + HELP_COLUMNS]).rstrip()
                 for at in range(0, len(verbs), HELP_COLUMNS)]
        return several(214, b'The commands are:', lines, b'End')

    def status(self):
        # type: (Any) -> bytes
        """What STAT tells, also while a transfer runs."""
        lines = [b'From %s%s' % (self.host.encode('ascii', 'replace'), b', under TLS' if self.secure else b''),
                 b'Logged in as %s' % escape(self.account.name).encode('utf-8') if self.account is not None
                 else b'Not logged in',
                 b'TYPE: %s; MODE: %s; STRU: F; PROT: %s' % (b'A' if self.text else b'I', b'Z' if self.deflate else b'S',
                                                            b'P' if self.protected else b'C')]
        if self.transfer is not None:
            lines.append(b'A transfer is under way: %d octets so far' % self.transfer.worker.count)
        elif self.port is not None:
            lines.append(b'A data connection is arranged')
        return several(211, b'Status of this server:', lines, b'End')

    # -- SITE --------------------------------------------------------------------------------------------------------

    def cmd_site(self, argument):
        # type: (Any, bytes) -> bytes
        verb, _, rest = argument.partition(b' ')
        row = SITE.get(verb.upper())
        if row is None:
            return b'504 There is no such command of SITE.'
        method, letter, syntax = row
        if letter and not self.account.may(letter):
            return b'550 Permission denied.'
        reply = _METHODS[method](self, rest)
        return single(501, b'Syntax: ' + syntax) if reply is None else reply

    def site_help(self, _rest=b''):
        # type: (Any, bytes) -> bytes
        """From the table."""
        return several(214, b'The commands of SITE are:', [SITE[verb][2] for verb in sorted(SITE)], b'End')

    def site_umask(self, rest):
        # type: (Any, bytes) -> Optional[bytes]
        """The mask is the server's, for all: it is told and not taken."""
        if not rest:
            return b'200 The mask is that of the server.'
        return None if octal(rest.strip(b' ')) is None else b'504 The mask cannot be changed; say SITE CHMOD.'

    def site_chmod(self, rest):
        # type: (Any, bytes) -> Optional[bytes]
        """Unix permissions."""
        digits, _, name = rest.partition(b' ')
        mode = octal(digits)
        if mode is None or not name:
            return None
        path = self.path_of(name)
        self.account.files.set_mode(path, mode & 0o777)
        return single(200, quoted(self.show(path)) + b' has that mode now.')

    def site_utime(self, rest):
        # type: (Any, bytes) -> Optional[bytes]
        """Also in the form of others: ``SITE UTIME path atime mtime ctime UTC``."""
        if rest.endswith(b' UTC') and rest.count(b' ') >= 4:
            name, _, modified, _, _ = rest.rsplit(b' ', 4)
        else:
            modified, _, name = rest.partition(b' ')
        seconds = parse_time(modified if len(modified) != 12 else modified + b'00')
        if seconds is None or not name:
            return None
        path = self.path_of(name)
        self.account.files.set_modified(path, seconds)
        return single(200, quoted(self.show(path)) + b' has that time now.')

    def site_idle(self, rest):
        # type: (Any, bytes) -> Optional[bytes]
        """Never longer than two hours, nor shorter than half a minute."""
        if not rest:
            return b'200 The limit is %d seconds; %d at the most.' % (self.idle_seconds, MAX_IDLE)
        seconds = decimal(rest.strip(b' '), MAX_IDLE)
        if seconds is None or seconds < 30:
            return b'501 From 30 to %d seconds.' % MAX_IDLE
        self.idle_seconds = float(seconds)
        self.restart_idle()
        return b'200 The limit is %d seconds now.' % seconds

    def site_who(self, _rest):
        # type: (Any, bytes) -> bytes
        """Who else is there is nobody's business, unless the site says so."""
        if not self.site.show_users:
            return b'550 Permission denied.'
        lines = sorted(b'%s from %s' % (escape(session.account.name).encode('utf-8'), session.host.encode('ascii', 'replace'))
                       for session in self.site.sessions if session.account is not None)
        return several(200, b'These are logged in:', lines, b'End')


_METHODS = dict((method, SiteCommands.__dict__[method]) for method, _letter, _syntax in SITE.values())


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence
