# Copyright the carryall authors.  See LICENSE.
"""ACMEClient: gets a certificate from an authority (RFC 8555).

    client = ACMEClient(loop, http, u'https://ca.example/directory', key)
    chain = yield client.certificate([u'shop.example'], private, challenges, [u'mailto:ops@...'])

*challenges* proves control over the names: ``kind`` is 'http-01' or 'tls-alpn-01';
``show(name, token, authorization)`` and ``hide(name, token)``.

Flow:     directory, nonce, account, order, its authorizations (a challenge for each), finalize,
          download.  A nonce that the authority does not take is replaced (section 6.5).
Tests:    tests/services/acme/test_acmeclient.py, acceptance/cases/web_acme.py
"""
from __future__ import absolute_import, division, print_function

import json

from carryall.core.compat import native, to_bytes
from carryall.core.errors import UsageError
from carryall.core.future import Return, coroutine, sleep
from carryall.core.net.ip import is_loopback
from carryall.core.tls.authority import certificate_request
from carryall.protocols.http.client import parse_url
from carryall.services.acme.errors import ACMEError
from carryall.services.acme.jws import base64url

__all__ = ['ACMEClient', 'check_url']

# -- limits ------------------------------------------------------------------
MAX_ANSWER = 1 << 20        # octets of an answer
MAX_NONCES = 10             # nonces that are tried for a request
POLL_SECONDS = 2.0          # between two looks, unless the authority says
MAX_POLL_SECONDS = 60.0     # the longest wait that it may ask for
POLLS = 60                  # looks at one object

PENDING = ('pending', 'processing')
JOSE = b'application/jose+json'
CHAIN = b'application/pem-certificate-chain'


def check_url(url):
    # type: (str) -> None
    """Raises UsageError for a URL that is not https: http is for this machine alone."""
    location = parse_url(url)
    if location.scheme != 'https' and not (location.scheme == 'http'
                                           and is_loopback(location.host)):
        raise UsageError(u'the URL of an authority begins with https: %s' % url)


