# Copyright the carryall authors.  See LICENSE.
"""Commands about the server: NOOP, SYST, FEAT, OPTS, HELP, LANG, CLNT, SITE.

RFC 959 section 4.1.3, RFC 2389, 2640.

Tests:    tests/protocols/ftp/test_sitecommands.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.logs import escape, get_logger
from carryall.protocols.ftp.digestcommands import HASHES
from carryall.protocols.ftp.facts import features, parse_time
from carryall.protocols.ftp.filecommands import octal
from carryall.protocols.ftp.verbs import INSIDE, Command, CommandGroup
from carryall.protocols.ftp.wire import (BAD_PARAMETER, FORBIDDEN, OKAY, several, single,
                                         syntax_error)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence

__all__ = ['COMMANDS', 'SiteCommands']

# seconds that SITE IDLE may set; default
MIN_IDLE = 30
MAX_IDLE = 7200
HELP_COLUMNS = 8                    # verbs in a line of HELP

LEVEL = b'OPTS MODE Z LEVEL 1-9'

log = get_logger('ftp')

COMMANDS = [
    Command(b'NOOP', 'site.noop', None, None, rfc='959#4.1.3'),
    Command(b'SYST', 'site.syst', None, rfc='959#4.1.3'),
    Command(b'FEAT', 'site.feat', None, rfc='2389#3'),
    Command(b'OPTS', 'site.opts', None, Command.REST, syntax=b'OPTS command [options]',
            rfc='2389#4'),
    Command(b'LANG', 'site.lang', None, (0, 1), syntax=b'LANG [EN]', rfc='2640#4.1'),
    Command(b'CLNT', 'site.clnt', None, None, syntax=b'CLNT program', rfc='none; in use'),
    Command(b'HELP', 'site.help', None, (0, 2), syntax=b'HELP [command]', rfc='959#4.1.3'),
    Command(b'SITE', 'site.site', (INSIDE,), Command.REST, syntax=b'SITE HELP', rfc='959#4.1.3'),
]


class SiteCommands(CommandGroup):
    """The commands of a session that concern the server itself."""

    __slots__ = ()

    def noop(self, _words):
        # type: (bytes) -> bytes
        """Words behind the verb are ignored."""
        return OKAY

    def syst(self):
        # type: () -> bytes
        """peer: clients look for this very line to know that LIST has the form of Unix."""
        return b'215 UNIX Type: L8'

    # -- features and options --------------------------------------------------------------------

    def feat(self):
        # type: () -> bytes
        """One line each; MLST implies MLSD (RFC 3659 section 7.8)."""
        session = self.session
        settings = session.settings
        lines = [b'CLNT', b'EPRT', b'EPSV', b'HOST', b'LANG EN*', b'MDTM', b'MFF Modify;UNIX.mode;',
                 b'MFMT', features(session.listings.facts), b'MODE Z', b'RANG STREAM',
                 b'REST STREAM', b'SIZE', b'TVFS', b'UTF8']
        if settings.tls is not None:
            lines += [b'AUTH TLS', b'PBSZ', b'PROT']
            if settings.tls_clear:
                lines.append(b'CCC')
        account = session.account
        if account is not None and account.files.room(session.folder) is not None:
            lines.append(b'AVBL')
        if settings.digests:
            chosen = session.digests.chosen
            names = [name + b'*' if name == chosen else name for name, _ in HASHES]
            lines += [b'HASH ' + b';'.join(names), b'XCRC', b'XMD5', b'XSHA256']
        return several(211, b'Features:', sorted(lines), b'End')

    def opts(self, argument):
        # type: (bytes) -> bytes
        """Options of other commands."""
        session = self.session
        verb, _, rest = argument.partition(b' ')
        verb = verb.upper()
        word = rest.strip(b' ').upper()
        if verb == b'UTF8' and word in (b'', b'ON', b'OFF', b'NLST'):
            session.utf8 = word != b'OFF'
            return b'200 Names are in %s.' % (b'UTF-8' if session.utf8 else b'ISO 8859-1')
        if verb == b'MLST':
            return session.listings.choose_facts(rest)
        if verb == b'HASH' and session.settings.digests:
            if word and word not in dict(HASHES):
                return BAD_PARAMETER + b'.'
            session.digests.chosen = word or session.digests.chosen
            return single(200, session.digests.chosen)
        if verb == b'MODE' and word.startswith(b'Z'):
            return self._deflate_options(word.split()[1:])
        return syntax_error(b'no such option.')

    def _deflate_options(self, words):
        # type: (Sequence[bytes]) -> bytes
        """``OPTS MODE Z LEVEL 9`` (draft-preston-ftpext-deflate)."""
        if len(words) != 2 or words[0] != b'LEVEL':
            return syntax_error(LEVEL)
        level = decimal(words[1], 9)
        if not level:
            return syntax_error(LEVEL)
        self.session.transfers.level = level
        return b'200 MODE Z LEVEL set to %d.' % level

    def lang(self, tag=b'EN'):
        # type: (bytes) -> bytes
        """An unknown language leaves the present one (RFC 2640 section 4.1)."""
        if tag.upper().partition(b'-')[0] in (b'EN', b'*'):
            return OKAY
        return BAD_PARAMETER + b': only EN is available.'

    def clnt(self, program):
        # type: (bytes) -> bytes
        """The name of the client program."""
        log.debug('%s: the client is %s', self.session.host, escape(program)[:80])
        return OKAY

    # -- help and status -------------------------------------------------------------------------

    def help(self, verb=b'', more=b''):
        # type: (bytes, bytes) -> bytes
        """The verbs, or the syntax of one, from the table."""
        commands = self.session.commands
        if verb.upper() == b'SITE':
            return self.site_help()
        if verb:
            command = commands.get(verb.upper())
            if command is None:
                return syntax_error(b'unknown command.')
            return single(214, b'Syntax: ' + command.syntax)
        verbs = [command.verb.ljust(8) for command in commands]
        lines = []
        for at in range(0, len(verbs), HELP_COLUMNS):
            lines.append(b' '.join(verbs[at:at + HELP_COLUMNS]).rstrip())
        return several(214, b'The following commands are recognized:', lines, b'Help okay.')

    def status(self):
        # type: () -> bytes
        """The reply to STAT without a path, also during a transfer."""
        session = self.session
        transfers = session.transfers
        account = session.account
        line = b'Connected to %s' % session.host.encode('ascii', 'replace')
        lines = [line + b', under TLS' if session.secure else line]
        if account is not None:
            lines.append(b'Logged in as %s' % escape(account.name).encode('utf-8'))
        else:
            lines.append(b'Not logged in')
        lines.append(b'TYPE: %s; MODE: %s; STRU: F; PROT: %s' % (
            b'A' if transfers.text else b'I', b'Z' if transfers.deflate else b'S',
            b'P' if session.security.protected else b'C'))
        if transfers.current is not None:
            count = transfers.current.worker.count
            lines.append(b'Transfer in progress: %d octets so far' % count)
        elif session.ports.arranged is not None:
            lines.append(b'Data connection arranged')
        return several(211, b'System status:', lines, b'End')

    # -- SITE ------------------------------------------------------------------------------------

    def site(self, argument):
        # type: (bytes) -> bytes
        """The commands of this kind of server."""
        verb, _, rest = argument.partition(b' ')
        row = SITE.get(verb.upper())
        if row is None:
            return BAD_PARAMETER + b'.'
        method, letter, syntax = row        # type: Any, Any, Any
        if letter and not self.session.account.may(letter):
            return FORBIDDEN
        reply = method(self, rest)
        return syntax_error(syntax) if reply is None else reply

    def site_help(self, _rest=b''):
        # type: (bytes) -> bytes
        """The syntax of each, from the table."""
        lines = [SITE[verb][2] for verb in sorted(SITE)]
        return several(214, b'The following SITE commands are recognized:', lines, b'Help okay.')

    def site_umask(self, rest):
        # type: (bytes) -> Optional[bytes]
        """The mask is the server's, for all users."""
        if not rest:
            return b'200 The umask is set by the server.'
        if octal(rest.strip(b' ')) is None:
            return None
        return BAD_PARAMETER + b': the umask cannot be changed, use SITE CHMOD.'

    def site_chmod(self, rest):
        # type: (bytes) -> Optional[bytes]
        """Sets Unix permissions."""
        digits, _, name = rest.partition(b' ')
        mode = octal(digits)
        if mode is None or not name:
            return None
        self.session.account.files.set_mode(self.session.path_of(name), mode & 0o777)
        return OKAY

    def site_utime(self, rest):
        # type: (bytes) -> Optional[bytes]
        """Sets a time; also in the form ``SITE UTIME path atime mtime ctime UTC``."""
        if rest.endswith(b' UTC') and rest.count(b' ') >= 4:
            name, _, modified, _, _ = rest.rsplit(b' ', 4)
        else:
            modified, _, name = rest.partition(b' ')
        seconds = parse_time(modified if len(modified) != 12 else modified + b'00')
        if seconds is None or not name:
            return None
        self.session.account.files.set_modified(self.session.path_of(name), seconds)
        return OKAY

    def site_idle(self, rest):
        # type: (bytes) -> Optional[bytes]
        """Shows or sets the idle time limit."""
        session = self.session
        if rest:
            seconds = decimal(rest.strip(b' '), MAX_IDLE)
            if seconds is None or seconds < MIN_IDLE:
                return syntax_error(b'%d to %d seconds.' % (MIN_IDLE, MAX_IDLE))
            session.idle_seconds = float(seconds)
            session.restart_idle()
        return b'200 Idle time limit is %d seconds; maximum %d.' % (session.idle_seconds, MAX_IDLE)

    def site_who(self, _rest):
        # type: (bytes) -> bytes
        """The users that are logged in; only if the settings allow it."""
        if not self.session.settings.show_users:
            return FORBIDDEN
        lines = []
        for account, host in self.session.service.present:
            name = escape(account.name).encode('utf-8')
            lines.append(b'%s from %s' % (name, host.encode('ascii', 'replace')))
        return several(200, b'Users logged in:', sorted(lines), b'End')


# Verb behind SITE -> (method, permission, syntax).
SITE = {
    b'HELP': (SiteCommands.site_help, b'', b'SITE HELP'),
    b'UMASK': (SiteCommands.site_umask, b'', b'SITE UMASK [mask]'),
    b'CHMOD': (SiteCommands.site_chmod, b'M', b'SITE CHMOD mode path'),
    b'UTIME': (SiteCommands.site_utime, b'T', b'SITE UTIME YYYYMMDDHHMM[SS] path'),
    b'IDLE': (SiteCommands.site_idle, b'', b'SITE IDLE [seconds]'),
    b'WHO': (SiteCommands.site_who, b'', b'SITE WHO'),
}
