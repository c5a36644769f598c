# Copyright the carryall authors.  See LICENSE.
"""Credentials of the client: Basic (RFC 7617), Digest (RFC 7616), Bearer (RFC 6750), and .netrc
files.

Rules:    a password is sent once the server asks for it, by the best scheme offered: Digest with
          SHA-256, Digest with MD5, Basic.  Digest protects the body too (auth-int) if the server
          accepts nothing else and the body is bytes.  Credentials are for one origin; they are not
          sent after a redirect to another.  No credential is ever part of an error, a log record or
          a repr.
Not here: Negotiate, NTLM, Authentication-Info.
Tests:    tests/protocols/http/client/test_authorization.py
"""
from __future__ import absolute_import, division, print_function

import base64
import binascii
import hashlib
import os

from carryall.core.compat import text_type
from carryall.core.errors import LocalProtocolError, UsageError
from carryall.core.records import namedtuple
from carryall.protocols.http.fields.fieldsyntax import (ALPHANUMERIC, CONTROLS, TOKEN, quote,
                                                        split_list, unquote)

__all__ = ['Bearer', 'Challenge', 'Login', 'Netrc', 'named_challenges', 'parse_challenges',
           'parse_netrc']

# -- limits ------------------------------------------------------------------
MAX_CHALLENGES = 16         # of one response; the RFC is silent
MAX_NETRC = 1 << 20         # octets of a .netrc; the RFC is silent
CNONCE_BYTES = 16           # of randomness in each; the RFC is silent

TOKEN68 = ALPHANUMERIC + b'-._~+/'
HASHES = {b'md5': hashlib.md5, b'sha-256': hashlib.sha256}
STRENGTH = (b'sha-256', b'md5')     # the best first

Challenge = namedtuple('Challenge', 'scheme parameters')


# -- challenges --------------------------------------------------------------
def parse_challenges(value):
    # type: (bytes) -> List[Challenge]
    """The challenges of a WWW-Authenticate field, in order (RFC 9110 section 11.6.1).

    Schemes and names of parameters are in lower case, a token68 is under b''.  Malformed parts are
    left out.
    """
    members = split_list(value, maximum=MAX_CHALLENGES * 16)
    found = []                      # type: List[Challenge]
    for member in members or ():
        head, _, rest = member.partition(b' ')
        name, equals, text = member.partition(b'=')
        if (b'=' not in head and not head.translate(None, TOKEN)
                and not rest.lstrip(b' ').startswith(b'=')):
            found.append(Challenge(head.lower(), {}))
            member = rest.strip(b' ')
            name, equals, text = member.partition(b'=')
        if not found or not member:
            continue
        plain = unquote(text.strip(b' \t'))
        if equals and plain is not None and text.strip(b'= '):
            found[-1].parameters.setdefault(name.strip(b' \t').lower(), plain)
        else:
            found[-1].parameters.setdefault(b'', member)
    return found[:MAX_CHALLENGES]


class Bearer(object):
    """A token that is sent at once (RFC 6750 section 2.1).

    Raises:   LocalProtocolError: the token has a forbidden character.
    """

    __slots__ = ('_token',)

    def __init__(self, token):
        # type: (Union[bytes, Text]) -> None
        self._token = _octets(token)
        if not self._token.rstrip(b'=') or self._token.rstrip(b'=').translate(None, TOKEN68):
            raise LocalProtocolError(u'a bearer token has letters, digits and -._~+/ alone')

    def authorization(self, _method, _target, _body=None):
        # type: (bytes, bytes, Optional[bytes]) -> Optional[bytes]
        """The value of Authorization."""
        return b'Bearer ' + self._token

    def challenged(self, _values, _whole=True):
        # type: (Sequence[bytes], bool) -> bool
        """False: another try would fail too."""
        return False


