# Copyright the carryall authors.  See LICENSE.
"""The service type ``finger``: tells of the people of this machine, or of a folder; and whois from a folder of records.

    carryall finger --folder people -p 7979
    carryall finger --passwd /etc/passwd --list --home
    carryall finger --folder people -p 7979 --whois 4343 --records records

It tells little unless told to: no list of all, no home folders, no forwarding, and to this machine alone.

Not here: the protocols (protocols/finger, protocols/whois), the people (people.py).
Tests:    tests/services/test_finger.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import FAILURES, native, to_bytes
from carryall.core.errors import UsageError
from carryall.core.future import with_timeout
from carryall.app.optiontypes import Endpoint, Integer, Path, Text
from carryall.core.logs import get_logger
from carryall.core.net.networks import Network, within
from carryall.app.options import Flag, Option, Schema
from carryall.core.wrap.policies import ConnectionLimits
from carryall.app.servicetypes import ServiceType
from carryall.app.service import MultiService, StreamServer
from carryall.protocols.finger import FingerServer, fetch
from carryall.protocols.whois import Records, WhoisServer
from carryall.services.pathwalk import PathWalk
from carryall.services.fingerusers import Accounts, Folder, QueryRate
from carryall.services.portforward import NetworkText
from carryall.services.socks import endpoints_of

__all__ = ['FingerService', 'TYPE']

# -- limits ------------------------------------------------------------------
MAX_MATCHES = 20            # people of an ambiguous name that are told of; ours
MAX_LISTED = 500            # people in a list; ours
MAX_RECORD = 1 << 20        # octets of a whois record; ours
MAX_CONNECTIONS = 1000000   # the highest bound on connections that makes sense; ours
TELL_SECONDS = 20.0         # until the files of people must be read; ours
ANSWER_SECONDS = 30.0       # that the next host has to answer; ours

log = get_logger('finger')


def _check(options):
    # type: (OptionValues) -> None
    if options.folder is not None and options.passwd is not None:
        raise UsageError(u'people come from --folder or from --passwd')
    if (options.whois is None) != (options.records is None):
        raise UsageError(u'--whois and --records belong together')


SCHEMA = Schema([
    Option('port', Endpoint(('tcp', 'tls', 'unix')), short='p', default='tcp:79', help='port or endpoint to listen on'),
    Option('interface', Text(1, 64, 'ADDRESS'), short='i', default='127.0.0.1',
           help='address to listen on where the endpoint names none; 0.0.0.0 for everybody'),
    Option('folder', Path('folder'), help='people: a folder for each, named as the login'),
    Option('passwd', Path('file'), help='people: accounts in this file; /etc/passwd if nothing is said'),
    Flag('list', help='tell all names to who asks for nobody'),
    Flag('match', default=True, help='find people by a part of their full name too'),
    Flag('home', help='tell home folder, shell and office'),
    Flag('mail', help='tell where mail is forwarded'),
    Option('forward', Text(1, 255, 'HOST'), repeat=True, help='a host that queries such as ann@HOST may be passed on to'),
    Option('allow', NetworkText(), repeat=True, help='network of the clients that are answered; everybody unless given'),
    Option('rate', Integer(1, 100000, 'queries'), default='60', help='queries a minute that one client may ask'),
    Option('max-connections', Integer(1, MAX_CONNECTIONS), default='100', help='connections at the same time'),
    Option('whois', Endpoint(('tcp', 'tls', 'unix')), help='answer whois here'),
    Option('records', Path('folder'), help='folder of whois records: the file named as the query, in lower case'),
], check=_check, examples=[
    ('carryall finger -p 7979', 'the accounts of this machine, for this machine'),
    ('carryall finger --folder people --list -i 0.0.0.0', 'people who want to be found, for everybody')])


class FingerService(MultiService):
    """Finger, and whois if it is wanted.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        MultiService.__init__(self, 'finger')
        self._options = options
        self._allowed = [Network(text) for text in options.allow]
        self._rate = None                   # type: Any  # a QueryRate, while it runs
        self._source = Folder(options.folder) if options.folder is not None \
            else Accounts(options.passwd or u'/etc/passwd')

    def start(self, loop):
        options = self._options
        self.loop = loop
        self._rate = QueryRate(loop, options.rate)
        limits = ConnectionLimits(options.max_connections)
        self.forward = self._pass_on if options.forward else None       # of a Directory
        self.children = [StreamServer('finger', limits.wrap(lambda: FingerServer(self, loop)),
                                      endpoints_of(options))]
        if options.whois is not None:
            records = _Records(options.records, self)
            self.children.append(StreamServer('whois', limits.wrap(lambda: WhoisServer(records, loop)),
                                              endpoints_of(options, 'whois')))
        try:
            MultiService.start(self, loop)
        except FAILURES:
            self.loop = None
            raise

    # -- who may ask -------------------------------------------------------------------------------------------------

    def refusal(self, host):
        # type: (str) -> str
        """What to say instead of an answer; u'' for an answer."""
        if self._allowed and host and not within(host, self._allowed):
            return u'You may not ask here.\n'
        return u'' if self._rate.allows(host) else u'You ask too often.\n'

    def _pass_on(self, query, host):
        # type: (Any, bytes) -> Any
        """Ask the next host (RFC 1288 section 2.5.2), if it is one of those that are allowed."""
        name = native(host.decode('latin-1').encode('ascii', 'replace')).lower()
        if name not in [native(each).lower() for each in self._options.forward] or query.hosts:
            return u'Finger forwarding service denied.\n'
        return fetch(self.loop, query, name, timeout=ANSWER_SECONDS)

    # -- answers -----------------------------------------------------------------------------------------------------

    def answer(self, user, verbose, host):
        # type: (str, bool, str) -> Any
        """The answer to a query, as text or a Future of it; files are read in a thread."""
        refusal = self.refusal(host)
        if refusal:
            return refusal
        return with_timeout(self.loop, self.loop.run_in_thread(self._tell, user, verbose), TELL_SECONDS)

    def _tell(self, user, verbose):
        # type: (str, bool) -> str
        if not user:
            return self._list()
        people = [person for person in self._source.people() if not person.hidden()]
        found = [person for person in people if person.login == user]
        if not found and self._options.match:
            wanted = user.lower()
            found = [person for person in people if person.login.lower() == wanted
                     or wanted in person.name.lower().replace(u',', u' ').split()]
        if not found:
            return u'Login: %s\nThere is no such user.\n' % user
        if len(found) > 1 and not verbose:
            return _table(found[:MAX_MATCHES])
        return u'\n'.join(self._one(person) for person in found[:MAX_MATCHES])

    def _list(self):
        # type: () -> str
        if not self._options.list:
            return u'Nobody is listed here; ask for somebody.\n'
        return _table([person for person in self._source.people() if not person.hidden()][:MAX_LISTED])

    def _one(self, person):
        # type: (Any) -> str
        lines = [u'Login: %-30s Name: %s\n' % (person.login, person.name)]
        if self._options.home:
            if person.home:
                lines.append(u'Directory: %-26s Shell: %s\n' % (person.home, person.shell))
            if person.office:
                lines.append(u'Office: %s\n' % person.office)
        if self._options.mail:
            mail = person.read(u'forward').strip().split(u'\n')[0]
            if mail:
                lines.append(u'Mail forwarded to %s\n' % mail)
        project = person.read(u'project').strip().split(u'\n')[0]
        if project:
            lines.append(u'Project: %s\n' % project)
        key, plan = person.read(u'pgpkey').strip(), person.read(u'plan').rstrip()
        if key:
            lines.append(u'PGP key:\n%s\n' % key)
        lines.append(u'Plan:\n%s\n' % plan if plan else u'No Plan.\n')
        return u''.join(lines)


