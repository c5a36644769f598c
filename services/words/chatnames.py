# Copyright the carryall authors.  See LICENSE.
"""Names of participants and groups, and their spelling on IRC.

    checked_name(u'Ann Lee')            # u'Ann Lee', or BadNameError
    folded(u'Ann Lee')                  # u'ann lee': names that differ in case are one
    nick_of(u'Ann Lee')                 # b'Ann|20Lee'
    channel_of(u'tea room')             # b'#tea|20room'

An octet that IRC cannot have in a nick or a channel becomes `|` and two hexadecimal digits, and
`|` itself does too.  So each spelling stands for one name.

Tests:    tests/services/words/test_chatnames.py
"""
from __future__ import absolute_import, division, print_function

import unicodedata

from carryall.core.codec.numbers import hexadecimal
from carryall.core.patterns import Pattern
from carryall.protocols.irc import fold_ascii
from carryall.services.words.chaterrors import BadNameError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['MAX_GROUP', 'MAX_NAME', 'MAX_NICK', 'channel_of', 'checked_group', 'checked_name',
           'fold_words', 'folded', 'group_of', 'name_of', 'nick_of']

MAX_NAME = 32               # characters of a participant's name
MAX_GROUP = 50              # characters of a group's name
MAX_NICK = 60               # octets of a nick: the longest names have no such spelling
MAX_CHANNEL = 64            # octets of a channel

# Categories of Unicode that no name has: control, format, unassigned, private, surrogates, and
# separators other than the blank.
_FORBIDDEN = frozenset(('Cc', 'Cf', 'Cn', 'Co', 'Cs', 'Zl', 'Zp'))

_NOT_NICK = Pattern(br'[^A-Za-z0-9\[\]\\`_^{}-]')
_NOT_FIRST = Pattern(br'[^A-Za-z\[\]\\`_^{}]')
_NOT_CHANNEL = Pattern(br'[\x00-\x20,:|\x7f]')
_ESCAPE = Pattern(br'\|([0-9A-Fa-f]{2})')


def folded(name):
    # type: (str) -> str
    """The name in the form in which names are compared."""
    return unicodedata.normalize('NFC', name).lower()


def fold_words(name):
    # type: (bytes) -> bytes
    """A nick or channel in the form in which they are compared; as names of the space are."""
    try:
        return folded(name.decode('utf-8')).encode('utf-8')
    except UnicodeError:
        return fold_ascii(name)


def checked_name(name):
    # type: (str) -> str
    """The name of a participant.

    Raises:   BadNameError: no participant can have it.
    """
    name = _checked(name, MAX_NAME)
    if len(nick_of(name)) > MAX_NICK or name[:1] == u'#' or u':' in name:
        raise BadNameError(u'This name cannot be used.')
    return name


def checked_group(name):
    # type: (str) -> str
    """The name of a group; a `#` in front is left out.

    Raises:   BadNameError: no group can have it.
    """
    if name[:1] == u'#':
        name = name[1:]
    name = _checked(name, MAX_GROUP)
    if len(channel_of(name)) > MAX_CHANNEL:
        raise BadNameError(u'This name is too long.')
    return name


def _checked(name, most):
    # type: (str, int) -> str
    name = unicodedata.normalize('NFC', name)
    if not name or name != name.strip() or u'  ' in name:
        raise BadNameError(u'A name cannot be empty, or begin or end with a blank.')
    if len(name) > most:
        raise BadNameError(u'A name has at most %d characters.' % most)
    for each in name:
        kind = unicodedata.category(each)
        if kind in _FORBIDDEN or kind == 'Zs' and each != u' ':
            raise BadNameError(u'A name has no control characters.')
    return name


# -- IRC ---------------------------------------------------------------------------

def nick_of(name):
    # type: (str) -> bytes
    """The nick of a participant."""
    octets = _NOT_NICK.sub(_escaped, name.encode('utf-8'))
    first = octets[:1]
    if first != b'|' and _NOT_FIRST.match(first):
        octets = b'|%02X' % ord(first) + octets[1:]
    return octets


def name_of(nick):
    # type: (bytes) -> Optional[str]
    """The name that a nick stands for; None if it stands for none."""
    return _text(nick)


def channel_of(group):
    # type: (str) -> bytes
    """The channel of a group."""
    return b'#' + _NOT_CHANNEL.sub(_escaped, group.encode('utf-8'))


def group_of(channel):
    # type: (bytes) -> Optional[str]
    """The name of the group that a channel stands for; None if it stands for none."""
    return _text(channel[1:]) if channel[:1] == b'#' else None


def _escaped(found):
    # type: (Any) -> bytes
    return b'|%02X' % ord(found.group())


def _text(octets):
    # type: (bytes) -> Optional[str]
    plain = _ESCAPE.sub(lambda each: bytes(bytearray([hexadecimal(each.group(1), 255) or 0])),
                        octets)
    try:
        return plain.decode('utf-8')
    except UnicodeError:
        return None