class Login(object):
    """A user and a password, sent by the scheme that the server asks for.

    Args:     user, password: text (sent as UTF-8) or bytes.
              at_once: send them as Basic with the first request; an eavesdropper on the connection
                  can read them.
              cnonce: gives the client's nonce of each Digest answer; random ones by default.
    Raises:   LocalProtocolError: a control character, or a colon in the user (RFC 7617 section 2).
    """

    __slots__ = ('_user', '_password', '_cnonce', '_scheme', '_digest', '_count', '_tried')

    def __init__(self,
                 user,              # type: Union[bytes, Text]
                 password,          # type: Union[bytes, Text]
                 at_once=False,     # type: bool
                 cnonce=None        # type: Optional[Callable[[], bytes]]
                 ):
        # type: (...) -> None
        self._cnonce = cnonce if cnonce is not None else _random_cnonce
        self._user = _octets(user)
        self._password = _octets(password)
        both = self._user + self._password
        if b':' in self._user or len(both.translate(None, CONTROLS)) != len(both):
            raise LocalProtocolError(
                u'a user has no colon, and neither user nor password a control character')
        self._scheme = b'basic' if at_once else b''
        # the parameters of the challenge that is answered
        self._digest = {}           # type: Dict[bytes, bytes]
        self._count = 0             # requests with its nonce
        self._tried = False         # true if an answer to a challenge was refused

    def authorization(self, method, target, body=None):
        # type: (bytes, bytes, Optional[bytes]) -> Optional[bytes]
        """The value of Authorization for a request; None before the server has asked.

        Args:     body: of the request; None if it is not bytes.
        """
        if self._scheme == b'basic':
            return b'Basic ' + base64.b64encode(self._user + b':' + self._password)
        return self._answer(method, target, body) if self._scheme else None

    def challenged(self, values, whole=True):
        # type: (Sequence[bytes], bool) -> bool
        """Looks at the WWW-Authenticate fields of a 401: true if the request can now be answered,
        and is worth a retry.

        Args:     whole: true if the request's body is bytes, which auth-int needs.
        """
        offered = [one for value in values for one in parse_challenges(value)]
        digests = [one.parameters for one in offered if one.scheme == b'digest'
                   and _is_answerable(one.parameters, whole)]
        digests.sort(key=lambda found: STRENGTH.index(_algorithm(found)))
        if digests:
            fresh = not self._digest or digests[0].get(b'stale', b'').lower() == b'true'
            if self._scheme == b'digest' and not (fresh and not self._tried):
                return False
            self._tried = self._scheme == b'digest'
            self._scheme = b'digest'
            self._digest = digests[0]
            self._count = 0
            return True
        if self._scheme or b'basic' not in [one.scheme for one in offered]:
            return False
        self._scheme = b'basic'
        return True

    def accepted(self):
        # type: () -> None
        """Notes that the server accepted the answer; when its nonce ages, it may ask again."""
        self._tried = False

    def _answer(self, method, target, body):
        # type: (bytes, bytes, Optional[bytes]) -> Optional[bytes]
        """The Digest response (RFC 7616 section 3.4); None if it is impossible with this body."""
        asked = self._digest
        quality = _quality(asked, body is not None)
        if quality is None:
            return None
        algorithm = _algorithm(asked)
        hashed = _hashed(HASHES[algorithm])
        realm = asked.get(b'realm', b'')
        nonce = asked[b'nonce']
        cnonce = self._cnonce()
        self._count += 1
        count = b'%08x' % self._count
        secret = hashed(self._user, realm, self._password)
        if asked.get(b'algorithm', b'').lower().endswith(b'-sess'):
            secret = hashed(secret, nonce, cnonce)
        request = (hashed(method, target, hashed(body)) if quality == b'auth-int'
                   else hashed(method, target))
        qop = b'qop' in asked
        response = (hashed(secret, nonce, count, cnonce, quality, request) if qop
                    else hashed(secret, nonce, request))
        userhash = asked.get(b'userhash', b'').lower() == b'true'
        parts = [b'username=' + quote(hashed(self._user, realm) if userhash else self._user),
                 b'realm=' + quote(realm),
                 b'nonce=' + quote(nonce), b'uri=' + quote(target), b'response="' + response + b'"']
        if b'algorithm' in asked:
            parts.append(b'algorithm=' + asked[b'algorithm'])
        if b'opaque' in asked:
            parts.append(b'opaque=' + quote(asked[b'opaque']))
        if qop:
            parts += [b'qop=' + quality, b'nc=' + count]
        if qop or b'algorithm' in asked and asked[b'algorithm'].lower().endswith(b'-sess'):
            parts.append(b'cnonce="' + cnonce + b'"')
        if userhash:
            parts.append(b'userhash=true')
        return b'Digest ' + b', '.join(parts)


