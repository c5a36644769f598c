# Copyright the carryall authors.  See LICENSE.
"""Require, Order, Allow and Deny, and the accounts of AuthUserFile.

Tests:    tests/services/modpython/test_pipeline.py
"""
from __future__ import absolute_import, division, print_function

import base64
import hashlib
import os

from carryall.core.auth.verifiers import parse_verifier
from carryall.core.compat import constant_time_equal
from carryall.core.crypto import STANDARD
from carryall.core.errors import UsageError
from carryall.core.files.smallfile import read_small_text
from carryall.core.logs import get_logger
from carryall.core.net.networks import Network

__all__ = ['PasswordCheck', 'address_verdict', 'user_verdict', 'wants_user']

MAX_USER_FILE = 4 << 20     # octets
USER_RULES = frozenset(('user', 'valid-user', 'group', 'file-owner', 'file-group'))
_APR1 = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

log = get_logger('modpython')


def wants_user(values):
    # type: (Dict[str, Any]) -> bool
    """True if a Require asks for a name."""
    return any(words[0].lower() in USER_RULES for words in values.get('Require', ()))


def address_verdict(values, address):
    # type: (Dict[str, Any], str) -> bool
    """True if the client at *address* may come in under any name."""
    if 'Order' in values or 'Deny' in values or 'Allow' in values:
        allowed = _is_listed(values.get('Allow', ()), address)
        denied = _is_listed(values.get('Deny', ()), address)
        if values.get('Order', 'deny,allow').lower().replace(' ', '') == 'allow,deny':
            if not allowed or denied:
                return False
        elif denied and not allowed:
            return False
    rules = [words for words in values.get('Require', ()) if words[0].lower() not in USER_RULES]
    if not rules:
        return True
    if any(_holds(words, address) for words in rules):
        return True
    return wants_user(values) and not any(words[0].lower() == 'all' for words in rules)


def _holds(words, address):
    # type: (Sequence[str], str) -> bool
    kind = words[0].lower()
    if kind == 'all':
        return [word.lower() for word in words[1:]] == ['granted']
    if kind in ('ip', 'local'):
        places = words[1:] if kind == 'ip' else ['127.0.0.0/8', '::1']
        return any(_is_in(place, address) for place in places)
    log.error('Require %s is unknown, so it is not met', words[0])
    return False


def _is_listed(rules, address):
    # type: (Sequence[Sequence[str]], str) -> bool
    """True if an Allow or a Deny is for *address*."""
    for words in rules:
        if words[0].lower() != 'from':
            continue
        for place in words[1:]:
            if place.lower() == 'all' or _is_in(place, address):
                return True
    return False


def _is_in(place, address):
    # type: (str, str) -> bool
    parts = place.rstrip('.').split('.')
    if '/' not in place and ':' not in place and len(parts) < 4:
        place = '.'.join(parts + ['0'] * (4 - len(parts))) + '/%d' % (8 * len(parts))
    try:
        return address in Network(place)
    except ValueError:
        log.error('%s is no network, so no client is in it', place)
        return False


def user_verdict(values, user):
    # type: (Dict[str, Any], Optional[str]) -> bool
    """True if *user*, whose password was right, may come in."""
    for words in values.get('Require', ()):
        kind = words[0].lower()
        if kind == 'valid-user' and user is not None:
            return True
        if kind == 'user' and user in words[1:]:
            return True
        if kind == 'group' and user is not None and _is_member(values, user, words[1:]):
            return True
    return not wants_user(values)


def _is_member(values, user, groups):
    # type: (Dict[str, Any], str, Sequence[str]) -> bool
    path = values.get('AuthGroupFile')
    if path is None:
        return False
    try:
        text = read_small_text(path, MAX_USER_FILE)
    except UsageError as exc:
        log.error('%s', exc)
        return False
    for line in text.split(u'\n'):
        name, found, members = line.partition(u':')
        if found and name.strip() in groups and user in members.split():
            return True
    return False


class PasswordCheck(object):
    """The accounts of AuthUserFile files, each read again when it has changed."""

    def __init__(self):
        # type: () -> None
        self._known = {}            # type: Dict[str, Any]

    def check(self, path, user, password):
        # type: (str, str, str) -> bool
        """True if this is the password of *user*.  Takes its time: call it in a thread."""
        try:
            accounts = self._accounts(path)
        except (UsageError, OSError, IOError) as exc:
            log.error('%s', exc)
            return False
        verifier = accounts.get(user)
        is_known = verifier is not None
        if verifier is None:        # an unknown name takes as long as another
            verifier = next(iter(accounts.values()), '{SHA}')
        octets = password if isinstance(password, bytes) else password.encode('utf-8')
        is_right = _matches(verifier, octets)
        return is_known and is_right

    def _accounts(self, path):
        # type: (str) -> Dict[str, str]
        state = os.stat(path)
        stamp = (state.st_mtime, state.st_size, state.st_ino)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            accounts = {}
            for line in read_small_text(path, MAX_USER_FILE).split(u'\n'):
                name, found, rest = line.strip().partition(u':')
                if found and not line.startswith(u'#'):
                    accounts[str(name)] = str(rest)
            known = (stamp, accounts)
            self._known[path] = known
        return known[1]


def _matches(verifier, password):
    # type: (str, bytes) -> bool
    """True if *verifier*, of a htpasswd file or of ``carryall passwd``, is of *password*."""
    if verifier.startswith('{SHA}'):
        found = '{SHA}' + base64.b64encode(hashlib.sha1(password).digest()).decode('ascii')
        return constant_time_equal(found.encode('ascii'), verifier.encode('ascii', 'replace'))
    if verifier.startswith('$apr1$'):
        salt = verifier.split('$')[2]
        return constant_time_equal(_apr1(password, salt).encode('ascii'),
                                   verifier.encode('ascii', 'replace'))
    try:
        return parse_verifier(verifier).verify(password, STANDARD)
    except ValueError:
        log.error('a verifier of the user file has a scheme that is not supported')
        return False


def _apr1(password, salt):
    # type: (bytes, str) -> str
    """The apr1 hash, MD5 1,000 times over, as Apache's htpasswd -m writes it."""
    octets = salt.encode('ascii')[:8]
    inner = hashlib.md5(password + octets + password).digest()
    start = password + b'$apr1$' + octets
    length = len(password)
    while length > 0:
        start += inner[:min(16, length)]
        length -= 16
    number = len(password)
    while number:
        start += b'\0' if number & 1 else password[:1]
        number >>= 1
    digest = hashlib.md5(start).digest()
    for turn in range(1000):
        piece = password if turn & 1 else digest
        if turn % 3:
            piece += octets
        if turn % 7:
            piece += password
        piece += digest if turn & 1 else password
        digest = hashlib.md5(piece).digest()
    return '$apr1$%s$%s' % (salt[:8], _apr1_text(bytearray(digest)))


def _apr1_text(octets):
    # type: (bytearray) -> str
    """The 22 characters of the 16 octets, in the order of the scheme."""
    said = []
    for first, second, third in ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)):
        value = octets[first] << 16 | octets[second] << 8 | octets[third]
        for _ in range(4):
            said.append(_APR1[value & 63])
            value >>= 6
    value = octets[11]
    for _ in range(2):
        said.append(_APR1[value & 63])
        value >>= 6
    return ''.join(said)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional, Sequence
