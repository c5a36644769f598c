# Copyright the carryall authors.  See LICENSE.
"""The options of the mail service, those of Twisted 0.19 and 1.2 among them.

    0.19    -p/--pop 8110, -s/--smtp 8025, -r/--relay IP,PORT=FOLDER, -d/--domain NAME=PATH,
            -u/--user U=P (--username),
            -b/--bounce_to_postmaster
    1.2     -p/--pop3, -S/--pop3s, -s/--smtp, -c/--certificate, -R/--relay FOLDER, -H/--hostname,
            -E/--esmtp,
            --disable-anonymous, --passwordfile, --default, -d/--maildirdbmdomain, -u, -b,
            -A/--aliases

Differences: a user belongs to the domain before it on the command line, as in both versions, but
may also be written USER@DOMAIN=P.  Accounts are kept in the tap, in the password file or in the
database of --store, and not next to the maildirs.  --bounce-to-postmaster and --aliases apply to
all domains. --esmtp is the default; --no-esmtp turns it off.  The password file holds hashes only.
Tests:    tests/services/mail/test_options.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.accountoptions import AccountKind
from carryall.app.clientoptions import NetworkText
from carryall.app.listeningoptions import LOOPBACK, ListeningOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.storeoptions import StoreOptions
from carryall.app.tlsoptions import TLSOptions
from carryall.core.compat import text_type
from carryall.app.endpoints import STREAMS, parse_endpoint
from carryall.core.errors import RemoteProtocolError, UsageError
from carryall.app.optiontypes import (Choice, Endpoint, Integer, Kind, Pair, PasswordPath, Path,
                                      Place, Seconds, Size, Text)
from carryall.app.options import Flag, Option, Schema
from carryall.app.optionvalues import named
from carryall.protocols.smtp import is_domain
from carryall.services.mail.domains import is_folder_name
from carryall.services.mail.mailstore import STORE
from carryall.services.mail.transports import HandOver
from carryall.services.mail.mx import NameServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['LIMITS', 'LOGINS', 'NONE', 'SCHEMA', 'STORES', 'TLS', 'endpoints_of', 'smart_host_of']

NONE = u'none'
STORES = StoreOptions(STORE, help='keeps accounts ("carryall passwd LOCATION USER@DOMAIN") and the '
                                  'index of the queue: sqlite:FILE or postgresql://USER@HOST/NAME',
                      group='mailboxes')



class MaybeEndpoint(Kind):
    """An endpoint, or ``none`` for no listener."""

    metavar = 'ENDPOINT'

    def __init__(self):
        # type: () -> None
        self._endpoint = Endpoint(STREAMS)

    def parse(self, text):
        return NONE if text == NONE else self._endpoint.parse(text)

    def check(self, value):
        if value != NONE:
            self._endpoint.check(value)

    def problems(self, value):
        return [] if value == NONE else self._endpoint.problems(value)


class DomainName(Text):
    """A domain, kept in small letters."""

    metavar = 'DOMAIN'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 255)

    def parse(self, text):
        name = text.lower()
        self.check(name)
        return name

    def check(self, value):
        Text.check(self, value)
        if not is_domain(value.encode('utf-8'),
                         True) or value.startswith(u'[') or value != value.lower():
            raise UsageError(u'"%s" is not a domain' % value)


class Folder(Path):
    """A folder that is made if it is missing."""

    metavar = 'FOLDER'

    def __init__(self):
        # type: () -> None
        Path.__init__(self, 'folder')

    def problems(self, value):
        return []


class UserName(Text):
    """USER@DOMAIN."""

    metavar = 'USER'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 255)

    def check(self, value):
        Text.check(self, value)
        user, at, domain = value.rpartition(u'@')
        if not at or not is_folder_name(user) or not is_domain(domain.encode('utf-8'), True):
            raise UsageError(u'"%s" is not user@domain: letters, digits and _ . = + ~ - make a user'
                             % value)


class UserOption(Option):
    """USER=PASSWORD of the domain before it, or USER@DOMAIN=PASSWORD."""

    def read(self, text, values):
        name, equals, password = text.partition(u'=')
        if u'@' not in name:
            if not values['domain']:
                raise UsageError(u'give --domain before its users, or USER@DOMAIN=PASSWORD')
            text = u'%s@%s%s%s' % (name, values['domain'][-1][0], equals, password)
        Option.read(self, text.partition(u'=')[0].lower() + text[len(text.partition(u'=')[0]):],
                    values)


class RelayValue(Kind):
    """FOLDER (the form of 1.2) or IP,PORT=FOLDER (the form of 0.19)."""

    metavar = 'IP,PORT=FOLDER|FOLDER'

    def parse(self, text):
        place, equals, folder = text.partition(u'=')
        if equals and Place().matches(place):
            return u'%s=%s' % (Place().parse(place), Folder().parse(folder))
        return Folder().parse(text)

    def check(self, value):
        if not isinstance(value, text_type) or self.parse(value) != value:
            raise UsageError(u'not a folder, nor IP,PORT=FOLDER')

    def split(self, value):
        # type: (str) -> Tuple[Optional[str], str]
        """(HOST:PORT or None, folder)."""
        place, equals, folder = value.partition(u'=')
        return (place, folder) if equals and Place().matches(place) else (None, value)


class RouteDomain(Text):
    """DOMAIN, .DOMAIN for its subdomains, or *."""

    metavar = 'DOMAIN'

    def check(self, value):
        Text.check(self, value)
        if value != u'*' and not is_domain(value.lstrip(u'.').encode('utf-8'),
                                           True) or value != value.lower():
            raise UsageError(u'"%s" is not a domain, .domain or *' % value)


LIMITS = ListeningOptions(
    None, connections=1000, connections_help='connections at a time, of each listener',
    per_address=100, limits='limits')
TLS = TLSOptions(group='listening',
                 help='PEM file with certificate and key, for STARTTLS and the rest')
LOGINS = LoginOptions('limits')
SCHEMA = Schema([
    Option('smtp', MaybeEndpoint(), short='s', default='tcp:8025', group='listening',
           help='SMTP: a port or endpoint, on 127.0.0.1 unless it says interface=; '
                'none for no listener'),
    Option('pop3', MaybeEndpoint(), short='p', default='tcp:8110', aliases=('pop',),
           group='listening',
           help='POP3: a port or endpoint, likewise'),
    Option('pop3s', MaybeEndpoint(), short='S', default=NONE, group='listening',
           help='POP3 under TLS from the start, with --certificate'),
    Option('submission', MaybeEndpoint(), default=NONE, group='listening',
           help='submission by users, after a login and under TLS (RFC 6409; usual port: 587)'),
    Option('submissions', MaybeEndpoint(), default=NONE, group='listening', aliases=('smtps',),
           help='submission under TLS from the start (RFC 8314; usual port: 465)'),
    Option('lmtp', MaybeEndpoint(), default=NONE, group='listening',
           help='LMTP: another mail server hands over mail for our users'),
    TLS,
    Option('hostname', DomainName(), short='H', default='localhost', group='listening',
           help='the name of this server in greetings and header fields'),
    Flag('esmtp', short='E', default=True, group='listening', help='offer the extensions of SMTP'),
    Option('domain', Pair(DomainName(), Folder(), metavar='NAME=FOLDER'), short='d', repeat=True,
           aliases=('maildirdbmdomain',),
           group='mailboxes',
           help='accept mail for this domain; the maildirs of its users are in the folder'),
    UserOption('user', AccountKind(UserName()), short='u', repeat=True, aliases=('username',),
               secret=True, group='mailboxes',
               help='a user of the domain before it, or USER@DOMAIN=PASSWORD; kept in clear, so '
                    '--passwordfile is safer if APOP is not needed; without =PASSWORD one is made '
                    'up and shown'),
    Option('passwordfile', PasswordPath(), group='mailboxes',
           help='users with hashed passwords, USER@DOMAIN in "carryall passwd" files'),
    STORES,
    Option('mailboxes', Choice(('maildir', 'mbox')), default='maildir', group='mailboxes',
           help='form of the mailboxes: FOLDER/USER is a maildir, or one file with a lock file, '
                'for old mail programs'),
    Flag('default', short='D', group='mailboxes',
         help='the last domain accepts mail for all other domains'),
    Flag('bounce-to-postmaster', short='b', group='mailboxes',
         help='mail for unknown users goes to the postmaster'),
    Option('aliases', Path('file'), short='A', group='mailboxes', help='file of aliases'),
    Flag('disable-anonymous', group='mailboxes',
         help='accept mail only from users who log in, even for our users'),
    Flag('apop', default=True, group='mailboxes',
         help='offer APOP for users whose passwords are in clear (--user)'),
    Flag('clear-auth', group='mailboxes',
         help='accept passwords without TLS too; the default without --certificate if we'
              ' listen on this machine alone'),
    Flag('channel-binding', group='mailboxes',
         help='offer SCRAM bound to the TLS connection (-PLUS) too, if this runtime can; mutt of'
              ' 2023 then fails to log in'),
    Option('relay', RelayValue(), short='r', group='sending',
           help='folder of the queue, or a smart host and the folder of the queue'),
    Option('queue', Folder(), short='R', group='sending',
           help='folder of queue and journal (default: .spool in that of the first domain)'),
    Option('smart-host', Place(), group='sending', help='send everything to this server'),
    Option('route', Pair(RouteDomain(), Place(), metavar='DOMAIN=HOST:PORT'), repeat=True,
           group='sending',
           help='send mail for a domain (.domain: those below it; *: all) to this server'),
    Option('nameserver', NameServer(), repeat=True, group='sending',
           help='name server to ask for the MX of other domains; those of this machine '
                'unless given; none: use the'
                ' domains\' own addresses'),
    Option('relay-network', NetworkText(), repeat=True, group='sending',
           help='hosts that may send everywhere without a login'),
    Option('hand-over', Pair(DomainName(), HandOver(), metavar='DOMAIN=TARGET'), repeat=True,
           group='sending',
           help='accept mail for a domain and hand it over: to lmtp:HOST:PORT, lmtp:/SOCKET, '
                'smtp:HOST:PORT, an http(s):// URL (POST)'
                ' or pipe:/PROGRAM'),
    Option('relay-tls', Choice(('none', 'may', 'must')), default='may', group='sending',
           help='TLS to other servers: may: with any certificate, and in clear if they do not '
                'offer it or it fails; must:'
                ' required, with a valid certificate'),
    Flag('sender-login', default=True, group='sending',
         help='a user may send with own addresses alone'),
    Option('rate', Integer(1, 1000000), group='sending',
           help='messages that a user may send in an hour'),
    Option('retry', Seconds(0.01), default='5m', group='sending',
           help='time until the second try; it doubles each time'),
    Option('warn', Seconds(0.01), default='4h', group='sending',
           help='time after which the sender gets a report of the delay'),
    Option('give-up', Seconds(0.01), default='5d', group='sending',
           help='time after which the message is returned to the sender'),
    Option('max-size', Size(1024, 1 << 30), default='32M', group='limits', help='largest message'),
    Option('max-recipients', Integer(1, 100000), default='1000', group='limits',
           help='recipients of one message'),
    LIMITS,
    Option('greet-pause', Seconds(0.0, 60.0), default='0s', group='limits',
           help='delay before the greeting; a client that sends meanwhile is refused'),
    Flag('vrfy', group='limits', help='answer VRFY and EXPN, which reveal the users'),
    Option('proxy-network', NetworkText(), repeat=True, group='limits',
           help='hosts that may use XCLIENT or XFORWARD to name their clients'),
    Flag('strict', group='limits', help='refuse syntax that the RFCs forbid and Postfix accepts, '
                                        'such as addresses without brackets or with'
                                        ' misplaced dots, and AUTH after HELO'),
    Option('lone-ends', Choice(('reject', 'mend')), default='reject', group='limits',
           help='messages with a lone CR or LF, by which messages are smuggled'),
    Flag('durable', default=True, group='limits',
         help='bring each message to the disk before it is accepted'),
    LOGINS,
], examples=[
    ('carryall mail -d a.example=maildirs -u anna=secret',
     'one domain with one user; SMTP on 8025, POP3 on 8110, for this machine'),
    ('mktap mail -d a.example=a -u anna=x -d b.example=b -u bert=y --relay 10.0.0.1,25=queue',
     'two domains, and a smart host for the rest'),
    ('carryall mail -d a.example=m --passwordfile users -c mail.pem --submission '
     'tcp:587:interface=0.0.0.0', 'users send on port 587'),
], check=lambda options: _check(options), first=(
    'smtp', 'pop3', 'submission', 'certificate', 'hostname', 'domain', 'user', 'passwordfile',
    'aliases', 'smart-host'))


def _check(options):
    # type: (OptionValues) -> None
    handed = [name for name, _ in options.hand_over]
    if set(handed) & set(name for name, _ in options.domain) or len(set(handed)) != len(handed):
        raise UsageError(u'a domain is either kept here or handed over to one target')
    if not options.domain and options.relay is None and options.queue is None:
        raise UsageError(u'give the domains, such as --domain a.example=maildirs, or '
                         u'--queue FOLDER to relay only')
    names = [name for name, _ in options.domain]
    if len(set(names)) != len(names):
        raise UsageError(u'duplicate domain')
    for user, _ in options.user:
        if options.mailboxes == u'mbox' and user.rpartition(u'@')[0].endswith(u'.lock'):
            raise UsageError(u'%s cannot have an mbox: its name would be that of a lock' % user)
        if user.rpartition(u'@')[2] not in names:
            raise UsageError(u'user %s has a domain that --domain does not name' % user)
    if options.default and not names:
        raise UsageError(u'--default needs a --domain')
    if options.relay is not None and options.queue not in (None,
                                                           RelayValue().split(options.relay)[1]):
        raise UsageError(u'--relay and --queue name two folders for the queue')
    relays = options.relay is not None and RelayValue().split(options.relay)[0] is not None
    if relays and options.smart_host is not None:
        raise UsageError(u'--relay and --smart-host name two servers')
    TLS.check(options)
    if options.certificate is None:
        for name, value in named(options, 'pop3s', 'submissions'):
            if value != NONE and not value.startswith(u'tls:'):
                raise UsageError(u'--%s needs --certificate' % name)
    if not endpoints_of(options):
        raise UsageError(u'no listener: all of them are none')


def endpoints_of(options):
    # type: (OptionValues) -> List[Tuple[str, Any]]
    """(name of the option, Endpoint) of each listener; without an interface it is that of this
    machine alone."""
    found = []
    for name, text in named(options, 'smtp', 'pop3', 'pop3s', 'submission', 'submissions', 'lmtp'):
        if text != NONE:
            endpoint = parse_endpoint(text, STREAMS)
            if endpoint.interface == '':
                endpoint.interface = LOOPBACK
            found.append((name, endpoint))
    return found


def smart_host_of(options):
    # type: (OptionValues) -> Optional[Tuple[str, int]]
    """(host, port) of the server for all mail; None if there is none."""
    place = options.smart_host
    if place is None and options.relay is not None:
        place = RelayValue().split(options.relay)[0]
    if place is None:
        return None
    return Place().split(place)


def spool_of(options):
    # type: (OptionValues) -> str
    """The folder of queue and journal."""
    import os
    if options.queue is not None:
        return options.queue
    if options.relay is not None:
        return RelayValue().split(options.relay)[1]
    return os.path.join(options.domain[0][1], u'.spool')