def _table(people):
    # type: (Any) -> str
    """A line for each."""
    if not people:
        return u'There is nobody.\n'
    return u'%-16s %s\n' % (u'Login', u'Name') + u''.join(u'%-16s %s\n' % (each.login, each.name) for each in people)


class _Records(Records):
    """Whois: a file for each query; a link leads to what belongs to its owner."""

    def __init__(self, path, service):
        # type: (str, FingerService) -> None
        self._walk = PathWalk(to_bytes(os.path.abspath(path)), 'owner')
        self._service = service

    def answer(self, text, host):
        # type: (str, str) -> Any
        """The record, or a sentence that says it is missing."""
        refusal, loop = self._service.refusal(host), self._service.loop
        return refusal or with_timeout(loop, loop.run_in_thread(self._read, text), TELL_SECONDS)

    def _read(self, text):
        # type: (str) -> str
        name = text.lower().strip()
        if name.startswith(u'.') or any(char in name for char in u'/\\\0:'):
            return u'No match for %s.\n' % text
        try:
            source, _ = self._walk.open([to_bytes(name)])
            with source:
                return source.read(MAX_RECORD).decode('utf-8', 'replace')
        except FAILURES:
            return u'No match for %s.\n' % text


class FingerType(ServiceType):
    """What ``mktap finger`` and ``carryall finger`` make."""

    name = 'finger'
    summary = 'tells of people (RFC 1288), and whois (RFC 3912)'
    version = 1
    options = SCHEMA

    def make(self, options):
        """A stopped FingerService."""
        return FingerService(options)

    def endpoints(self, options):
        """Where it will listen."""
        found = endpoints_of(options) + (endpoints_of(options, 'whois') if options.whois is not None else [])
        return [endpoint.text() for endpoint in found]


TYPE = FingerType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.app.optionvalues import OptionValues
