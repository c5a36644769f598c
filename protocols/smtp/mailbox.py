# Copyright the carryall authors.  See LICENSE.
"""Addresses and paths of SMTP (RFC 5321 section 4.1.2 and 4.1.3, RFC 6531 section 3.3).

    parse_path(b'<@relay.example:"a b"@example.org> SIZE=5')
                                                -> Mailbox(b'a b', b'example.org'), b' SIZE=5'
    parse_path(b'a..b@my_host', loose=True)                     -> Mailbox(b'a..b', b'my_host'), b''

A source route is read and dropped (RFC 5321 appendix C).  An address outside of the grammar raises
a RemoteProtocolError whose reply is the line for the peer.  ``loose`` takes more, as Postfix does
with its defaults, because devices and programs send it:

- no brackets, or a name or blanks around them
- dots anywhere in a local part, long local parts, and a local part alone
- underscores in a domain, and a dot at its end

Tests:    tests/protocols/smtp/test_mailbox.py
"""
from __future__ import absolute_import, division, print_function

import re

from carryall.core.errors import RemoteProtocolError
from carryall.core.net.ip import canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Tuple

__all__ = ['MAX_DOMAIN', 'MAX_LOCAL', 'MAX_PATH', 'Mailbox', 'is_domain', 'parse_mailbox',
           'parse_path']

# -- limits ------------------------------------------------------------------
MAX_LOCAL = 64              # octets of a local part; RFC 5321 section 4.5.3.1.1
MAX_DOMAIN = 255            # octets of a domain; RFC 5321 section 4.5.3.1.2
# octets of a path with its brackets, route dropped; RFC 5321 section 4.5.3.1.3
MAX_PATH = 256
# of a loose one: senders that carry the recipient (VERP) have long ones; default
MAX_LOOSE_LOCAL = 512
MAX_LABEL = 63              # octets between two dots; RFC 1035 section 2.3.4

# -- grammar -----------------------------------------------------------------
# jython: each repetition of a group takes stack, so a long line could overflow it.  Only classes of
# characters repeat here; the parts between dots are checked one by one.

# atext and the dots between atoms (RFC 5322 section 3.2.3); beyond ASCII it is UTF-8 (RFC 6531),
# checked as a whole.
_ATOMS = re.compile(br"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\x80-\xff-]+")
# qtextSMTP and quoted-pairSMTP; never tried on more than MAX_LOCAL octets
_QUOTED = re.compile(br'"(?:[\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\x20-\x7e])*"')
# sub-domains = Let-dig [Ldh-str], and the dots between them
_LABELS = re.compile(br'[A-Za-z0-9.\x80-\xff-]+')
_LOOSE_LABELS = re.compile(br'[A-Za-z0-9._\x80-\xff-]+')
# The text before a path in brackets: a name, quoted or not, or nothing.  It has no =, as parameters
# have.
_PHRASE = re.compile(
    br'"[\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]*"[ \t]*|[A-Za-z0-9!#$%&\'*+/?^_`{|}~. \t\x80-\xff-]*')
_LITERAL = re.compile(br'\[[\x21-\x5a\x5e-\x7e]+\]')
_PAIR = re.compile(br'\\(.)', re.DOTALL)
_TAGGED = re.compile(br'[A-Za-z0-9][A-Za-z0-9-]*:[\x21-\x5a\x5e-\x7e]+\Z')
# Nearly every path: atoms and labels in ASCII.  All other paths are left to the whole grammar.
_PLAIN = re.compile(
    br"<(?!\.)([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})(?<!\.)"
    br"@(?![.-])([A-Za-z0-9.-]{1,189})(?<![.-])>")
_ODD = re.compile(br'\.[.-]|-\.|[A-Za-z0-9-]{64}')

BAD_SENDER = b'501 5.1.7 Bad sender address syntax'
BAD_RECIPIENT = b'501 5.1.3 Bad recipient address syntax'
NOT_ASCII = b'553 5.6.7 Non-ASCII address without SMTPUTF8'


class Mailbox(object):
    """An address of mail.

    Attributes:
        local: the local part, without the quotes that it may need on the wire.
        domain: the domain or address literal as written; b'' for the bare Postmaster.
    """

    __slots__ = ('local', 'domain', '_wire')

    def __init__(self, local, domain, wire=None):
        # type: (bytes, bytes, Optional[bytes]) -> None
        self.local = local
        self.domain = domain
        self._wire = wire

    def key(self):
        # type: () -> Tuple[bytes, bytes]
        """A key that is equal for two spellings of one address: the case of a domain is ignored,
        that of a local part is not."""
        return self.local, self.domain.lower()

    def __eq__(self, other):
        return isinstance(other, Mailbox) and self.key() == other.key()

    def __ne__(self, other):        # py2: not derived from __eq__
        return not self == other

    def __hash__(self):
        return hash(self.key())

    def wire(self):
        # type: () -> bytes
        """As on the wire, without brackets: ``"a b"@example.org``."""
        if self._wire is None:
            local = self.local
            atoms = _ATOMS.match(local)
            if not atoms or atoms.end() != len(local) or not _dots_part(local):
                local = b'"' + local.replace(b'\\', b'\\\\').replace(b'"', b'\\"') + b'"'
            self._wire = local + b'@' + self.domain if self.domain else local
        return self._wire

    def is_ascii(self):
        # type: () -> bool
        """True if it can be sent without SMTPUTF8."""
        return not _beyond_ascii(self.local) and not _beyond_ascii(self.domain)

    def __repr__(self):
        return 'Mailbox(%r)' % (self.wire(),)


