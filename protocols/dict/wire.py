# Copyright the carryall authors.  See LICENSE.
"""The grammar of dict: words, status lines, the banner, texts (RFC 2229 section 2).

A SASL mechanism is a capability of the banner: one of those in RFC 2229 section 3.1, or x and its
name.

Wire:     CRLF lines of UTF-8.  A command is a word and its parameters, each an atom or a string.
          A status line is a code of three digits and its parameters.  Some codes begin a text,
          which ends with a dot alone.
              DEFINE wordnet "apple pie"
              151 "apple pie" wordnet "WordNet 3.0"
Not here: the URL (dicturl.py).
Tests:    tests/protocols/dict/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.core.line.transparency import normalised
from carryall.core.patterns import Pattern
from carryall.protocols.dict.errors import DICTError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Sequence, Tuple

__all__ = ['Banner', 'MAX_CHARACTERS', 'MAX_LINE', 'Reply', 'TEXT_CODES', 'capability_of',
           'format_text', 'is_atom', 'parse_banner', 'parse_reply', 'quoted', 'split_words']

# -- limits of RFC 2229 sections 2.3 and 2.4.3, without CRLF -------------------
MAX_CHARACTERS = 1022       # of a line
MAX_LINE = 6142             # octets of a line
MAX_CODE = 599

# Codes behind which a text follows.
TEXT_CODES = frozenset((110, 111, 112, 113, 114, 130, 151, 152))

# Capabilities of RFC 2229 section 3.1 that are mechanisms of SASL; "x" begins the names of others.
NAMED_MECHANISMS = ('external', 'gssapi', 'kerberos_v4', 'skey')

# -- grammar -----------------------------------------------------------------
_ATOM = Pattern(u'[^\\x00-\\x20\\x7f"\'\\\\]+\\Z')
_BLANKS = Pattern(u'[ \\t]+')
_PLAIN = Pattern(u'[^\\x00-\\x20\\x7f"\'\\\\]+')
_QUOTED = {u'"': Pattern(u'[^\\x00-\\x1f\\x7f"\\\\]*'), u"'": Pattern(u"[^\\x00-\\x1f\\x7f'\\\\]*")}
_CONTROL = Pattern(u'[\\x00-\\x1f\\x7f]')
_BRACKETS = Pattern(br'(?: |\A)(?:<([^<> ]*)> ?)?(<[^<> @]+@[^<> @]+>) ?\Z')


def split_words(text):
    # type: (str) -> Optional[List[str]]
    """The words of a text without its quotes (RFC 2229 section 2.2).

    Returns:  None: a quote is not closed, or a control character stands outside of WS.
    """
    words = []                  # type: List[str]
    at = 0
    joined = False              # the next part belongs to the last word
    while at < len(text):
        found = _BLANKS.match(text, at)
        if found is not None:
            at = found.end()
            joined = False
            continue
        found = _PLAIN.match(text, at)
        if found is not None:
            part = found.group()    # type: Optional[str]
            at = found.end()
        elif text[at] == u'\\':
            part, at = _pair(text, at)
        else:
            part, at = _string(text, at)
        if part is None:
            return None
        if joined:
            words[-1] += part
        else:
            words.append(part)
        joined = True
    return words


def _pair(text, at):
    # type: (str, int) -> Tuple[Optional[str], int]
    """The character of a quoted-pair, and the place behind it; None if it is none."""
    char = text[at + 1:at + 2]
    return (None if not char or _CONTROL.match(char) else char), at + 2


def _string(text, at):
    # type: (str, int) -> Tuple[Optional[str], int]
    """The text of a dqstring or sqstring, and the place behind it; None if it is none."""
    # One pattern for all of it would need a stack as deep as the string is long on Jython.
    quote = text[at]
    plain = _QUOTED.get(quote)
    if plain is None:
        return None, at
    parts = []                  # type: List[str]
    at += 1
    while True:
        found = plain.match(text, at)
        parts.append(found.group())
        at = found.end()
        if text[at:at + 1] == quote:
            return u''.join(parts), at + 1
        if text[at:at + 1] != u'\\':
            return None, at
        char, at = _pair(text, at)
        if char is None:
            return None, at
        parts.append(char)


def is_atom(text):
    # type: (str) -> bool
    """True for the name of a database or strategy (RFC 2229 section 2.2)."""
    return _ATOM.match(text) is not None


def quoted(text):
    # type: (str) -> str
    """The text as a dqstring; control characters become blanks."""
    spelled = u''.join(u' ' if char < u' ' or char == u'\x7f' else char for char in text)
    return u'"%s"' % spelled.replace(u'\\', u'\\\\').replace(u'"', u'\\"')


class Reply(object):
    """A status line.

    Args:     code: its number.
              data: the octets behind it.
    """

    __slots__ = ('code', 'data')

    def __init__(self, code, data):
        # type: (int, bytes) -> None
        self.code = code
        self.data = data

    @property
    def text(self):
        # type: () -> str
        """The rest of the line, as text."""
        return self.data.decode('utf-8', 'replace')

    def parameters(self, count):
        # type: (int) -> List[str]
        """The first *count* parameters; DICTError if there are fewer."""
        words = split_words(self.text)
        if words is None or len(words) < count:
            raise DICTError(u'the reply %d lacks a parameter' % self.code, self.code)
        return words[:count]


def parse_reply(line):
    # type: (bytes) -> Reply
    """The Reply in a line without its end; DICTError if it is none."""
    code = decimal(line[:3], MAX_CODE)
    if code is None or code < 100 or line[3:4] not in (b'', b' '):
        raise DICTError(u'the server sent no status line')
    return Reply(code, line[4:])


class Banner(object):
    """The first line of a server (RFC 2229 section 3.1).

    Attributes:
        text: for a reader.
        capabilities: names (text) in lower case.
        msg_id: octets with their brackets; b'' if there is none.
        mechanisms: names (text) of SASL mechanisms that the server may have.
    """

    __slots__ = ('text', 'capabilities', 'msg_id')

    def __init__(self, text, capabilities, msg_id):
        # type: (str, Sequence[str], bytes) -> None
        self.text = text
        self.capabilities = tuple(capabilities)
        self.msg_id = msg_id

    @property
    def mechanisms(self):
        # type: () -> List[str]
        """The names; those of other experimental capabilities are among them."""
        found = []                  # type: List[str]
        for name in self.capabilities:
            if name in NAMED_MECHANISMS:
                found.append(name.upper())
            elif name[:1] == u'x' and len(name) > 1:
                found.append(name[1:].upper())
        return found


def capability_of(mechanism):
    # type: (str) -> str
    """The capability that stands for a SASL mechanism; GNU dico names them so too."""
    name = mechanism.lower()
    return name if name in NAMED_MECHANISMS else u'x' + name


def parse_banner(data):
    # type: (bytes) -> Banner
    """The Banner in what follows the code 220."""
    found = _BRACKETS.search(data)
    text = data if found is None else data[:found.start()]
    names = b'' if found is None else found.group(1) or b''
    capabilities = names.decode('utf-8', 'replace').lower().split(u'.') if names else []
    return Banner(text.decode('utf-8', 'replace'), capabilities,
                  b'' if found is None else found.group(2))


def format_text(text):
    # type: (Any) -> bytes
    """The octets of a text response (RFC 2229 section 2.4.3), with its end but for the last CRLF.

    Longer lines are cut, and octets that are no UTF-8 become U+FFFD.

    Args:     text: text, or octets in UTF-8.
    """
    if isinstance(text, bytes):
        text = text.decode('utf-8', 'replace')
    lines = normalised(text.encode('utf-8', 'replace')).decode('utf-8').split(u'\r\n')
    if not lines[-1]:
        del lines[-1]
    out = [piece for line in lines for piece in _cut(line)]
    out.append(u'.')
    return u'\r\n'.join(out).encode('utf-8')


def _cut(line):
    # type: (str) -> Iterator[str]
    """The line with a dot in front of its first dot, in pieces of MAX_CHARACTERS at most."""
    at = 0
    while True:
        dot = u'.' if line[at:at + 1] == u'.' else u''
        end = at + MAX_CHARACTERS - len(dot)
        # py2: a character beyond U+FFFF has two halves
        if 0xD800 <= ord(line[end - 1:end] or u' ') < 0xDC00:
            end -= 1
        yield dot + line[at:end]
        at = end
        if at >= len(line):
            return
