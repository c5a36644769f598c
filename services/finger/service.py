# Copyright the carryall authors.  See LICENSE.
"""The service type ``finger``: information about the users of this machine or of a folder; also
whois from a folder of records.

    carryall finger --folder people -p 7979
    carryall finger --passwd /etc/passwd --list --home
    carryall finger --folder people -p 7979 --whois 4343 --records records

By default it tells little: no list of users, no home folders, no forwarding,
and it serves this machine alone.

The protocols are in protocols/finger and protocols/whois, the users in app/fingerusers.py.
Tests:    tests/services/test_finger.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import FAILURES, native, to_bytes
from carryall.core.future import with_timeout
from carryall.core.logs import get_logger
from carryall.core.net.ip import source_of
from carryall.core.ratelimit import KeyedRateLimit
from carryall.app.servicetypes import ServerType
from carryall.app.service import MultiService
from carryall.protocols.finger import FingerServer, fetch
from carryall.protocols.whois import Records, WhoisServer
from carryall.core.files.pathwalk import PathWalk
from carryall.app.fingerusers import Accounts, Folder
from carryall.services.finger.options import CLIENTS, LISTENING, SCHEMA

__all__ = ['FingerService', 'TYPE']

# -- limits ------------------------------------------------------------------
MAX_MATCHES = 20            # users that match an ambiguous name and are shown
MAX_LISTED = 500            # users in a list
MAX_RECORD = 1 << 20        # octets of a whois record
TELL_SECONDS = 20.0         # until the files of users must be read
ANSWER_SECONDS = 30.0       # that the next host has to answer

log = get_logger('finger')


class FingerService(MultiService):
    """Finger, and whois if the options ask for it.

    Args:     options: as SCHEMA gives them.
    """

    def __init__(self, options):
        # type: (OptionValues) -> None
        MultiService.__init__(self, 'finger')
        self._options = options
        self._admits = CLIENTS.admits(options)
        self._rate = None                   # type: Any  # a KeyedRateLimit, while it runs
        self._source = Folder(options.folder) if options.folder is not None \
            else Accounts(options.passwd or u'/etc/passwd')

    def start(self, loop):
        options = self._options
        self.loop = loop
        self._rate = KeyedRateLimit(loop, options.rate / 60.0, options.rate)
        limits = LISTENING.limits(options)
        self.forward = self._pass_on if options.forward else None       # of a Directory
        self.children = [LISTENING.server('finger', options, lambda: FingerServer(self, loop),
                                          limits=limits)]
        if options.whois is not None:
            records = _Records(options.records, self)
            self.children.append(LISTENING.server('whois', options,
                                                  lambda: WhoisServer(records, loop),
                                                  limits=limits,
                                                  endpoints=_whois_endpoints(options)))
        try:
            MultiService.start(self, loop)
        except FAILURES:
            self.loop = None
            raise

    # -- who may ask -------------------------------------------------------------------------------

    def refusal(self, host):
        # type: (str) -> str
        """The text that refuses a query; u'' if it is allowed."""
        if not self._admits(host):
            return u'Access denied.\n'
        return u'' if self._rate.take(source_of(host)) else u'Too many queries.\n'

    def _pass_on(self, query, host):
        # type: (Any, bytes) -> Any
        """Forwards the query (RFC 1288 section 2.5.2), if the next host is allowed."""
        name = native(host.decode('latin-1').encode('ascii', 'replace')).lower()
        if name not in [native(each).lower() for each in self._options.forward] or query.hosts:
            return u'Finger forwarding service denied.\n'
        return fetch(self.loop, query, name, timeout=ANSWER_SECONDS)

    # -- answers -----------------------------------------------------------------------------------

    def answer(self, user, verbose, host):
        # type: (str, bool, str) -> Any
        """The answer to a query, as text or a Future of it; files are read in a thread."""
        refusal = self.refusal(host)
        if refusal:
            return refusal
        return with_timeout(self.loop, self.loop.run_in_thread(self._tell, user, verbose),
                            TELL_SECONDS)

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
            return u'Login: %s\nUnknown user.\n' % user
        if len(found) > 1 and not verbose:
            return _table(found[:MAX_MATCHES])
        return u'\n'.join(self._one(person) for person in found[:MAX_MATCHES])

    def _list(self):
        # type: () -> str
        if not self._options.list:
            return u'Give a name: users are not listed.\n'
        return _table([person for person in self._source.people()
                       if not person.hidden()][:MAX_LISTED])

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
        key = person.read(u'pgpkey').strip()
        plan = person.read(u'plan').rstrip()
        if key:
            lines.append(u'PGP key:\n%s\n' % key)
        lines.append(u'Plan:\n%s\n' % plan if plan else u'No Plan.\n')
        return u''.join(lines)


def _table(people):
    # type: (Any) -> str
    """A line for each user."""
    if not people:
            return u'No user is listed.\n'
    return u'%-16s %s\n' % (u'Login', u'Name') + u''.join(u'%-16s %s\n' % (each.login, each.name)
                                                          for each in people)


class _Records(Records):
    """The records of whois: a file for each query; a link may lead to files of its owner."""

    def __init__(self, path, service):
        # type: (str, FingerService) -> None
        self._walk = PathWalk(to_bytes(os.path.abspath(path)), 'owner')
        self._service = service

    def answer(self, text, host):
        # type: (str, str) -> Any
        """The record, or a line that says it is missing."""
        refusal = self._service.refusal(host)
        loop = self._service.loop
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


def _whois_endpoints(options):
    # type: (OptionValues) -> List[Any]
    return [] if options.whois is None else [LISTENING.endpoint(options.whois, options)]


class FingerType(ServerType):
    """The service type of ``mktap finger`` and ``carryall finger``."""

    name = 'finger'
    summary = 'information about users (RFC 1288), and whois (RFC 3912)'
    version = 1
    options = SCHEMA
    service = FingerService

    def listened(self, options):
        return LISTENING.endpoints(options) + _whois_endpoints(options)


TYPE = FingerType()

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
    from carryall.app.optionvalues import OptionValues
