# Copyright the carryall authors.  See LICENSE.
"""A certificate authority for tests: the messages of RFC 8555, on a virtual loop, by http.

It checks signatures, each nonce and each proof, and signs each request for a certificate.
"""
from __future__ import absolute_import, division, print_function

import hashlib
import json
from base64 import urlsafe_b64decode

from carryall.core.codec import der
from carryall.core.compat import int_from_bytes, native
from carryall.core.tls import p256, pem
from carryall.protocols.http import Response, Site
from carryall.services.acme.jws import base64url

P = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
EC_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'))
DAY = 86400.0
CHECKED = ('newAccount', 'finalize')     # whose signatures are: that takes a while


def octets_of(text):
    """The octets of base64url without padding."""
    text = native(text)
    return urlsafe_b64decode((text + '=' * (-len(text) % 4)).encode('ascii'))


# -- a check of ES256 ----------------------------------------------------------

def _plus(one, two):
    """The sum of two points, by the formulas of a textbook; None is the neutral one."""
    if one is None or two is None:
        return one or two
    if one[0] == two[0]:
        if (one[1] + two[1]) % P == 0:
            return None
        slope = 3 * (one[0] * one[0] - 1) * pow(2 * one[1], P - 2, P)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], P - 2, P)
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def _times(number, point):
    total = None
    while number:
        if number & 1:
            total = _plus(total, point)
        point = _plus(point, point)
        number >>= 1
    return total


def verifies(point, message, signature):
    """True if *signature*, R and S, is that of the owner of *point* (FIPS 186-4 section 6.4)."""
    r = int_from_bytes(signature[:32])
    s = int_from_bytes(signature[32:])
    digest = int_from_bytes(hashlib.sha256(message).digest())
    inverse = pow(s, p256.ORDER - 2, p256.ORDER)
    found = _plus(_times(digest * inverse % p256.ORDER, p256.public_point(1)),
                  _times(r * inverse % p256.ORDER, point))
    return found is not None and found[0] % p256.ORDER == r


# -- certificates ---------------------------------------------------------------

def names_and_key(request):
    """(names, public key in DER) of a request for a certificate."""
    info = der.Reader(request).enter(der.SEQUENCE).enter(der.SEQUENCE)
    info.integer()
    info.next()
    key = info.next()[2]
    attribute = info.enter(0xA0).enter(der.SEQUENCE)
    attribute.oid()
    extension = attribute.enter(der.SET).enter(der.SEQUENCE).enter(der.SEQUENCE)
    extension.oid()
    names = der.Reader(extension.take(der.OCTET_STRING)).enter(der.SEQUENCE)
    found = []
    while len(names):
        found.append(native(names.take(0x82)))
    return found, key


def _moment(seconds):
    import datetime
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds))
    return der.encode(der.GENERALIZED_TIME, moment.strftime('%Y%m%d%H%M%SZ').encode('ascii'))


def _name(text):
    return der.sequence(der.encode(der.SET, der.sequence(
        der.oid('2.5.4.3'), der.encode(der.UTF8, text.encode('ascii')))))