class ACMEClient(object):
    """A client of one authority, with one account.

    Args:     loop: the loop.
              http: an HTTPClient that follows no redirects.
              directory: the URL of the directory.
              key: an AccountKey.
              account: the URL of the account, if it is known.

    Attributes:
        account: the URL of the account, once it is known.
    """

    def __init__(self, loop, http, directory, key, account=None):
        # type: (Any, Any, str, AccountKey, Optional[str]) -> None
        check_url(directory)
        self.account = account
        self._loop = loop
        self._http = http
        self._directory = directory
        self._key = key
        self._places = {}           # type: Dict[str, str]
        self._nonces = []           # type: List[str]

    # -- the whole ---------------------------------------------------------------------------------

    @coroutine
    def certificate(self, names, private, challenges, contact=()):
        # type: (Sequence[str], int, Any, Sequence[str]) -> Any
        """A Future of the PEM of a certificate for *names* and of its chain.

        Args:     private: number of the certificate's key, EC P-256.
                  challenges: see above.
                  contact: URLs of a new account, such as mailto:.
        Raises:   ACMEError; ConnectFailed, ConnectionLost, HTTPError.
        """
        yield self._find()
        if self.account is None:
            yield self._sign_up(contact)
        order, place = yield self._order(names)
        urls = order.get('authorizations')
        if not isinstance(urls, list) or len(urls) > len(names):
            raise ACMEError(u'the order has no list of one authorization for each name')
        for url in urls:
            yield self._authorize(u'%s' % (url,), names, challenges)
        order = yield self._settled(place, u'the order')
        if order.get('status') == 'ready':
            request = certificate_request(names, private)
            yield self._post(_text(order, 'finalize'), {'csr': base64url(request)})
            order = yield self._settled(place, u'the order', beyond='ready')
        if order.get('status') != 'valid':
            raise ACMEError(u'the order is %s: %s' % (order.get('status'), _told(order)))
        chain = yield self._post(_text(order, 'certificate'), None, CHAIN)
        raise Return(chain)

    # -- its steps ---------------------------------------------------------------------------------

    @coroutine
    def _find(self):
        # type: () -> Any
        """Reads the directory (section 7.1.1)."""
        response = yield self._http.request('GET', self._directory, follow=False)
        found = yield self._read(response)
        for name in ('newNonce', 'newAccount', 'newOrder'):
            check_url(_text(found, name))
        self._places = found

    @coroutine
    def _sign_up(self, contact):
        # type: (Sequence[str]) -> Any
        """Makes the account, or finds the one of the key (section 7.3)."""
        payload = {'termsOfServiceAgreed': True}        # type: Dict[str, Any]
        if contact:
            payload['contact'] = list(contact)
        _, headers = yield self._exchange(self._places['newAccount'], payload, with_key=True)
        self.account = _location(headers)

    @coroutine
    def _order(self, names):
        # type: (Sequence[str]) -> Any
        """(the order, its URL) (section 7.4)."""
        identifiers = [{'type': 'dns', 'value': name} for name in names]
        try:
            order, headers = yield self._exchange(self._places['newOrder'],
                                                  {'identifiers': identifiers})
        except ACMEError as exc:
            if exc.kind != 'accountDoesNotExist':
                raise
            self.account = None     # the authority has forgotten it; the next attempt makes one
            raise
        raise Return((order, _location(headers)))

    @coroutine
    def _authorize(self, url, names, challenges):
        # type: (str, Sequence[str], Any) -> Any
        """Proves control over one name (section 7.5)."""
        authorization = yield self._post(url, None)
        if authorization.get('status') == 'valid':
            raise Return(None)      # of an earlier order
        name = _text(_object(authorization.get('identifier')), 'value')
        if name.lower() not in [each.lower() for each in names]:
            raise ACMEError(u'the authority asks for the proof of another name')
        offered = [_object(each) for each in _list(authorization.get('challenges'))]
        offered = [each for each in offered if each.get('type') == challenges.kind]
        if not offered:
            raise ACMEError(u'the authority offers no challenge %s for %s'
                            % (challenges.kind, name))
        token = _text(offered[0], 'token')
        if token.strip(TOKEN) or not token:
            raise ACMEError(u'the token of a challenge has characters that none may have')
        challenges.show(name, token, self._key.authorization(token))
        try:
            yield self._post(_text(offered[0], 'url'), {})
            settled = yield self._settled(url, u'the authorization')
        finally:
            challenges.hide(name, token)
        if settled.get('status') != 'valid':
            raise ACMEError(u'the authority could not validate %s: %s' % (name, _told(settled)))

    @coroutine
    def _settled(self, url, what, beyond=None):
        # type: (str, str, Optional[str]) -> Any
        """A Future of an object of the authority that is not pending any more (section 7.5.1)."""
        for _ in range(POLLS):
            found, headers = yield self._exchange(url, None)
            status = found.get('status')
            if status not in PENDING and status != beyond:
                raise Return(found)
            wait = _seconds(headers)
            yield sleep(self._loop, POLL_SECONDS if wait is None else min(wait, MAX_POLL_SECONDS))
        raise ACMEError(u'%s was not settled in time' % what)

    # -- requests ----------------------------------------------------------------------------------

    @coroutine
    def _post(self, url, payload, accept=None):
        # type: (str, Any, Optional[bytes]) -> Any
        found, _ = yield self._exchange(url, payload, accept)
        raise Return(found)

    @coroutine
    def _exchange(self, url, payload, accept=None, with_key=False):
        # type: (str, Any, Optional[bytes], bool) -> Any
        """(answer, Headers) of a signed request (section 6.2)."""
        check_url(url)
        fields = [(b'Content-Type', JOSE)]
        if accept is not None:
            fields.append((b'Accept', accept))
        for left in range(MAX_NONCES, 0, -1):
            nonce = yield self._nonce()
            account = None if with_key else self.account
            # On a thread: where the language is slow, a signature takes a while.
            body = yield self._loop.run_in_thread(self._key.sign, url, nonce, payload, account)
            response = yield self._http.request('POST', url, fields, body, follow=False)
            self._keep_nonce(response)
            try:
                found = yield self._read(response, accept is None)
            except ACMEError as exc:
                if exc.kind != 'badNonce' or left == 1:
                    raise
                continue
            raise Return((found, response.headers))

    @coroutine
    def _nonce(self):
        # type: () -> Any
        """A nonce that was not used yet (section 7.2)."""
        if not self._nonces:
            response = yield self._http.request('HEAD', self._places['newNonce'], follow=False)
            yield response.read_all(0)
            self._keep_nonce(response)
            if not self._nonces:
                raise ACMEError(u'the authority gives no nonce')
        raise Return(self._nonces.pop())

    def _keep_nonce(self, response):
        # type: (Any) -> None
        value = response.headers.get(b'replay-nonce')
        if value is not None:
            self._nonces = [native(value)]

    @coroutine
    def _read(self, response, is_json=True):
        # type: (Any, bool) -> Any
        """The body of an answer; ACMEError for a problem document (section 6.7)."""
        data = yield response.read_all(MAX_ANSWER)
        if response.status < 400 and not is_json:
            raise Return(data)
        found = _parsed(data)
        if response.status < 400:
            raise Return(found)
        kind = native(to_bytes(u'%s' % found.get('type', u''))).rpartition(':')[2]
        raise ACMEError(u'the authority refuses with %d: %s' % (response.status, _detail(found)),
                        kind, _seconds(response.headers))


TOKEN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'


def _parsed(data):
    # type: (bytes) -> Dict[str, Any]
    try:
        found = json.loads(data.decode('utf-8')) if data.strip() else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ACMEError(u'an answer of the authority is no JSON object')
    return found


def _text(found, name):
    # type: (Dict[str, Any], str) -> str
    value = found.get(name)
    if not isinstance(value, type(u'')):
        raise ACMEError(u'an answer of the authority lacks %s' % name)
    return str(value)


def _object(value):
    # type: (Any) -> Dict[str, Any]
    """*value*, or an empty object if it is none."""
    return value if isinstance(value, dict) else {}


def _list(value):
    # type: (Any) -> List[Any]
    """*value*, or an empty list if it is none."""
    return value if isinstance(value, list) else []


def _location(headers):
    # type: (Any) -> str
    value = headers.get(b'location')
    if value is None:
        raise ACMEError(u'an answer of the authority lacks a Location')
    return native(value)


def _seconds(headers):
    # type: (Any) -> Optional[float]
    """Retry-After in seconds, if it is a number."""
    value = headers.get(b'retry-after', b'')
    return float(value[:9]) if value.isdigit() else None


def _detail(problem):
    # type: (Any) -> str
    """The text of a problem document, in one bounded line."""
    text = u'%s' % (problem.get('detail') or problem.get('type') or u'no reason given')
    return u' '.join(text.split())[:300]


def _told(found):
    # type: (Dict[str, Any]) -> str
    """The reason in an order or an authorization that failed."""
    problems = [found.get('error')]
    problems += [_object(each).get('error') for each in _list(found.get('challenges'))]
    for problem in problems:
        if isinstance(problem, dict):
            return _detail(problem)
    return u'no reason given'


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.services.acme.jws import AccountKey
