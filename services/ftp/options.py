# Copyright the carryall authors.  See LICENSE.
"""The options of the FTP service, with those of Twisted 0.19 and 1.2 under their former names and
letters (features TAP-01).

``-p -r -a -3``, ``--useranonymous`` (``--anonymoususer`` in the manual of 0.19, ``--userAnonymous``
in 1.2) and ``--otp`` have their former meaning.  Differences: without passwords and without
``--otp`` everybody may read, as in 1.2, and no user may write.  The user ``twisted`` with the
password ``twisted``, which 0.19 always had, exists with ``--demo-user`` only.
It listens on 127.0.0.1 by default.

Tests:    tests/services/ftp/test_options.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.accountoptions import AccountOptions
from carryall.app.limitoptions import LimitOptions
from carryall.app.listeningoptions import MAX_CONNECTIONS, ListeningOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.tlsoptions import TLSOptions
from carryall.core.compat import text_type
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import UsageError
from carryall.core.net.ip import canonical
from carryall.app.optiontypes import (Choice, Integer, Kind, LogPath, PasswordPath, Path, Seconds,
                                      Size, Text)
from carryall.app.options import Flag, Option, Schema
from carryall.protocols.ftp import ALL_LETTERS, READ_LETTERS
from carryall.services.ftp.jail import SYMLINKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
    from carryall.app.optionvalues import OptionValues

__all__ = ['ACCOUNTS', 'DEFAULT_PORT', 'LETTERS', 'LISTENING', 'LOGINS', 'Letters', 'PortRange',
           'READERS', 'SCHEMA', 'TLS', 'endpoints_of']

DEFAULT_PORT = u'tcp:2121'
LETTERS = ALL_LETTERS.decode('ascii')
READERS = READ_LETTERS.decode('ascii')


class PortRange(Kind):
    """``LOW-HIGH``, kept as that text."""

    metavar = 'LOW-HIGH'

    def parse(self, text):
        low, high = self.split(text)
        return u'%d-%d' % (low, high)

    def check(self, value):
        if not isinstance(value, text_type) or self.parse(value) != value:
            raise UsageError(u'not two ports such as 40000-40100')

    def split(self, text):
        # type: (str) -> Any
        """(lowest, highest)."""
        low, _, high = text.partition(u'-')
        first = decimal_text(low, 65535)
        last = decimal_text(high, 65535)
        if not first or not last or first > last:
            raise UsageError(u'"%s" is not two ports such as 40000-40100' % text)
        return first, last


class Address(Kind):
    """A numeric IPv4 address for the replies to PASV."""

    metavar = 'ADDRESS'

    def parse(self, text):
        found = canonical(text)
        if found is None or ':' in found:
            raise UsageError(u'"%s" is not an IPv4 address such as 192.0.2.1' % text)
        return text_type(found)

    def check(self, value):
        if not isinstance(value, text_type) or self.parse(value) != value:
            raise UsageError(u'not an IPv4 address')


class Masquerade(Kind):
    """``ADDRESS``, or ``SOURCE=ADDRESS`` for the clients whose address begins with SOURCE."""

    metavar = '[SOURCE=]ADDRESS'

    def parse(self, text):
        source, address = self.split(text)
        return u'%s=%s' % (source, address) if source else address

    def check(self, value):
        if not isinstance(value, text_type) or self.parse(value) != value:
            raise UsageError(u'not an address, nor the beginning of one, = and an address')

    def split(self, text):
        # type: (str) -> Any
        """(beginning of clients' addresses or '', address)."""
        source, equals, address = text.rpartition(u'=')
        if equals and (not source or source.strip(u'0123456789abcdef.:')):
            raise UsageError(u'"%s" is not the beginning of an address, such as 10. or 192.168.'
                             % source)
        return source, Address().parse(address)


class Letters(Kind):
    """Permissions, of ``elradfmwMT``."""

    metavar = 'LETTERS'

    def parse(self, text):
        if not text or text.strip(LETTERS):
            raise UsageError(u'"%s" is not letters of %s' % (text, LETTERS))
        return u''.join(letter for letter in LETTERS if letter in text)

    def check(self, value):
        if not isinstance(value, text_type) or self.parse(value) != value:
            raise UsageError(u'not letters of %s' % LETTERS)


def _check(options):
    # type: (OptionValues) -> None
    if options.otp and options.otp_file is None:
        raise UsageError(u'--otp needs --otp-file, which "carryall ftp-otp" makes')
    if options.otp and options.demo_user:
        raise UsageError(u'--otp and --demo-user exclude each other')
    TLS.check(options)
    if options.certificate is None and (options.require_tls != u'no' or options.reuse_session):
        raise UsageError(u'--require-tls and --reuse-session need --certificate')


LISTENING = ListeningOptions(
    'port', DEFAULT_PORT, ('tcp', 'tls'), repeat=True, interface='', connections=512,
    connections_help='clients at the same time', per_address=0, limits='limits',
    help='port or endpoint to listen on, such as 21, tcp:21:interface=0.0.0.0 or'
         ' tls:990:certificate=FILE (TLS at once); 2121 unless given')
TLS = TLSOptions(key='k', group='TLS', help='certificate, in PEM: AUTH TLS is offered')
LOGINS = LoginOptions('limits')
ACCOUNTS = AccountOptions()
SCHEMA = Schema([
    LISTENING,
    Option('root', Path('folder'), short='r', default=u'/usr/local/ftp',
           help='folder to serve; started by hand, the current one if there is none such'),
    Flag('anonymous', short='a',
         help='let everybody log in to read; the default if no user could log in otherwise'),
    Option('useranonymous', Text(1, 64, 'NAME'), default=u'anonymous',
           aliases=('user-anonymous', 'anonymoususer', 'userAnonymous'),
           help='user name of anonymous logins'),
    Flag('mail-wanted', help='anonymous users must give something like a mail address'),
    Flag('thirdparty', short='3', help='allow data connections with other hosts than the client: '
                                       'read RFC 2577 first'),
    Flag('otp', help='passwords are valid once (RFC 2289)'),
    Option('otp-file', Path('file'), help='file of one-time passwords, made by "carryall ftp-otp"'),
    Option('passwords', PasswordPath(), help='password file, made by "carryall passwd"'),
    ACCOUNTS,
    Flag('demo-user', help='let the user twisted log in with the password twisted, as in 2002'),
    Option('homes', Path('folder'), help='folder of the users\' own roots, NAME; without it a '
                                         'user gets --root'),
    Option('permissions', Letters(), default=LETTERS,
           help='what users may do: e enter, l list, r read, a append, d delete, f rename, m make '
                'folders, w store,'
                ' M change modes, T change times'),
    Option('anonymous-permissions', Letters(), default=READERS,
           help='the same for anonymous users, which only read unless others are given: with elrw '
                'everybody may store files'),
    Option('symlinks', Choice(SYMLINKS), default='inside', group='files',
           help='inside: links are followed, but not out of the root; never: not followed'),
    Flag('whole-uploads', group='files', help='an upload appears when it is complete'),
    Option('max-upload', Size(), group='files', help='octets of one upload at most'),
    Option('message-file', Text(1, 255, 'NAME'), group='files',
           help='file whose text is shown on entering its folder'),
    Flag('digests', group='files',
         help='answer HASH, XCRC, XMD5, XSHA256, which read the whole file'),
    Option('list-offset', Integer(-1440, 1440, 'minutes'), default='0', group='files',
           help='minutes by which the times of LIST are ahead of UTC'),
    TLS,
    Option('require-tls', Choice(('no', 'login', 'all')), default='no', group='TLS',
           help='login: no password in clear; all: no data in clear either'),
    Flag('reuse-session', group='TLS', help='a data connection must resume the TLS session of '
                                            'the control connection'),
    Flag('allow-ccc', group='TLS', help='let clients end TLS on the control connection after '
                                        'the login (CCC), for firewalls'
                                        ' that read replies'),
    Option('passive-ports', PortRange(), group='data connections', help='ports for PASV and EPSV'),
    Option('masquerade', Masquerade(), repeat=True, group='data connections',
           help='address in the replies to PASV instead of our own, for all clients or for some'),
    Option('banner', Text(1, 1024), group='limits', help='first line of the server'),
    LimitOptions('300', 'time without a command after which a client is disconnected',
                 86400.0, group='limits'),
    Option('no-transfer', Seconds(1.0, 86400.0), default='1800', group='limits',
           help='time without a transfer after which a client is disconnected'),
    Option('rate-up', Size(), group='limits', help='octets a second that one client may send'),
    Option('rate-down', Size(), group='limits', help='octets a second that one client gets'),
    Option('total-up', Size(), group='limits', help='octets a second that all clients may send'),
    Option('total-down', Size(), group='limits', help='octets a second that all clients get'),
    Option('max-transfers', Integer(1, MAX_CONNECTIONS), group='limits',
           help='transfers at the same time'),
    Option('logfile', LogPath(), short='l', group='limits',
           help='write a line for each transfer to this file (xferlog), - for stdout'),
    LOGINS,
], examples=[
    ('carryall ftp --root pub',
     'the folder pub, readable for everybody on this machine, on port 2121'),
    ('carryall ftp -p 21 --interface 0.0.0.0 --root pub --passwords users --anonymous',
     'users write, everybody reads'),
    ('carryall ftp --root pub --certificate site.pem --require-tls all', 'under TLS alone'),
    ('mktap ftp --root /usr/local/ftp && twistd -f ftp.tap', 'as in 2002')], check=_check,
    first=('port', 'interface', 'root', 'anonymous', 'passwords', 'user', 'homes', 'permissions',
           'certificate', 'passive-ports', 'logfile'))


def endpoints_of(options):
    # type: (OptionValues) -> List[Any]
    """The Endpoints of the options;
    those without an interface get that of ``--interface``."""
    return LISTENING.endpoints(options)