def _random_cnonce():
    # type: () -> bytes
    return binascii.hexlify(os.urandom(CNONCE_BYTES))


def _algorithm(parameters):
    # type: (Dict[bytes, bytes]) -> bytes
    name = parameters.get(b'algorithm', b'MD5').lower()
    return name[:-5] if name.endswith(b'-sess') else name


def _quality(parameters, whole):
    # type: (Dict[bytes, bytes], bool) -> Optional[bytes]
    """The quality of protection to answer with: auth, or auth-int for a *whole* body; None for
    neither.
    """
    offered = [word.strip(b' \t').lower() for word in parameters.get(b'qop', b'auth').split(b',')]
    for quality in (b'auth', b'auth-int')[:2 if whole else 1]:
        if quality in offered:
            return quality
    return None


def _is_answerable(parameters, whole):
    # type: (Dict[bytes, bytes], bool) -> bool
    """True if a Digest challenge is complete and asks for nothing that we lack."""
    return (b'nonce' in parameters and _algorithm(parameters) in HASHES
            and _quality(parameters, whole) is not None)


def named_challenges(values):
    # type: (Sequence[bytes]) -> bytes
    """The schemes of the WWW-Authenticate fields of a 401, as text for a person: 'Digest
    (SHA-512-256, auth-int), Negotiate'.
    """
    names = []                      # type: List[bytes]
    for value in values:
        for one in parse_challenges(value):
            details = [one.parameters[name] for name in (b'algorithm', b'qop') if name
                       in one.parameters]
            names.append(one.scheme.capitalize()
                         + (b' (%s)' % b', '.join(details) if details else b''))
    return b', '.join(names)


def _hashed(algorithm):
    # type: (Any) -> Callable[..., bytes]
    return lambda *parts: algorithm(b':'.join(parts)).hexdigest().encode('ascii')


# -- .netrc ------------------------------------------------------------------
class Netrc(object):
    """The logins of a .netrc file."""

    __slots__ = ('_machines',)

    def __init__(self, machines):
        # type: (List[Tuple[Optional[bytes], Dict[bytes, bytes]]]) -> None
        self._machines = machines

    def login(self, host):
        # type: (Union[bytes, Text]) -> Optional[Login]
        """A new Login for *host*: the first that matches; ``default`` matches every host."""
        name = _octets(host).lower()
        for machine, words in self._machines:
            if machine in (None, name) and b'login' in words:
                return Login(words[b'login'], words.get(b'password', b''))
        return None


def parse_netrc(data):
    # type: (bytes) -> Netrc
    """The content of a .netrc: machine, default, login, password, account; macros are skipped.

    Raises:   UsageError: an unexpected word; the message has its line and never the word.
    """
    if len(data) > MAX_NETRC:
        raise UsageError(u'the .netrc has more than %d octets' % MAX_NETRC)
    machines = []                   # type: List[Tuple[Optional[bytes], Dict[bytes, bytes]]]
    words = _netrc_words(data)
    for number, word in words:
        if word == b'default':
            machines.append((None, {}))
            continue
        if word not in (b'machine', b'login', b'password',
                        b'account') or word != b'machine' and not machines:
            raise UsageError(
                u'line %d of the .netrc: expected machine, login, password or account'
                % number)
        value = next(words, None)
        if value is None:
            raise UsageError(u'line %d of the .netrc: the value is missing' % number)
        if word == b'machine':
            machines.append((value[1].lower(), {}))
        else:
            machines[-1][1][word] = value[1]
    return Netrc(machines)


def _netrc_words(data):
    # type: (bytes) -> Iterator[Tuple[int, bytes]]
    """(line number, word) of each word; a macro goes to the next empty line."""
    macro = False
    for number, line in enumerate(data.splitlines(), 1):
        if macro:
            macro = bool(line.strip())
            continue
        for word in line.split():
            if word[:1] == b'#' and not line.split()[0][:1].strip(b'#'):
                break               # only whole lines are comments: a password may begin with #
            if word == b'macdef':
                macro = True
                break
            yield number, word[1:-1] if len(word) > 1 and word[:1] == word[-1:] == b'"' else word


def _octets(value):
    # type: (Union[bytes, Text]) -> bytes
    return value.encode('utf-8') if isinstance(value, text_type) else value


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Text, Tuple, Union
