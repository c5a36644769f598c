# Copyright the carryall authors.  See LICENSE.
"""Messages of IRC: tags, source, command, parameters (RFC 2812 section 2.3.1; IRCv3 message-tags).

Wire:     one line of octets for each message.  The last parameter may have blanks, and follows a
          colon then.
              @time=2026-01-02T03:04:05.678Z :ann!a@host.example PRIVMSG #tea :two lumps
Octets:   IRC names no encoding, so names and texts are bytes.  Tags are UTF-8 by their rules.
Not here: how a text is cut into messages (textsplit.py); what parameters mean (channelmodes.py,
          isupport.py, ctcp.py).
Tests:    tests/protocols/irc/test_wire.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.core.patterns import Pattern
from carryall.protocols.irc.errors import IRCError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence

__all__ = ['MAX_CLIENT_TAGS', 'MAX_LINE', 'MAX_PARAMETERS', 'MAX_TAGS', 'Message', 'format_message',
           'format_tags', 'parse_message', 'parse_tags', 'split_parameters']

# -- limits, in octets ---------------------------------------------------------
MAX_LINE = 512              # without tags, with CRLF: RFC 2812 section 2.3
MAX_TAGS = 8191             # all tags of a message with "@" and the blank: message-tags
MAX_CLIENT_TAGS = 4094      # those that a client sends, without "@" and the blank: message-tags
MAX_PARAMETERS = 15         # that we send: RFC 2812 section 2.3; a peer's are bounded by its line

# -- grammar -------------------------------------------------------------------
_COMMAND = Pattern(br'(?:[A-Za-z]+|[0-9]{3})\Z')
_FORBIDDEN = Pattern(br'[\x00\r\n]')
_NOT_MIDDLE = Pattern(br'[\x00\r\n ]|\A:|\A\Z')
# The key of a tag: an optional "+", an optional host name and a slash, a name.
_TAG_KEY = Pattern(br'\+?(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9-]+\Z')

# Escapes of a tag's value: message-tags, "Escaping values".
_ESCAPED = Pattern(br'\\(.?)', 16)          # re.DOTALL
_UNESCAPED = {b':': b';', b's': b' ', b'r': b'\r', b'n': b'\n'}
_TO_ESCAPE = Pattern(br'[; \r\n\\]')
_ESCAPES = {b';': b'\\:', b' ': b'\\s', b'\r': b'\\r', b'\n': b'\\n', b'\\': b'\\\\'}


class Message(object):
    """One message.

    Attributes:
        command: the verb in upper case, b'PRIVMSG', or a numeric, b'001'.
        params: its parameters (bytes), the last without its colon.
        source: nick!user@host of the sender, or the name of a server; None: no source.
        tags: key (bytes) -> value (bytes, unescaped); b'' where a tag has no value.
    """

    __slots__ = ('command', 'params', 'source', 'tags')

    def __init__(self, command, params=(), source=None, tags=None):
        # type: (bytes, Sequence[bytes], Optional[bytes], Optional[Dict[bytes, bytes]]) -> None
        self.command = command
        self.params = list(params)
        self.source = source
        self.tags = {} if tags is None else tags

    def __eq__(self, other):
        # type: (object) -> bool
        return (isinstance(other, Message) and self.command == other.command
                and self.params == other.params and self.source == other.source
                and self.tags == other.tags)

    def __ne__(self, other):
        # type: (object) -> bool
        return not self == other            # py2: not derived from __eq__

    __hash__ = None             # type: ignore[assignment]

    def __repr__(self):
        # type: () -> str
        return 'Message(%r, %r, %r, %r)' % (self.command, self.params, self.source, self.tags)

    def to_bytes(self):
        # type: () -> bytes
        """The line with its CRLF; LocalProtocolError if it cannot be sent."""
        return format_message(self.command, self.params, self.source, self.tags)


# -- reading -------------------------------------------------------------------

def parse_message(line):
    # type: (bytes) -> Message
    """The Message in a line without its end.

    Blanks between the parts may be several, as RFC 1459 section 2.3.1 has it.

    Raises:   IRCError: the line has no command, or NUL, CR or LF in it.
    """
    if _FORBIDDEN.search(line):
        raise IRCError(u'a message has NUL, CR or LF in it')
    rest = line
    tags = None             # type: Optional[Dict[bytes, bytes]]
    source = None           # type: Optional[bytes]
    if rest[:1] == b'@':
        text, _, rest = rest[1:].partition(b' ')
        tags = parse_tags(text)
        rest = rest.lstrip(b' ')
    if rest[:1] == b':':
        source, _, rest = rest[1:].partition(b' ')
    command, _, rest = rest.lstrip(b' ').partition(b' ')
    if not _COMMAND.match(command):
        raise IRCError(u'a message has no command')
    return Message(command.upper(), split_parameters(rest), source, tags)


def split_parameters(text):
    # type: (bytes) -> List[bytes]
    """The parameters in what stands behind the command and its blank."""
    if text[:1] == b':':
        return [text[1:]]
    head, colon, trailing = text.partition(b' :')
    words = [word for word in head.split(b' ') if word]
    if colon:
        words.append(trailing)
    return words


def parse_tags(text):
    # type: (bytes) -> Dict[bytes, bytes]
    """The tags in what stands between "@" and the blank: key -> value, unescaped.

    Of two tags with one key the last counts (message-tags, "Rules for tags").  A tag whose key
    breaks the grammar is left out.
    """
    found = {}              # type: Dict[bytes, bytes]
    for tag in text.split(b';'):
        key, _, value = tag.partition(b'=')
        if _TAG_KEY.match(key):
            if b'\\' in value:
                value = _ESCAPED.sub(lambda each: _UNESCAPED.get(each.group(1), each.group(1)),
                                     value)
            found[key] = value
    return found


# -- writing -------------------------------------------------------------------

def format_message(command, params=(), source=None, tags=None, colon=False):
    # type: (bytes, Sequence[bytes], Optional[bytes], Optional[Dict[bytes, bytes]], bool) -> bytes
    """The line of a message with its CRLF.

    The last parameter has a colon if it needs one: it is empty, begins with a colon or has a blank.

    Args:     colon: it has one anyway.
    Raises:   LocalProtocolError: a part has an octet that the grammar forbids there, the line is
              longer than MAX_LINE or its tags than MAX_TAGS.
    """
    if not _COMMAND.match(command):
        raise LocalProtocolError(u'no command of IRC: %r' % (command,))
    if len(params) > MAX_PARAMETERS:
        raise LocalProtocolError(u'a message has at most %d parameters' % MAX_PARAMETERS)
    words = []
    if source is not None:
        words.append(b':' + _middle(source))
    words.append(command)
    if params:
        words.extend(_middle(each) for each in params[:-1])
        words.append(_last(params[-1], colon))
    line = b' '.join(words) + b'\r\n'
    if len(line) > MAX_LINE:
        raise LocalProtocolError(u'a message of %d octets: at most %d go' % (len(line), MAX_LINE))
    return format_tags(tags) + line if tags else line


def format_tags(tags):
    # type: (Dict[bytes, bytes]) -> bytes
    """The tags with "@" and the blank behind them, in the order of their keys.

    Raises:   LocalProtocolError: a key breaks the grammar, or all are longer than MAX_TAGS.
    """
    words = []
    for key in sorted(tags):
        if not _TAG_KEY.match(key):
            raise LocalProtocolError(u'no key of a tag: %r' % (key,))
        value = tags[key]
        if b'\x00' in value:
            raise LocalProtocolError(u'the value of a tag has a NUL in it')
        escaped = _TO_ESCAPE.sub(lambda each: _ESCAPES[each.group()], value)
        words.append(key + b'=' + escaped if value else key)
    text = b'@' + b';'.join(words) + b' '
    if len(text) > MAX_TAGS:
        raise LocalProtocolError(u'tags of %d octets: at most %d go' % (len(text), MAX_TAGS))
    return text


def _middle(word):
    # type: (bytes) -> bytes
    """The parameter, which is not the last."""
    if _NOT_MIDDLE.search(word):
        raise LocalProtocolError(u'only the last parameter may be empty, begin with a colon or '
                                 u'have a blank: %r' % (word,))
    return word


def _last(word, colon):
    # type: (bytes, bool) -> bytes
    """The last parameter, with a colon if it needs or shall have one."""
    if _FORBIDDEN.search(word):
        raise LocalProtocolError(u'a parameter has NUL, CR or LF in it')
    return b':' + word if colon or _NOT_MIDDLE.search(word) else word