def _beyond_ascii(data):
    # type: (bytes) -> bool
    try:
        data.decode('ascii')
    except UnicodeError:
        return True
    return False


def parse_path(data, utf8=False, sender=False, loose=False):
    # type: (bytes, bool, bool, bool) -> Tuple[Optional[Mailbox], bytes]
    """Reads the path at the beginning of *data*.

    Args:     utf8: true if the client may use UTF-8 (SMTPUTF8).
              sender: a reverse-path, which may be ``<>``; else a forward-path, which may be
                  ``<Postmaster>``.
              loose: take more than the grammar, see above; the domain of a local part alone is b''.
    Returns:  (the mailbox, None for the null sender; the text after the path).
    Raises:   RemoteProtocolError: with the reply 501 or 553.
    """
    plain = _PLAIN.match(data)
    if plain is None or _ODD.search(data, 1, plain.end()):
        return _parse_loosely(data, utf8, sender) if loose else _parse_any(data, utf8, sender)
    end = plain.end()
    return Mailbox(plain.group(1), plain.group(2), data[1:end - 1]), data[end:]


def _parse_any(data, utf8, sender):
    # type: (bytes, bool, bool) -> Tuple[Optional[Mailbox], bytes]
    """As ``parse_path``, by the whole grammar."""
    wrong = BAD_SENDER if sender else BAD_RECIPIENT
    if data[:1] != b'<':
        raise RemoteProtocolError(u'no path', reply=wrong)
    if sender and data[:2] == b'<>':
        return None, data[2:]
    start = 1
    if data[1:2] == b'@':
        start = _after_route(data)
    mailbox, end = _mailbox_at(data, start, wrong)
    if mailbox is None:
        # rfc: the one local part that needs no domain (RFC 5321 section 4.1.1.3)
        if not sender and data[1:12].lower() == b'postmaster>':
            return Mailbox(data[1:11], b''), data[12:]
        raise RemoteProtocolError(u'no mailbox in the path', reply=wrong)
    if data[end:end + 1] != b'>' or end + 2 - start > MAX_PATH:
        raise RemoteProtocolError(u'the path does not end', reply=wrong)
    _check_text(data[1:end], utf8, wrong)
    return mailbox, data[end + 1:]


def _parse_loosely(data, utf8, sender):
    # type: (bytes, bool, bool) -> Tuple[Optional[Mailbox], bytes]
    """As ``parse_path``, by the grammar if the path fits it, else by that of Postfix."""
    try:
        return _parse_any(data, utf8, sender)
    except RemoteProtocolError as exc:
        found = _loose_path(data)
        if found is None:
            raise exc
    address, rest = found
    if not address and sender:
        return None, rest
    wrong = BAD_SENDER if sender else BAD_RECIPIENT
    mailbox = _loose_mailbox(address)
    if mailbox is None:
        raise RemoteProtocolError(u'no mailbox in the path', reply=wrong)
    _check_text(address, utf8, wrong)
    return mailbox, rest


def _loose_path(data):
    # type: (bytes) -> Optional[Tuple[bytes, bytes]]
    """(the address, without a source route and blanks around it; the text after it); None if the
    address is missing."""
    phrase = _PHRASE.match(data)
    start = phrase.end() if phrase else 0
    if data[start:start + 1] == b'<':
        start += 1
        end = _end_of_address(data, start, b'>')
        if data[end:end + 1] != b'>':
            return None
        rest = data[end + 1:]
    else:
        start = 0
        end = _end_of_address(data, start, b' ')
        rest = data[end:]
        if start == end:
            return None
    address = data[start:end].strip(b' \t')
    if address[:1] == b'@':
        address = address.partition(b':')[2] or address
    return address, rest


def _end_of_address(data, start, ending):
    # type: (bytes, int, bytes) -> int
    """The place of the first *ending* outside of a quoted local part, or the end of *data*."""
    if data[start:start + 1] == b'"':
        quoted = _QUOTED.match(data[start:start + MAX_LOCAL])
        start += quoted.end() if quoted else 0
    end = data.find(ending, start)
    return len(data) if end < 0 else end


