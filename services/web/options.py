# Copyright the carryall authors.  See LICENSE.
"""The options of the web service (features WEB-01, WEB-04, WEB-11, WEB-19).

Former spellings stay: ``--static`` for ``--path``, ``_`` for ``-``.  Of the options of Twisted 0.19
and 1.2 flashconduit alone is unknown here: browsers have no Flash any more.

The schema includes the options of HTTPS (https.py), ACME (services/acme), accounts (access.py),
WebFinger (webfinger.py) and additions (additions.py).

Tests:    tests/services/web/test_options.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import to_bytes
from carryall.app.listeningoptions import ListeningOptions
from carryall.core.errors import UsageError
from carryall.core.net.ip import canonical
from carryall.app.optiontypes import Choice, Integer, Interface, LogPath, Pair, Path, Text
from carryall.app.options import Flag, Option, Schema
from carryall.protocols.http.fields import is_media_type
from carryall.services.acme import options as acme
from carryall.services.web import access, https, programs, uploadsite, webfinger
from carryall.services.web.additions import ADDITIONS
from carryall.services.web.accesslog import FORMATS
from carryall.services.web.hosts import HostName, HostTable
from carryall.services.web.requestpaths import is_plain_name
from carryall.services.web.pathpatterns import MAX_PATTERN
from carryall.services.web.tree import SYMLINKS

__all__ = ['DEFAULT_PORT', 'Interface', 'LISTENING', 'Name', 'SCHEMA', 'TypeRule', 'endpoints_of',
           'is_bare']

DEFAULT_PORT = u'tcp:8080'
MAX_BODY = 1 << 50          # the largest body that can be allowed
DEFAULT_BODY = '67108864'   # 64 MiB
MAX_RATE = 1 << 30          # the highest rate that can be required, in octets a second


class Name(Text):
    """The name of a file, without a folder."""

    metavar = 'NAME'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 255)

    def check(self, value):
        Text.check(self, value)
        host, _, port = value.rpartition(u':')
        if canonical(value) or port.isdigit() and canonical(host.strip(u'[]')):
            raise UsageError(u'"%s" looks like an address to listen on: do you mean --interface %s?'
                             % (value, value if canonical(value) else host))
        if not is_plain_name(to_bytes(value)):
            raise UsageError(u'"%s" is not the name of a file' % value)


class TypeRule(Text):
    """``.EXT=TYPE``, or a type alone for files with unknown endings (the form of 0.19)."""

    metavar = 'EXT=TYPE'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 255)

    def check(self, value):
        Text.check(self, value)
        ending, kind = self.split(value)
        if ending is not None and not ending.strip(u'.') or not is_media_type(to_bytes(kind)):
            raise UsageError(u'"%s" is not of the form .ext=type/subtype' % value)

    def split(self, value):
        # type: (str) -> Tuple[Optional[str], str]
        """(ending or None, type)."""
        ending, equals, kind = value.partition(u'=')
        if not equals or u'/' in ending:        # the parameters of a type may have an equals sign
            return None, value
        return ending, kind


def _check(options):
    # type: (OptionValues) -> None
    endpoints = endpoints_of(options)
    for addition in ADDITIONS:
        addition.check(options)
    if is_bare(options):
        pass                # the page of demopage.py, as of 2002
    elif not options.vhost and not any(each.serves(options) for each in ADDITIONS):
        options.path = options.path or os.path.abspath(u'.')
    elif options.path is not None and u'*' in dict(options.vhost):
        raise UsageError(
            u'--path is for all hosts without a --vhost, and so is --vhost *: give only one of '
            u'them')
    HostTable([(name, True) for name, _ in options.vhost])       # raises for a duplicate
    HostTable([(name, True) for name, _ in options.vhost_log])
    if options.vhost_log and not options.vhost:
        raise UsageError(u'--vhost-log needs --vhost; for one site use --logfile')
    programs.check(options)
    served = [folder for _, folder in options.vhost]
    if options.path is not None:
        served.append(options.path)
    for folder in options.upload:
        if not any(uploadsite.folders_in(root, [folder]) for root in served):
            raise UsageError(u'--upload %s: the folder is in none that is served' % folder)
    uploadsite.check(options, any(map(access.is_secret, endpoints)))
    https.check(options, endpoints)
    acme.check(options, served, any(each.kind == 'tls' for each in endpoints))
    access.check(options, endpoints)
    webfinger.check(options, endpoints)


def is_bare(options):
    # type: (OptionValues) -> bool
    """True if no option was given: a page of widgets is served then."""
    return SCHEMA.narrowed(options) == SCHEMA.defaults()


# Of 0.19 and 1.2.
FORMER = {'flashconduit': u'browsers do not support Flash any more',
          's': u'-s had two meanings in former versions: use --https PORT or --path FOLDER'}

LISTENING = ListeningOptions(
    'port', DEFAULT_PORT, repeat=True, interface='', per_address=0,
    connections_help='connections at the same time; more are answered with 503',
    help='port or endpoint to listen on, such as 8080, tcp:80:interface=0.0.0.0,'
         ' tls:8443:certificate=site.pem or unix:/run/web.sock; 8080 unless given')
SCHEMA = Schema([
    LISTENING,
    Option('path', Path('folder'), aliases=('static',),
           help='folder to serve; this one unless given; with --vhost, for all other hosts; '
                'without any option a page of widgets is served'),
    Option('vhost', Pair(HostName(), Path('folder'), metavar='HOST=FOLDER'), repeat=True,
           help='folder for one host: blog.example, *.example, blog.example:81, or * for all '
                'others'),
    Option('index', Name(), short='i', repeat=True,
           help='file name of the index of a folder; given ones replace index, '
                'index.html, index.htm'),
    Option('mime-type', TypeRule(), short='m', repeat=True,
           help='type of the files with an ending, or alone, of files with unknown endings'),
    Option('mime-types', Path('file'), help='file of types by ending, in the format of mime.types'),
    Option('ignore-ext', Text(1, 64, 'EXT'), repeat=True,
           help='ending that may be left out of a URL: /page serves page.EXT if there is no page'),
    Flag('allow-ignore-ext', help='any ending may be left out of a URL'),
    Flag('listing', default=True, help='list a folder without an index'),
    Flag('dotfiles', help='serve names that begin with a dot too'),
    Option('symlinks', Choice(SYMLINKS), default='follow',
           help='symbolic links to follow: all, those with the same owner as their target, '
                'or none'),
    Flag('gzip', default=True, help='compress text for clients that accept it'),
    Flag('precompressed', help='serve NAME.br, NAME.zst or NAME.gz for NAME to clients that accept '
                               'it'),
    Option('cache-control', Pair(Text(1, MAX_PATTERN, 'PATTERN'), Text(1, 255)), repeat=True,
           help='Cache-Control of the files that match, such as *.css=max-age=3600; the first '
                'match counts'),
    Option('download', Text(1, MAX_PATTERN, 'PATTERN'), repeat=True,
           help='files that browsers save and do not show'),
    Option('error-page', Pair(Integer(400, 599), Text(1, metavar='FILE')), repeat=True,
           help='file to send with an error status, such as 404=missing.html'),
    Flag('programs', default=True,
         help='run the programs below the folder that is served, by their suffix: the first line '
              'names them'),
    Option('max-body', Integer(0, MAX_BODY, 'octets'), default=DEFAULT_BODY,
           help='octets of the body of a request; larger ones are answered with 413'),
    Option('logfile', LogPath(), short='l', help='write a line for each response to this file, - '
                                                 'for stdout'),
    Option('vhost-log', Pair(HostName(), LogPath(), metavar='HOST=FILE'), repeat=True,
           help='the same for one host, whose lines are then not in --logfile'),
    Option('log-format', Choice(FORMATS), default='combined', help='format of the lines'),
    Option('min-rate', Integer(0, MAX_RATE, 'octets'), default='256',
           help='octets a second that a client must take from its backlog, on the average of a '
                'minute, or it is disconnected; 0: no limit'),
] + uploadsite.OPTIONS + programs.program_options() + https.OPTIONS + acme.OPTIONS
                + access.OPTIONS
                + [option for each in ADDITIONS for option in each.OPTIONS] + webfinger.OPTIONS,
                check=_check, former=FORMER, examples=[
    ('carryall web --path site',
     'the folder site, on http://127.0.0.1:8080/ for this machine alone'),
    ('carryall web -p 80 --interface 0.0.0.0', 'this folder, for everybody'),
    ('carryall web -p 80 --https 443 -c site.pem -k site.key --redirect-https --interface 0.0.0.0',
     'the same, by https'),
    ('carryall web -p 80 --https 443 --acme shop.example --acme-agree --interface 0.0.0.0',
     'the same, with a certificate of Let\'s Encrypt that is renewed'),
    ('carryall web --https 8443 -c site.pem --auth users', 'for users with an account alone'),
    ('mktap web --path site --logfile access.log',
     'the same as the first, saved in web.tap for twistd'),
], first=('port', 'interface', 'path', 'index', 'listing', 'upload', 'https', 'certificate', 'auth',
          'account'))


def endpoints_of(options):
    # type: (OptionValues) -> List[Any]
    """The Endpoints of the options; those without an interface get that of
    ``--interface``.
    """
    ports = [each.default_port(options) for each in ADDITIONS]
    found = LISTENING.endpoints(options, [port for port in ports if port is not None] or None)
    for endpoint in https.https_endpoints(options):
        if endpoint.interface == '':
            endpoint.interface = str(options.interface)
        found.append(endpoint)
    return found


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Tuple
    from carryall.app.optionvalues import OptionValues