class FakeCA(object):
    """The authority.

    Args:     proof: called with (name, token); the octets that the challenge shows, or None.

    Attributes:
        url: of the directory.
        nonces_to_refuse: requests whose nonce is refused, to come.
        refusal: (status, kind, Retry-After) of each new order, or None.
        days: life of a certificate.
        kinds: of the challenges that are offered.
        asked: the paths of all signed requests, in order.
        accounts: the thumbprints of the keys, in the order of their accounts.
        names: those of the certificate, in place of the ones asked for; key: likewise.
    """

    def __init__(self, loop, proof):
        self.loop = loop
        self.proof = proof
        self.nonces_to_refuse = 0
        self.refusal = None
        self.days = 90
        self.kinds = ('http-01', 'tls-alpn-01')
        self.asked = []
        self.accounts = []
        self.names = None
        self.key = None
        self.garbled = None
        self._private = p256.private_key(lambda size: b'\x11' * size)
        self._nonces = set()
        self._count = 0
        self._points = {}
        self._orders = {}
        self._valid = set()
        self._listener = loop.listen_tcp(Site(self._answer, loop), '127.0.0.1', 0)
        self.base = 'http://127.0.0.1:%d' % self._listener.address.port
        self.url = self.base + '/dir'

    def close(self):
        """Listens no more."""
        self._listener.close()

    # -- answers -------------------------------------------------------------------------------

    def _nonce(self):
        self._count += 1
        made = 'nonce%d' % self._count
        self._nonces.add(made)
        return made

    def _json(self, status, value, *fields):
        data = value if isinstance(value, bytes) else json.dumps(value).encode('ascii')
        return Response(status, [(b'Replay-Nonce', self._nonce()),
                                 (b'Content-Type', b'application/json')] + list(fields), data)

    def _problem(self, status, kind, *fields):
        return self._json(status, {'type': 'urn:ietf:params:acme:error:' + kind,
                                   'detail': 'this is ' + kind}, *fields)

    def _answer(self, request):
        path = native(request.path)
        if self.garbled is not None and path.startswith(self.garbled[0]):
            return self._json(200, self.garbled[1])
        if path == '/dir':
            return self._json(200, dict((name, self.base + '/' + name) for name in (
                'newNonce', 'newAccount', 'newOrder')))
        if path == '/newNonce':
            return Response(200, [(b'Replay-Nonce', self._nonce())])
        return request.body.read_all(1 << 16).then(lambda data: self._signed(path, data))

    def _signed(self, path, data):
        found = json.loads(data.decode('ascii'))
        head = json.loads(octets_of(found['protected']).decode('ascii'))
        assert head['url'] == self.base + path
        if head['nonce'] not in self._nonces:
            return self._problem(400, 'badNonce')
        self._nonces.discard(head['nonce'])
        if self.nonces_to_refuse:
            self.nonces_to_refuse -= 1
            return self._problem(400, 'badNonce')
        jwk = head.get('jwk')
        point = self._points.get(head.get('kid')) if jwk is None else tuple(
            int_from_bytes(octets_of(jwk[name])) for name in 'xy')
        if point is None:
            return self._problem(400, 'accountDoesNotExist')
        message = ('%s.%s' % (found['protected'], found['payload'])).encode('ascii')
        if path.split('/')[1] in CHECKED:
            assert verifies(point, message, octets_of(found['signature']))
        self.asked.append(path)
        text = octets_of(found['payload'])
        payload = json.loads(text.decode('utf-8')) if text else None
        return self._routed(path, head, point, payload)

    def _routed(self, path, head, point, payload):
        parts = path.split('/')
        if path == '/newAccount':
            assert payload['termsOfServiceAgreed'] is True
            self.contact = payload.get('contact')
            kid = '%s/account/%d' % (self.base, len(self._points))
            self._points[kid] = point
            self.accounts.append(kid)
            return self._json(201, {'status': 'valid'}, (b'Location', kid))
        if path == '/newOrder':
            return self._new_order(payload)
        if parts[1] == 'order':
            return self._json(200, self._orders[parts[2]]['shown'])
        if parts[1] == 'authorization':
            return self._json(200, self._authorization(parts[2]))
        if parts[1] == 'challenge':
            return self._challenge(parts[2], parts[3], point)
        if parts[1] == 'finalize':
            return self._finalize(parts[2], payload)
        if parts[1] == 'certificate':
            return self._json(200, self._orders[parts[2]]['chain'])
        return self._problem(404, 'malformed')

    def _new_order(self, payload):
        if self.refusal is not None:
            status, kind, wait = self.refusal
            return self._problem(status, kind, *([] if wait is None else [
                (b'Retry-After', b'%d' % wait)]))
        names = [each['value'] for each in payload['identifiers']]
        number = '%d' % len(self._orders)
        shown = {'status': 'pending', 'finalize': '%s/finalize/%s' % (self.base, number),
                 'authorizations': ['%s/authorization/%s' % (self.base, name) for name in names]}
        self._orders[number] = {'shown': shown, 'names': names, 'chain': None}
        self._settle()
        return self._json(201, shown, (b'Location', '%s/order/%s' % (self.base, number)))

    def _settle(self):
        for order in self._orders.values():
            if order['shown']['status'] == 'pending' and set(order['names']) <= self._valid:
                order['shown']['status'] = 'ready'

    def _authorization(self, name):
        found = {'status': 'pending', 'identifier': {'type': 'dns', 'value': name},
                 'challenges': [{'type': kind, 'token': 'token-' + kind,
                                 'url': '%s/challenge/%s/%s' % (self.base, name, kind)}
                                for kind in self.kinds]}
        if name in self._valid:
            found['status'] = 'valid'
        elif name in self._failed:
            found['status'] = 'invalid'
            found['challenges'][0]['error'] = {'detail': 'no proof'}
        return found

    _failed = ()

    def _challenge(self, name, kind, point):
        shown = self.proof(name, 'token-' + kind)
        x, y = (base64url(p256.octets32(number)) for number in point)
        text = '{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}' % (x, y)
        wanted = 'token-%s.%s' % (kind, base64url(hashlib.sha256(text.encode('ascii')).digest()))
        if shown == wanted.encode('ascii') or shown == hashlib.sha256(
                wanted.encode('ascii')).digest():
            self._valid.add(name)
        else:
            self._failed = self._failed + (name,)
        self._settle()
        return self._json(200, {'status': 'processing'})

    def _finalize(self, number, payload):
        order = self._orders[number]
        names, key = names_and_key(octets_of(payload['csr']))
        assert sorted(names) == sorted(order['names'])
        order['chain'] = self.certificate(self.names or names, self.key or key)
        order['shown']['status'] = 'valid'
        order['shown']['certificate'] = '%s/certificate/%s' % (self.base, number)
        return self._json(200, dict(order['shown'], status='processing'))

    def certificate(self, names, key):
        """The PEM of a certificate for a public key in DER."""
        now = self.loop.wall()
        names = der.sequence(*[der.encode(0x82, name.encode('ascii')) for name in names])
        self._count += 1
        body = der.sequence(
            der.context(0, der.integer(2)), der.integer(self._count), EC_SHA256, _name('fake CA'),
            der.sequence(_moment(now), _moment(now + DAY * self.days)), _name('site'), key,
            der.context(3, der.sequence(der.sequence(der.oid('2.5.29.17'),
                                                     der.octet_string(names)))))
        return pem.encode(pem.CERTIFICATE, der.sequence(
            body, EC_SHA256, der.bit_string(p256.sign(self._private, body))))
