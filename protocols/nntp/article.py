# Copyright the carryall authors.  See LICENSE.
"""Articles: their header, and what makes one valid (RFC 5536).

    article = parse_article(octets)
    article.get(b'subject')                 # b'Tea', unfolded; None if there is none
    check_relayed(article, now)             # BadArticle says what is wrong

Lines end in CRLF, and octets are kept as they came: an article is the same at each server, but for
its Path and Xref.

Tests:    tests/protocols/nntp/test_article.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.codec.calendardates import DAYS, MONTHS, civil, seconds_of
from carryall.core.codec.numbers import decimal
from carryall.core.line.transparency import has_lone_ends
from carryall.core.patterns import Pattern
from carryall.protocols.nntp.errors import BadArticle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict, List, Optional, Sequence, Tuple

__all__ = ['Article', 'MANDATORY', 'article_date', 'check_header', 'check_relayed', 'date_field',
           'group_name', 'is_message_id', 'newsgroups_of', 'parse_article', 'path_identities',
           'references_of']

# -- limits ------------------------------------------------------------------
MAX_FIELDS = 500            # of one header; default
MAX_HEADER = 65536          # octets of a header; default
MAX_LINE = 998              # octets of a header line without CRLF; RFC 5536 section 2.2
MAX_MESSAGE_ID = 250        # octets; RFC 5536 section 3.1.3
MAX_GROUP_NAME = 497        # octets; what fits into a command, RFC 3977 section 3.1
MAX_GROUPS = 100            # in Newsgroups; default, the RFC is silent
FUTURE_SECONDS = 86400.0    # that a Date may be ahead; RFC 5537 section 3.6

MANDATORY = (b'date', b'from', b'message-id', b'newsgroups', b'path', b'subject')
# Fields that may come once (RFC 5536 section 3, RFC 5322 section 3.6, RFC 8315 section 2).
SINGLE = frozenset(MANDATORY + (
    b'approved', b'archive', b'cancel-key', b'cancel-lock', b'content-transfer-encoding',
    b'content-type', b'control', b'distribution', b'expires', b'followup-to', b'injection-date',
    b'injection-info', b'lines', b'mime-version', b'nntp-posting-date', b'nntp-posting-host',
    b'organization', b'references', b'reply-to', b'sender', b'summary', b'supersedes',
    b'user-agent', b'xref'))

_NAME = Pattern(br'[!-9;-~]+:')
_ID = Pattern(br'<[!-;=?-~]+@[!-;=?-~]+>\Z')
_GROUP = Pattern(br'[A-Za-z0-9+_\x80-\xff-]+(?:\.[A-Za-z0-9+_\x80-\xff-]+)*\Z')
_DATE = Pattern(br'(?:[A-Za-z]{3,9},?[ \t]+)?([0-9]{1,2})[ \t-]+([A-Za-z]{3})[a-z]*[ \t-]+'
                br'([0-9]{2,4})[ \t]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?'
                br'(?:[ \t]+([+-][0-9]{4}|[A-Za-z]{1,5}))?(?:[ \t]*\([^)]*\))?[ \t]*\Z')
_ZONES = {b'EST': -5, b'EDT': -4, b'CST': -6, b'CDT': -5, b'MST': -7, b'MDT': -6, b'PST': -8,
          b'PDT': -7}
_MONTHS = dict((name.lower(), number + 1) for number, name in enumerate(MONTHS))
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Article(object):
    """An article.

    Attributes:
        octets: all of it.
        fields: (name in small letters, octets of the whole field with its line ends) in order.
        body_at: where the body begins in ``octets``.
    """

    __slots__ = ('octets', 'fields', 'body_at', '_values')

    def __init__(self, octets, fields, body_at):
        # type: (bytes, List[Tuple[bytes, bytes]], int) -> None
        self.octets = octets
        self.fields = fields
        self.body_at = body_at
        self._values = {}           # type: Dict[bytes, Optional[bytes]]

    def get(self, name):
        # type: (bytes) -> Optional[bytes]
        """The text of a field, unfolded and without blanks around it; None if there is none.

        Args:     name: in small letters.
        """
        if name not in self._values:
            value = None            # type: Optional[bytes]
            for each, raw in self.fields:
                if each == name:
                    value = raw[len(name) + 1:]
                    if value.find(b'\r\n', 0, -2) >= 0:
                        value = value.replace(b'\r\n', b'')
                    value = value.strip()
                    break
            self._values[name] = value
        return self._values[name]

    @property
    def message_id(self):
        # type: () -> bytes
        """The Message-ID; b'' if there is none."""
        return self.get(b'message-id') or b''

    @property
    def head(self):
        # type: () -> bytes
        """The header, without the empty line behind it."""
        return self.octets[:self.body_at - 2]

    @property
    def body(self):
        # type: () -> bytes
        """The octets behind the empty line."""
        return self.octets[self.body_at:]

    @property
    def lines(self):
        # type: () -> int
        """The lines of the body."""
        count = self.octets.count(b'\r\n', self.body_at)
        return count if self.octets.endswith(b'\r\n') else count + 1

    def replaced(self, changes, added=()):
        # type: (Dict[bytes, Optional[bytes]], Sequence[bytes]) -> Article
        """Another article with some fields changed.

        Args:     changes: name in small letters -> whole field without its line end; None takes
                           the field away.  A field that is not there is not added.
                  added:   whole fields without line ends, which go behind all others.
        """
        rows = []                   # type: List[Tuple[bytes, bytes]]
        for name, raw in self.fields:
            if name in changes:
                new = changes[name]
                if new is None:
                    continue
                raw = new + b'\r\n'
            rows.append((name, raw))
        for field in added:
            rows.append((field.partition(b':')[0].lower(), field + b'\r\n'))
        head = b''.join([raw for _, raw in rows]) + b'\r\n'
        return Article(head + self.body, rows, len(head))


def parse_article(octets):
    # type: (bytes) -> Article
    """The article in *octets*, whose lines end in CRLF.

    Raises:   BadArticle: a NUL, a lone CR or LF, a line that is no header field, no empty line
              behind the header, or a header that is too large.
    """
    if octets.find(b'\0') >= 0:
        raise BadArticle(u'NUL in the article')
    if has_lone_ends(octets):
        raise BadArticle(u'Bare CR or LF in the article')
    if octets[:2] == b'\r\n':
        raise BadArticle(u'No header')
    end = octets.find(b'\r\n\r\n', 0, MAX_HEADER + 4)
    if end < 0:
        if len(octets) > MAX_HEADER:
            raise BadArticle(u'Header of more than %d octets' % MAX_HEADER)
        raise BadArticle(u'No empty line behind the header')
    return Article(octets, _fields(octets[:end + 2]), end + 4)


def _fields(head):
    # type: (bytes) -> List[Tuple[bytes, bytes]]
    rows = []                       # type: List[Tuple[bytes, bytes]]
    for line in head.split(b'\r\n')[:-1]:
        if line[:1] in (b' ', b'\t'):
            if not rows:
                raise BadArticle(u'The header begins with a continuation line')
            if not line.strip():
                raise BadArticle(u'Header line of blanks alone')
            rows[-1] = rows[-1][0], rows[-1][1] + line + b'\r\n'
            continue
        match = _NAME.match(line)
        if match is None:
            raise BadArticle(u'Line %d is no header field' % (len(rows) + 1))
        if len(rows) >= MAX_FIELDS:
            raise BadArticle(u'More than %d header fields' % MAX_FIELDS)
        rows.append((match.group()[:-1].lower(), line + b'\r\n'))
    return rows


# -- what is valid -----------------------------------------------------------

def is_message_id(data):
    # type: (bytes) -> bool
    """True if *data* is a message-id (RFC 5536 section 3.1.3, RFC 3977 section 3.6)."""
    return len(data) <= MAX_MESSAGE_ID and _ID.match(data) is not None


def group_name(data):
    # type: (bytes) -> bool
    """True if *data* is the name of a group; UTF-8 may be in it (RFC 3977 section 4.1)."""
    if len(data) > MAX_GROUP_NAME or _GROUP.match(data) is None:
        return False
    try:
        data.decode('utf-8')
    except UnicodeError:
        return False
    return True


def newsgroups_of(article, name=b'newsgroups'):
    # type: (Article, bytes) -> List[bytes]
    """The groups of a field, in order.

    Raises:   BadArticle: a name that is none, one that comes twice, or too many.
    """
    groups = [each.strip() for each in (article.get(name) or b'').split(b',')]
    if len(groups) > MAX_GROUPS:
        raise BadArticle(u'More than %d newsgroups' % MAX_GROUPS)
    if len(set(groups)) != len(groups):
        raise BadArticle(u'Duplicate newsgroup')
    for group in groups:
        if not group_name(group):
            raise BadArticle(u'Invalid newsgroup name')
    return groups


def references_of(data):
    # type: (bytes) -> List[bytes]
    """The message-ids in a field such as References."""
    return [each for each in data.split() if is_message_id(each)]


def path_identities(article):
    # type: (Article) -> List[bytes]
    """The hosts that the article came through; the last word of Path is none of them.

    Source:   RFC 5536 section 3.1.5
    """
    words = (article.get(b'path') or b'').replace(b' ', b'').replace(b'\t', b'').split(b'!')
    return [each.lower() for each in words[:-1] if each and each[:1] != b'.']


def article_date(data):
    # type: (bytes) -> Optional[int]
    """Seconds since 1970 of the text of a Date; None if it is none (RFC 5322 section 3.3, 4.3)."""
    match = _DATE.match(data)
    if match is None:
        return None
    month = _MONTHS.get(match.group(2).lower())
    day, year, hour, minute, second = [decimal(match.group(each) or b'0', 9999) or 0
                                       for each in (1, 3, 4, 5, 6)]
    if year < 50:
        year += 2000
    elif year < 1000:
        year += 1900
    if month is None or not 1 <= day <= _MONTH_DAYS[month - 1] or hour > 23 or minute > 59 \
            or second > 60:
        return None
    return seconds_of(year, month, day, hour, minute, min(second, 59)) - _offset(match.group(7))


def _offset(zone):
    # type: (Optional[bytes]) -> int
    """Seconds east of Greenwich; unknown names count as none (RFC 5322 section 4.3)."""
    if zone is None:
        return 0
    if zone[:1] in (b'+', b'-'):
        hours, minutes = divmod(decimal(zone[1:], 9999) or 0, 100)
        seconds = hours * 3600 + minutes * 60
        return -seconds if zone[:1] == b'-' else seconds
    return _ZONES.get(zone.upper(), 0) * 3600


def date_field(wall):
    # type: (float) -> bytes
    """The text of a Date, in GMT (RFC 5322 section 3.3)."""
    year, month, day, hour, minute, second, weekday = civil(wall)
    return b'%s, %d %s %d %02d:%02d:%02d +0000' % (
        DAYS[weekday], day, MONTHS[month - 1], year, hour, minute, second)


def check_header(article, names=MANDATORY, max_line=MAX_LINE):
    # type: (Article, Sequence[bytes], int) -> None
    """Checks that each of *names* is there and has a text, and that no field comes twice.

    Raises:   BadArticle: the first fault.
    """
    seen = set()
    for name, raw in article.fields:
        if name in seen and name in SINGLE:
            raise BadArticle(u'Duplicate "%s" header field' % _spelled(name))
        seen.add(name)
        if len(raw) > max_line + 2 and max(map(len, raw.split(b'\r\n'))) > max_line:
            raise BadArticle(u'Header line of more than %d octets' % max_line)
    for name in names:
        if not article.get(name):
            raise BadArticle(u'%s "%s" header field'
                               % (u'Empty' if name in seen else u'Missing', _spelled(name)))


def check_relayed(article, now, oldest=None):
    # type: (Article, float, Optional[float]) -> None
    """Checks an article that another server offers (RFC 5537 section 3.6).

    Args:     now: seconds since 1970.
              oldest: the same, of the earliest date that is accepted; None for any.
    Raises:   BadArticle: the first fault.
    """
    check_header(article)
    check_values(article, now, oldest)


def check_values(article, now, oldest=None):
    # type: (Article, float, Optional[float]) -> None
    """Checks the texts of Message-ID, Newsgroups and Date.

    Raises:   BadArticle: the first fault.
    """
    if not is_message_id(article.message_id):
        raise BadArticle(u'Invalid Message-ID')
    newsgroups_of(article)
    text = article.get(b'injection-date') or article.get(b'date') or b''
    date = article_date(text)
    if date is None or article_date(article.get(b'date') or b'') is None:
        raise BadArticle(u'Invalid Date')
    if date > now + FUTURE_SECONDS:
        raise BadArticle(u'Date in the future')
    if oldest is not None and date < oldest:
        raise BadArticle(u'Too old')


def _spelled(name):
    # type: (bytes) -> str
    """A name as RFC 5536 writes it."""
    text = u'-'.join(each.capitalize() for each in name.decode('ascii').split(u'-'))
    return text.replace(u'-Id', u'-ID')
