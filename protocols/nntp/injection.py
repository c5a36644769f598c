# Copyright the carryall authors.  See LICENSE.
"""Injection and relaying: what a server changes in an article (RFC 5537 section 3).

    article = relayed(article, b'news.example')             # from a peer
    article = injected(article, b'news.example', wall)      # from a person
    article = located(article, b'news.example', [(b'misc.test', 12)])

Tests:    tests/protocols/nntp/test_newsroom.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.numbers import decimal
from carryall.protocols.nntp.article import (check_header, date_field, is_message_id,
                                             newsgroups_of)
from carryall.protocols.nntp.errors import BadArticle
from carryall.protocols.nntp.wire import MAX_NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence, Tuple
    from carryall.protocols.nntp.article import Article

__all__ = ['Control', 'control_of', 'injected', 'located', 'places_of', 'relayed']

# Fields that no person may set (RFC 5537 section 3.5 and 3.4.1).
OURS = (b'injection-info', b'injection-date', b'xref', b'nntp-posting-host', b'nntp-posting-date',
        b'x-trace', b'x-complaints-to', b'date-received', b'posting-version', b'relay-version')


class Control(object):
    """The order in a control message (RFC 5536 section 3.2.3).

    Args:     verb: in small letters.
              words: behind it.
    """

    __slots__ = ('verb', 'words')

    def __init__(self, verb, words):
        # type: (bytes, List[bytes]) -> None
        self.verb = verb
        self.words = words


def control_of(article):
    # type: (Article) -> Optional[Control]
    """The order of an article; None for one that is no control message."""
    words = (article.get(b'control') or b'').split()
    return Control(words[0].lower(), words[1:]) if words else None


def relayed(article, hostname):
    # type: (Article, bytes) -> Article
    """The article with our name in front of its Path, without the Xref of another server.

    Source:   RFC 5537 section 3.6 and 3.2.1
    """
    path = article.get(b'path') or b'not-for-mail'
    return article.replaced({b'path': b'Path: ' + hostname + b'!' + path, b'xref': None})


def injected(article, hostname, wall, message_id, account=None, added=()):
    # type: (Article, bytes, float, bytes, Optional[bytes], Sequence[bytes]) -> Article
    """An article that a person posts, with all that it still needs.

    Args:     wall: seconds since 1970.
              message_id: is used if the article has none.
              account: of the person, for Injection-Info.
              added: whole fields, such as a Cancel-Lock.
    Raises:   BadArticle: it cannot be posted.
    Source:   RFC 5537 section 3.5
    """
    for name in OURS:
        if article.get(name) is not None:
            raise BadArticle(u'"%s" is for servers to set' % name.decode('ascii').title())
    more = []                       # type: List[bytes]
    if not article.get(b'message-id'):
        more.append(b'Message-ID: ' + message_id)
    if not article.get(b'date'):
        more.append(b'Date: ' + date_field(wall))
    path = article.get(b'path')
    if path is None:
        more.insert(0, b'Path: ' + hostname + b'!.POSTED!not-for-mail')
        changes = {}                # type: Dict[bytes, Optional[bytes]]
    else:
        if b'.POSTED' in path:
            raise BadArticle(u'The article was posted already')
        changes = {b'path': b'Path: %s!.POSTED!%s' % (hostname, path)}
    for name in (b'message-id', b'date', b'lines'):
        if article.get(name) == b'':        # an empty field is as good as none
            changes[name] = None
    more.append(b'Injection-Date: ' + date_field(wall))
    info = b'Injection-Info: ' + hostname
    if account is not None:
        info += b'; posting-account="%s"' % _quoted(account)
    more.append(info)
    made = article.replaced(changes, more + list(added))
    check_header(made)
    newsgroups_of(made)
    followup = made.get(b'followup-to')
    if followup and followup.lower() != b'poster':
        newsgroups_of(made, b'followup-to')
    supersedes = made.get(b'supersedes')
    if supersedes is not None and not is_message_id(supersedes):
        raise BadArticle(u'Invalid Supersedes')
    if supersedes is not None and made.get(b'control') is not None:
        raise BadArticle(u'Supersedes in a control message')
    return made


def _quoted(text):
    # type: (bytes) -> bytes
    text = bytes(bytearray(each for each in bytearray(text) if each >= 32 and each != 127))
    return text.replace(b'\\', b'\\\\').replace(b'"', b'\\"')


def located(article, hostname, places):
    # type: (Article, bytes, Sequence[Tuple[bytes, int]]) -> Article
    """The article with the Xref of this server (RFC 5536 section 3.2.14)."""
    words = [b'%s:%d' % place for place in places]
    field = b'Xref: ' + hostname
    lines = []                      # type: List[bytes]
    for word in words:              # folded: no line may be longer than 998 octets
        if len(field) + 1 + len(word) > 900:
            lines.append(field)
            field = b''
        field += b' ' + word
    lines.append(field)
    return article.replaced({b'xref': None}, [b'\r\n'.join(lines)])


def places_of(xref):
    # type: (bytes) -> List[Tuple[bytes, int]]
    """The (group, number) pairs in the text of an Xref."""
    found = []                      # type: List[Tuple[bytes, int]]
    for word in xref.split()[1:]:
        group, _, digits = word.rpartition(b':')
        number = decimal(digits, MAX_NUMBER)
        if group and number is not None:
            found.append((group, number))
    return found
