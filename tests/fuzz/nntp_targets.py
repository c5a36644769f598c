# Copyright the carryall authors.  See LICENSE.
"""The targets of NNTP: server, client, grammar."""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import RemoteProtocolError
from carryall.core.future import Return, coroutine
from carryall.protocols.nntp import (BadArticle, BadWildmat, NNTPServer, Wildmat, check_relayed,
                                     connect, newsgroups_of, overview_field, overview_row,
                                     parse_article, parse_date, parse_overview, parse_range,
                                     parse_reply)
from tests.fuzz.target import ClientTarget, GrammarTarget, ServerTarget, lines
from tests.protocols.nntp.newsstand import make_room

__all__ = ['ALL']

HEAD = (b'Path: a!b', b'From: a@b', b'Newsgroups: misc.test', b'Subject: s',
        b'Date: Thu, 1 Jan 2026 00:16:40 +0000', b'Message-ID: <9@e>', b'', b'text', b'.')
SEEDS = [
    lines(b'CAPABILITIES', b'MODE READER', b'GROUP misc.test', b'OVER 1-', b'ARTICLE', b'NEXT',
          b'HDR Newsgroups 1-', b'XPAT subject 1- *a[b-d]?*', b'LISTGROUP', b'QUIT'),
    lines(b'POST', *HEAD), lines(b'MODE STREAM', b'CHECK <9@e>', b'TAKETHIS <9@e>', *HEAD),
    lines(b'IHAVE <9@e>', *HEAD), lines(b'LIST COUNTS misc.*,!*mod', b'NEWNEWS * 260101 000000'),
    lines(b'AUTHINFO USER a', b'AUTHINFO PASS b', b'COMPRESS DEFLATE', b'DATE'), [('wait', 900)]]
ANSWERS = [
    lines(b'200 ready', b'211 2 1 2 misc.test', b'215 fmt', b'Subject:', b'Bytes:', b'.',
          b'224 rows', b'1\ta\tb\tc\t<1@e>\t\t10\t1', b'.', b'220 1 <1@e>', b'Subject: a', b'',
          b'..', b'.', b'205 bye'),
    lines(b'400 no'), lines(b'200 ready', b'411 no'), lines(b'x')]
WORDS = [b'GROUP ', b'ARTICLE ', b'OVER ', b'HDR ', b'TAKETHIS ', b'CHECK ', b'IHAVE ', b'POST',
         b'<1@example.org>', b'misc.test', b'1-', b'*', b'[', b'!', b'.\r\n', b'\r\n', b'\n',
         b'200 ', b'211 ', b'224 ', b'220 ', b'\t', b'Message-ID: ', b'Newsgroups: ', b'Date: ']


@coroutine
def _visit(loop):
    client = yield connect(loop, '127.0.0.1', 2121)
    count = yield client.group(u'misc.test')
    rows = yield client.over(1, 9)
    article = yield client.article(1)
    yield client.quit()
    raise Return((count, len(rows), article.octets))


def _article(data):
    """The judgement of octets that may be an article."""
    try:
        article = parse_article(data)
        row = overview_row(article)
        newsgroups_of(article)
        check_relayed(article, 1800000000.0)
    except BadArticle as exc:
        return str(exc)
    return row, overview_field(row, b'xref')


def _wildmat(data):
    """A wildmat against its own text."""
    try:
        return Wildmat(data[:500]).matches(data)
    except BadWildmat as exc:
        return str(exc)


def _words(data):
    """The small grammars, on the words of a text."""
    found = []
    for word in data.split()[:20]:
        found += [parse_range(word), parse_date(word, word, b'', 1800000000.0),
                  parse_overview(word)]
    return found


def _reply(data):
    try:
        return parse_reply(data).line
    except RemoteProtocolError as exc:
        return str(exc)


ALL = [
    ServerTarget('nntp', ('protocols/nntp/', 'core/line/'),
                 lambda run: NNTPServer(make_room(run.loop), run.loop), SEEDS, WORDS),
    ClientTarget('nntp-client', ('protocols/nntp/',), _visit, ANSWERS, WORDS),
    GrammarTarget('nntp-grammar', ('protocols/nntp/',), [_article, _wildmat, _words, _reply],
                  ANSWERS + SEEDS[:5], WORDS),
]
