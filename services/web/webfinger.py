# Copyright the carryall authors.  See LICENSE.
"""WebFinger: information about users for programs, from the same sources as finger (RFC
7033; feature FIN-03).

    carryall web --https 443 ... --webfinger example.org --webfinger-people people
    carryall web --https 443 ... --webfinger example.org --webfinger-passwd /etc/passwd \\
        --webfinger-link 'http://webfinger.net/rel/profile-page=https://example.org/~{name}'

    GET /.well-known/webfinger?resource=acct:ann@example.org

The answer has the subject, the name, and links.  Links of ``--webfinger-link`` come before those of
the user's own file ``links`` (``.links`` in the home folder of an account).  That file has a line
for each: relation, URL and optionally media type.  A user with a file ``nofinger`` is unknown.

    400     ``resource`` is missing, given twice, or not a URI
    403     the request came in clear from another machine (RFC 7033 section 9.1); use https,
            or --redirect-https
    404     the user is unknown
    429     one address sends too many queries

The users come from app/fingerusers.py.
Tests:    tests/services/web/test_webfinger.py
"""
from __future__ import absolute_import, division, print_function

from collections import OrderedDict

from carryall.core.errors import UsageError
from carryall.core.future import with_timeout
from carryall.core.net.ip import is_loopback, source_of
from carryall.app.optiontypes import Integer, Pair, Path, Text
from carryall.app.options import Option
from carryall.core.patterns import Pattern
from carryall.core.ratelimit import KeyedRateLimit
from carryall.protocols.http import Response, method_not_allowed, plain_response
from carryall.core.codec.uri import percent_decode, percent_encode
from carryall.app.fingerusers import Accounts, Folder
from carryall.services.web.access import is_secret
from carryall.services.web.hosts import HostName

__all__ = ['OPTIONS', 'WebFinger', 'check', 'make_webfinger']

# -- limits ------------------------------------------------------------------
MAX_RELS = 32               # of one query
MAX_LINKS = 100             # of one user's file
FIND_SECONDS = 20.0         # until a user's files must be read

GROUP = 'WebFinger'
PATH = b'/.well-known/webfinger'
NAME = u'http://schema.org/name'        # the property, as other servers spell it

_URI = Pattern(b'[A-Za-z][A-Za-z0-9+.-]*:[!-~\\x80-\\xff]+\\Z')
# RFC 7033 section 4.4.4.1: registered, or a URI
_REL = Pattern(u'[a-z][a-z0-9.-]*\\Z|[A-Za-z][A-Za-z0-9+.-]*:[!-~]+\\Z')
_HREF = Pattern(u'[A-Za-z][A-Za-z0-9+.-]*:[!-~]+\\Z')
_TYPE = Pattern(u'[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+\\Z')


class AccountHost(HostName):
    """The part of an account after the @: a host name alone."""

    def parse(self, text):
        name = HostName.parse(self, text)
        if u'*' in name or u':' in name:
            raise UsageError(u'"%s" is not a host name such as example.org' % text)
        return name


class Link(Pair):
    """``REL=URL``; ``{name}`` in the URL stands for the login."""

    def __init__(self):
        # type: () -> None
        Pair.__init__(self, Text(1, 1024), Text(1, 4096), metavar='REL=URL')

    def parse(self, text):
        value = Pair.parse(self, text)
        self.check(value)
        return value

    def check(self, value):
        Pair.check(self, value)
        if not _REL.match(value[0]) or not _HREF.match(value[1].replace(u'{name}', u'x')):
            raise UsageError(u'"%s=%s" is not a relation and a URL' % tuple(value))


OPTIONS = [
    Option('webfinger', AccountHost(), repeat=True, group=GROUP,
           help='answer WebFinger queries for NAME@HOST (RFC 7033), over https and to this machine'
           ),
    Option('webfinger-people', Path('folder'), group=GROUP,
           help='users: a subfolder for each, as for "carryall finger --folder"'),
    Option('webfinger-passwd', Path('file'), group=GROUP,
           help='users: the accounts in this file, such as /etc/passwd'),
    Option('webfinger-link', Link(), repeat=True, group=GROUP,
           help='a link of all users, such as avatar=https://example.org/{name}.png'),
    Option('webfinger-rate', Integer(1, 100000, 'queries'), default='60', group=GROUP,
           help='queries a minute that one client may ask'),
]


def check(options, endpoints):
    # type: (OptionValues, List[Any]) -> None
    """Raises UsageError for options that contradict each other."""
    sources = [path for path in (options.webfinger_people, options.webfinger_passwd) if path
               is not None]
    if not options.webfinger:
        if sources or options.webfinger_link:
            raise UsageError(
                u'--webfinger-people, --webfinger-passwd and --webfinger-link need --webfinger '
                u'HOST')
        return
    if len(sources) != 1:
        raise UsageError(
            u'--webfinger: give either --webfinger-people or --webfinger-passwd')
    if not any(map(is_secret, endpoints)):
        raise UsageError(
            u'--webfinger is for https (RFC 7033 section 9.1): serve --https PORT, or listen on '
            u'127.0.0.1')