def _loose_mailbox(address):
    # type: (bytes) -> Optional[Mailbox]
    """The mailbox of a whole address; None if it is malformed."""
    local, at, domain = address.rpartition(b'@')
    if not at:
        local = address
        domain = b''
    if at and domain[:1] == b'[':
        if domain[-1:] != b']' or not _is_literal(domain):
            return None
    elif at:
        domain = domain[:-1] if domain[-1:] == b'.' else domain
        labels = _LOOSE_LABELS.match(domain)
        if not labels or labels.end() != len(domain) or len(domain) > MAX_DOMAIN:
            return None
        if not all(0 < len(label) <= MAX_LABEL for label in domain.split(b'.')):
            return None
    quoted = local[:1] == b'"'
    if not 0 < len(local) <= (MAX_LOCAL if quoted else MAX_LOOSE_LOCAL):
        return None
    found = (_QUOTED if quoted else _ATOMS).match(local)
    if not found or found.end() != len(local):
        return None
    return Mailbox(_PAIR.sub(br'\1', local[1:-1]) if quoted else local, domain)


def parse_mailbox(data, utf8=True, loose=False):
    # type: (bytes, bool, bool) -> Mailbox
    """Reads a whole address, without brackets.

    Args:     loose: as of ``parse_path``, but it must have a domain.
    Raises:   RemoteProtocolError: it is malformed.
    """
    if loose:
        found = _loose_mailbox(data)
        if found is None or not found.domain:
            raise RemoteProtocolError(u'not an address', reply=BAD_RECIPIENT)
        _check_text(data, utf8, BAD_RECIPIENT)
        return found
    mailbox, end = _mailbox_at(data, 0, BAD_RECIPIENT)
    if mailbox is None or end != len(data):
        raise RemoteProtocolError(u'not an address', reply=BAD_RECIPIENT)
    _check_text(data, utf8, BAD_RECIPIENT)
    return mailbox


def is_domain(data, utf8=False):
    # type: (bytes, bool) -> bool
    """True if *data* is a domain name or an address literal, as HELO and EHLO require (RFC 5321
    section 4.1.1.1)."""
    if data[:1] == b'[':
        return data[-1:] == b']' and _is_literal(data)
    return _is_name(data) and (utf8 or not _beyond_ascii(data))


def _is_name(data):
    # type: (bytes) -> bool
    """True if *data* is labels with dots between them."""
    match = _LABELS.match(data)
    if not match or match.end() != len(data) or len(data) > MAX_DOMAIN:
        return False
    return all(0 < len(label) <= MAX_LABEL and label[:1] != b'-' and label[-1:] != b'-'
               for label in data.split(b'.'))


def _dots_part(atoms):
    # type: (bytes) -> bool
    """True if no part between two dots, or before or after one, is empty."""
    return atoms[:1] != b'.' and atoms[-1:] != b'.' and b'..' not in atoms


def _after_route(data):
    # type: (bytes) -> int
    """The start of the mailbox behind the source route ``@a,@b:``; 1 without a route."""
    end = data.find(b':', 1)
    hops = data[1:end].split(b',') if end > 0 else [b'']
    return end + 1 if all(hop[:1] == b'@' and _is_name(hop[1:]) for hop in hops) else 1


def _mailbox_at(data, start, wrong):
    # type: (bytes, int, bytes) -> Tuple[Optional[Mailbox], int]
    """The mailbox at *start* and its end; (None, start) if it is missing."""
    quoted = data[start:start + 1] == b'"'
    # The limit is for the local part on the wire, with its quotes.
    found = _QUOTED.match(data[start:start + MAX_LOCAL]) if quoted else _ATOMS.match(data, start)
    local = found.group() if found else b''
    end = start + len(local)
    if not local or data[end:end + 1] != b'@' or not quoted and not _dots_part(local):
        return None, start
    literal = data[end + 1:end + 2] == b'['
    domain = (_LITERAL if literal else _LABELS).match(data, end + 1)
    if not domain:
        return None, start
    name = domain.group()
    if len(local) > MAX_LOCAL or not (_is_literal(name) if literal else _is_name(name)):
        raise RemoteProtocolError(u'an impossible mailbox', reply=wrong)
    if quoted:
        local = _PAIR.sub(br'\1', local[1:-1])
    return Mailbox(local, name), domain.end()


def _is_literal(data):
    # type: (bytes) -> bool
    """True if ``[...]`` holds an IPv4 address, ``IPv6:`` and one, or another tag and its content
    (section 4.1.3)."""
    inside = data[1:-1]
    if len(data) > MAX_DOMAIN:
        return False
    if inside[:5].lower() == b'ipv6:':
        return b':' in inside[5:] and canonical(inside[5:].decode('ascii', 'replace')) is not None
    if _TAGGED.match(inside) and not inside.partition(b':')[0].endswith(b'-'):
        return True
    return b':' not in inside and canonical(inside.decode('ascii', 'replace')) is not None


def _check_text(data, utf8, wrong):
    # type: (bytes, bool, bytes) -> None
    """Refuses what is beyond ASCII without SMTPUTF8, and what is not UTF-8 with it (RFC 6531
    section 3.3 and 3.5)."""
    if not _beyond_ascii(data):
        return
    if not utf8:
        raise RemoteProtocolError(u'an address beyond ASCII', reply=NOT_ASCII)
    try:
        data.decode('utf-8')
    except UnicodeError:
        raise RemoteProtocolError(u'an address that is not UTF-8', reply=wrong)
