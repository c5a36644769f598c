# Copyright the carryall authors.  See LICENSE.
"""Client-to-client messages: CTCP, and the offers of DCC in them (modern.ircdocs.horse/ctcp and
modern.ircdocs.horse/dcc).

    parse_ctcp(b'\\x01ACTION waves\\x01')       # CTCP(verb=b'ACTION', text=b'waves')
    parse_offer(b'SEND "my file.txt" 2130706433 5000 1024')

An offer is a peer's word.  Its address may be anybody's, and its file name is only for showing:
`safe_name` makes one that may be opened.

Tests:    tests/protocols/irc/test_ctcp.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.errors import LocalProtocolError
from carryall.core.files.filenames import means_another
from carryall.core.net import ip
from carryall.core.patterns import Pattern
from carryall.core.records import namedtuple
from carryall.protocols.irc.errors import IRCError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

__all__ = ['CTCP', 'MAX_FILE_OCTETS', 'MAX_NAME', 'Offer', 'format_ctcp', 'format_offer',
           'parse_ctcp', 'parse_offer', 'safe_name']

MAX_FILE_OCTETS = (1 << 63) - 1     # of a file that is offered
MAX_NAME = 200                      # octets of a file's name here: most file systems take 255
MAX_PORT = 65535
MAX_TOKEN = (1 << 31) - 1

_VERB = Pattern(br'[!-~]+\Z')
_FORBIDDEN = Pattern(br'[\x00\x01\r\n]')
_UNSAFE = Pattern(br'[\x00-\x1f\x7f<>:"|?*]')
_BLANKS = Pattern(br' +')


class CTCP(namedtuple('CTCP', 'verb text')):
    """A query in PRIVMSG, or a reply in NOTICE: *verb* in upper case, *text* behind it or b''."""

    __slots__ = ()


class Offer(namedtuple('Offer', 'verb name host port size token')):
    """An offer of DCC.

    Attributes:
        verb: b'SEND', b'CHAT', b'RESUME' or b'ACCEPT', with an S in front for one over TLS.
        name: of the file, as the peer has it; b'chat' for a chat.
        host: numeric address, as text; u'' for RESUME and ACCEPT, which have none.
        port: where the peer listens; 0: it wants to connect to us, and *token* says for what.
        size: octets of the file, or the place to go on from; None: not said.
        token: of a passive offer; None if there is none.
    """

    __slots__ = ()


# -- CTCP ------------------------------------------------------------------------

def parse_ctcp(text):
    # type: (bytes) -> Optional[CTCP]
    """The CTCP message in a text; None if it is none.  The last \\x01 may be missing."""
    if text[:1] != b'\x01':
        return None
    verb, _, rest = text[1:].partition(b'\x01')[0].partition(b' ')
    if not _VERB.match(verb):
        return None
    return CTCP(verb.upper(), rest)


def format_ctcp(verb, text=b''):
    # type: (bytes, bytes) -> bytes
    """The text of a PRIVMSG or NOTICE.

    Raises:   LocalProtocolError: a part has NUL, \\x01, CR or LF, or the verb a blank.
    """
    if not _VERB.match(verb) or _FORBIDDEN.search(text):
        raise LocalProtocolError(u'a CTCP message cannot have NUL, \\x01, CR or LF in it')
    return b'\x01' + verb + (b' ' + text if text else b'') + b'\x01'


# -- DCC -------------------------------------------------------------------------

def parse_offer(text):
    # type: (bytes) -> Offer
    """The Offer in the text of a CTCP message with the verb DCC.

    Raises:   IRCError: it is none of SEND, CHAT, RESUME and ACCEPT, or has a wrong number or
              address.
    """
    words = _words(text)
    verb = words[0].upper() if words else b''
    plain = verb[1:] if verb in (b'SSEND', b'SCHAT') else verb
    if plain == b'SEND' and 4 <= len(words) <= 6:
        size = _number(words[4], MAX_FILE_OCTETS) if len(words) > 4 else None
        return Offer(verb, words[1], _host(words[2]), _number(words[3], MAX_PORT), size,
                     _token(words[5:]))
    if plain == b'CHAT' and 4 <= len(words) <= 5:
        return Offer(verb, words[1], _host(words[2]), _number(words[3], MAX_PORT), None,
                     _token(words[4:]))
    if plain in (b'RESUME', b'ACCEPT') and 4 <= len(words) <= 5:
        return Offer(verb, words[1], u'', _number(words[2], MAX_PORT),
                     _number(words[3], MAX_FILE_OCTETS), _token(words[4:]))
    raise IRCError(u'an offer of DCC that is not understood')


def format_offer(offer):
    # type: (Offer) -> bytes
    """The text of a CTCP message with the verb DCC.

    Raises:   LocalProtocolError: the name has a quote or a control character, or the host is not
              numeric.
    """
    if b'"' in offer.name or _FORBIDDEN.search(offer.name):
        raise LocalProtocolError(u'the name of an offered file has a quote or control character')
    words = [offer.verb, b'"' + offer.name + b'"' if b' ' in offer.name else offer.name]
    if offer.verb not in (b'RESUME', b'ACCEPT'):
        words.append(_spelled(offer.host))
    words.append(b'%d' % offer.port)
    if offer.size is not None:
        words.append(b'%d' % offer.size)
    if offer.token is not None:
        words.append(b'%d' % offer.token)
    return b' '.join(words)


def safe_name(name):
    # type: (bytes) -> bytes
    """A name for a file that a peer offers, to be made in a folder of ours; never a path.

    Folders and dots in front of it are left out.  What a file system may take for more than a
    letter becomes an underline.  A file of that name may exist.
    """
    last = name.replace(b'\\', b'/').rpartition(b'/')[2]
    last = _UNSAFE.sub(b'_', last).lstrip(b'.').rstrip(b'. ')[:MAX_NAME]
    if not last:
        return b'unnamed'
    return b'_' + last if means_another(last) else last


def _words(text):
    # type: (bytes) -> List[bytes]
    """The words, of which the second may stand in quotes."""
    verb, _, rest = text.partition(b' ')
    rest = rest.lstrip(b' ')
    if rest[:1] == b'"':
        name, _, rest = rest[1:].partition(b'"')
        return [verb, name] + [word for word in rest.split(b' ') if word]
    return [word for word in _BLANKS.split(text) if word]


def _number(word, most):
    # type: (bytes, int) -> int
    """The number; IRCError if it is none or too large."""
    found = decimal(word, most)
    if found is None:
        raise IRCError(u'an offer of DCC has a wrong number')
    return found


def _token(words):
    # type: (List[bytes]) -> Optional[int]
    """The number in the only word; None for no word.  mIRC puts a T behind some."""
    return _number(words[0].rstrip(b'T'), MAX_TOKEN) if words else None


def _host(word):
    # type: (bytes) -> str
    """The address: a number of 32 bits, or a numeric address with dots or colons."""
    number = decimal(word, (1 << 32) - 1)
    if number is not None:
        return ip.text(bytes(bytearray((number >> shift) & 255 for shift in (24, 16, 8, 0))))
    octets = ip.packed(word.decode('ascii', 'replace'))
    if octets is None:
        raise IRCError(u'an offer of DCC has a wrong address')
    return ip.text(octets)


def _spelled(host):
    # type: (str) -> bytes
    """The address for the wire: IPv4 as a number, IPv6 with colons."""
    octets = ip.packed(host)
    if octets is None:
        raise LocalProtocolError(u'%s is no numeric address' % host)
    if len(octets) == 16:
        return ip.text(octets).encode('ascii')
    first, second, third, fourth = bytearray(octets)
    return b'%d' % (first << 24 | second << 16 | third << 8 | fourth)