def make_webfinger(options, loop):
    # type: (OptionValues, Any) -> Optional[WebFinger]
    """The WebFinger of the options, or None."""
    if not options.webfinger:
        return None
    source = Accounts(options.webfinger_passwd) if options.webfinger_passwd is not None \
        else Folder(options.webfinger_people)       # type: Any
    return WebFinger(source, options.webfinger, options.webfinger_link, loop,
                     options.webfinger_rate)


class WebFinger(object):
    """Answers for one path, in front of applications.

    Args:     source: of users (app/fingerusers.py).
              hosts: those of the accounts, lower-case text.
              links: pairs of relation and URL of all users; {name} is the login.
              rate: queries a minute of one client.
    """

    def __init__(self, source, hosts, links, loop, rate=60):
        # type: (Any, Sequence[str], Sequence[Any], Any, int) -> None
        self._source = source
        self._hosts = frozenset(hosts)
        self._links = list(links)
        self._loop = loop
        self._rate = KeyedRateLimit(loop, rate / 60.0, rate)

    def before(self, app):
        # type: (Callable[[Request], Any]) -> Callable[[Request], Any]
        """*app* with this one path in front of it."""
        def fronted(request):
            # type: (Request) -> Any
            return self(request) if request.path == PATH else app(request)
        return fronted

    def __call__(self, request):
        # type: (Request) -> Any
        """A Response, or a Future of one."""
        if request.method not in (b'GET', b'HEAD'):
            return method_not_allowed((b'GET', b'HEAD'))
        address = request.peer
        host = address.host if address is not None and address.port is not None else ''
        if host and request.tls is None and not is_loopback(host):
            return _open(plain_response(403))
        asked = _read(request.query)
        if asked is None:
            return _open(plain_response(400))
        if not self._rate.take(source_of(host)):
            return _open(plain_response(429, [(b'Retry-After', b'60')]))
        account = self._account(asked[0])
        if account is None:
            return _open(plain_response(404))
        found = with_timeout(self._loop, self._loop.run_in_thread(self._find, account),
                             FIND_SECONDS)
        return found.then(lambda person: self._answer(asked, person))

    def _account(self, resource):
        # type: (bytes) -> Optional[str]
        """The login in an acct: URI, if its host is one of ours (RFC 7565)."""
        scheme, _, rest = resource.partition(b':')
        user, at, host = rest.rpartition(b'@')
        if scheme.lower() != b'acct' or not at or host.lower().decode('latin-1') not in self._hosts:
            return None
        decoded = percent_decode(user)
        return None if not decoded else decoded.decode('utf-8', 'replace')

    def _find(self, login):
        # type: (str) -> Any
        """(name, links) of a user; runs in a thread."""
        for person in self._source.people():
            if person.login == login and not person.hidden():
                name = percent_encode(login.encode('utf-8')).decode('ascii')
                links = [(rel, url.replace(u'{name}', name), None) for rel, url in self._links]
                return person.name, links + _own_links(person.read(u'links'))
        return None

    @staticmethod
    def _answer(asked, found):
        # type: (Any, Any) -> Response
        if found is None:
            return _open(plain_response(404))
        resource, rels = asked
        name, links = found
        document = OrderedDict([(u'subject',
                                 resource.decode('utf-8', 'replace'))])     # type: Dict[str, Any]
        if name:
            document[u'properties'] = {NAME: name}
        document[u'links'] = [_link(*each) for each in links if not rels or each[0].encode('utf-8')
                              in rels]
        # Imported here, as most sites do without it
        import json
        return _open(Response(200, [(b'Content-Type', b'application/jrd+json')],
                              json.dumps(document).encode('ascii')))


def _read(query):
    # type: (bytes) -> Optional[Tuple[bytes, List[bytes]]]
    """(resource, relations) of a query (RFC 7033 section 4.1); None if it is not valid.  ``+`` is
    a plus sign, as it is not a form.
    """
    resources = []
    rels = []
    for field in query.split(b'&'):
        name, _, value = field.partition(b'=')
        decoded = percent_decode(value)
        if decoded is None:
            return None
        if name == b'resource':
            resources.append(decoded)
        elif name == b'rel':
            rels.append(decoded)
    if len(resources) != 1 or len(rels) > MAX_RELS or not _URI.match(resources[0]):
        return None
    return resources[0], rels


def _own_links(text):
    # type: (str) -> List[Tuple[str, str, Optional[str]]]
    """(relation, URL, media type or None) of a user's file; invalid lines are ignored.
    """
    found = []
    for line in text.splitlines()[:MAX_LINKS]:
        words = line.split()
        if len(words) in (2,
                          3) and _REL.match(words[0]) and _HREF.match(words[1]) and all(
                              map(_TYPE.match, words[2:])):
            found.append((words[0], words[1], words[2] if len(words) > 2 else None))
    return found


def _link(rel, href, kind):
    # type: (str, str, Optional[str]) -> Dict[str, str]
    return OrderedDict([(u'rel', rel), (u'href', href)]
                       + ([] if kind is None else [(u'type', kind)]))


def _open(response):
    # type: (Response) -> Response
    """Allows scripts of every site to read it (RFC 7033 section 5)."""
    response.headers.set(b'Access-Control-Allow-Origin', b'*')
    return response


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple
    from carryall.app.optionvalues import OptionValues
    from carryall.protocols.http import Request
