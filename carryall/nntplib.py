# Copyright the carryall authors.  See LICENSE.
"""A stand-in for the module nntplib, which Python 3.13 no longer has: the same classes, methods,
exceptions and results, blocking.

    from carryall import nntplib
    with nntplib.NNTP('news.example') as server:
        response, count, first, last, name = server.group('misc.test')

It works like that module, with these differences.  Programs on Python 2.7 get its form of Python 3.
``ssl_context`` may be a ``carryall.core.tls.TLSContext``; of one of the module ssl, the choice to
verify counts and nothing else.  Without one, the server's certificate is verified.
Programs that wait for several things at once have ``carryall.protocols.nntp``.

Tests:    tests/house/test_nntplib.py
"""
from __future__ import absolute_import, division, print_function

import collections
import datetime
import sys

from carryall import runtimes
from carryall.core.compat import PY2, text_type
from carryall.core.errors import CarryallError, ConnectionLost
from carryall.core.tls import TLSContext
from carryall.protocols import nntp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

__all__ = ['NNTP', 'NNTP_SSL', 'NNTPError', 'NNTPReplyError', 'NNTPTemporaryError',
           'NNTPPermanentError', 'NNTPProtocolError', 'NNTPDataError', 'decode_header']

NNTP_PORT = nntp.PORT
NNTP_SSL_PORT = nntp.TLS_PORT
CONNECT_SECONDS = 60.0      # unless a timeout is given

GroupInfo = collections.namedtuple('GroupInfo', ['group', 'last', 'first', 'flag'])
ArticleInfo = collections.namedtuple('ArticleInfo', ['number', 'message_id', 'lines'])


class NNTPError(Exception):
    """The base of all errors of this module."""

    def __init__(self, *args):
        # type: (*Any) -> None
        Exception.__init__(self, *args)
        self.response = args[0] if args else 'No response given'


class NNTPReplyError(NNTPError):
    """Unexpected [123]xx reply."""


class NNTPTemporaryError(NNTPError):
    """4xx errors."""


class NNTPPermanentError(NNTPError):
    """5xx errors."""


class NNTPProtocolError(NNTPError):
    """The response does not begin with [1-5]."""


class NNTPDataError(NNTPError):
    """An error in response data."""


def decode_header(header_str):
    # type: (str) -> Any
    """The text of a header field with encoded words (RFC 2047)."""
    from email.header import decode_header as decoded
    parts = []                      # type: List[Any]
    for value, charset in decoded(header_str):
        parts.append(value.decode(charset or 'ascii') if isinstance(value, bytes) else value)
    return u''.join(parts)


class NNTP(object):
    """One connection; see the module.

    Args:     readermode: say MODE READER first.
              usenetrc: take name and password from ~/.netrc.
              timeout: seconds for connecting and for each answer.
    """

    encoding = 'utf-8'
    errors = 'replace' if PY2 else 'surrogateescape'

    def __init__(self, host, port=NNTP_PORT, user=None, password=None, readermode=None,
                 usenetrc=False, timeout=None):
        # type: (str, int, Any, Any, Any, bool, Optional[float]) -> None
        self._open(host, port, None, timeout)
        self._begin(user, password, readermode, usenetrc)

    # -- connection --------------------------------------------------------------------------------

    def _open(self, host, port, tls, timeout):
        # type: (str, int, Any, Optional[float]) -> None
        if timeout is not None and timeout <= 0:
            raise ValueError('Non-blocking socket (timeout=0) is not supported')
        self.host = host
        self.port = port
        self.debugging = 0
        self.tls_on = tls is not None
        self.authenticated = False
        self.readermode_afterauth = False
        self.nntp_version = 1
        self.nntp_implementation = None     # type: Any
        self._caps = None                   # type: Any
        self._format = None                 # type: Any
        self._loop = runtimes.choose()      # type: Any
        self._client = None                 # type: Any
        settings = nntp.ClientSettings() if timeout is None else \
            nntp.ClientSettings(answer_seconds=timeout)
        seconds = CONNECT_SECONDS if timeout is None else timeout
        connecting = nntp.connect(self._loop, host, port, tls, seconds, settings)
        try:
            self._client = self._wait(connecting)
        except BaseException:
            self._close()
            raise
        self.welcome = self._text(self._client.welcome.line)

    def _begin(self, user, password, readermode, usenetrc):
        # type: (Any, Any, Any, bool) -> None
        try:
            self.getcapabilities()
            if readermode and 'READER' not in self._caps:
                self._setreadermode()
                if not self.readermode_afterauth:
                    self._caps = None
                    self.getcapabilities()
            if user or usenetrc:
                self.login(user, password, usenetrc)
        except BaseException:
            self._close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *args):
        if self._client is not None:
            try:
                self.quit()
            except (OSError, EOFError):
                pass
            finally:
                self._close()

    def _close(self):
        # type: () -> None
        loop, self._loop = self._loop, None
        self._client = None
        if loop is not None:
            loop.close()

    def _wait(self, future):
        # type: (Any) -> Any
        """The result of *future*; its errors are those of this module, EOFError and OSError."""
        try:
            return self._loop.run_until(future)
        except nntp.NNTPError as exc:
            raise _error_of(exc, self._text(exc.line) or str(exc))
        except ConnectionLost:
            raise EOFError
        except CarryallError as exc:
            raise OSError(str(exc))

    def _text(self, octets):
        # type: (bytes) -> Any
        return octets.decode(self.encoding, self.errors)

    def _ask(self, line):
        # type: (Any) -> Tuple[Any, List[bytes]]
        """(response, lines of octets) of a command."""
        if self._client is None:
            raise EOFError
        if isinstance(line, text_type):
            line = line.encode(self.encoding, 'strict' if PY2 else self.errors)
        if b'\r' in line or b'\n' in line or b'\0' in line:
            raise ValueError('NNTP commands must not contain line ends')
        if self.debugging:
            sys.stdout.write('*cmd* %r\n' % line)
        reply, lines = self._wait(self._client.command(line))
        response = self._text(reply.line)
        if self.debugging:
            sys.stdout.write('*resp* %r\n' % response)
        return response, lines

    def _long(self, line, file=None):
        # type: (Any, Any) -> Tuple[Any, List[bytes]]
        """The same of a command with a block, which goes into *file* if there is one."""
        response, lines = self._ask(line)
        if not nntp.has_block(line.split(u' ')[0].encode('ascii', 'replace'), int(response[:3])):
            raise NNTPReplyError(response)
        if file is None:
            return response, lines
        if hasattr(file, 'write'):
            file.writelines([each + b'\r\n' for each in lines])
        else:
            with open(file, 'wb') as target:
                target.writelines([each + b'\r\n' for each in lines])
        return response, []

    def _texts(self, line, file=None):
        # type: (Any, Any) -> Tuple[Any, List[Any]]
        response, lines = self._long(line, file)
        return response, [self._text(each) for each in lines]

    def getwelcome(self):
        # type: () -> Any
        """The greeting."""
        return self.welcome

    def set_debuglevel(self, level):
        # type: (int) -> None
        """Above 0, commands and responses go to stdout."""
        self.debugging = level

    debug = set_debuglevel

    def getcapabilities(self):
        # type: () -> Dict[str, List[str]]
        """{label: [argument]}; empty if the server tells nothing."""
        if self._caps is None:
            self.nntp_version = 1
            self.nntp_implementation = None
            try:
                self._caps = self.capabilities()[1]
            except (NNTPPermanentError, NNTPTemporaryError):
                self._caps = {}
                return self._caps
            if 'VERSION' in self._caps:
                self.nntp_version = max([int(each) for each in self._caps['VERSION']])
            if 'IMPLEMENTATION' in self._caps:
                self.nntp_implementation = ' '.join(self._caps['IMPLEMENTATION'])
        return self._caps

    def capabilities(self):
        # type: () -> Tuple[Any, Dict[str, List[str]]]
        """CAPABILITIES: (response, {label: [argument]})."""
        response, lines = self._texts(u'CAPABILITIES')
        words = [line.split() for line in lines]
        return response, dict((str(each[0]), [str(word) for word in each[1:]])
                              for each in words if each)

    def _setreadermode(self):
        # type: () -> None
        try:
            self.welcome = self._ask(u'MODE READER')[0]
        except NNTPPermanentError:
            pass
        except NNTPTemporaryError as exc:
            if not exc.response.startswith('480'):
                raise
            self.readermode_afterauth = True

    def login(self, user=None, password=None, usenetrc=True):
        # type: (Any, Any, bool) -> None
        """AUTHINFO USER and PASS."""
        if self.authenticated:
            raise ValueError('Already logged in.')
        if not user and not usenetrc:
            raise ValueError('At least one of `user` and `usenetrc` must be specified')
        if usenetrc and not user:
            import netrc
            try:
                found = netrc.netrc().authenticators(self.host)
            except IOError:
                found = None
            if found:
                user, _, password = found
        if not user:
            return
        response = self._ask(u'AUTHINFO USER ' + user)[0]
        if response.startswith('381'):
            if not password:
                raise NNTPReplyError(response)
            response = self._ask(u'AUTHINFO PASS ' + password)[0]
            if not response.startswith('281'):
                raise NNTPPermanentError(response)
        self.authenticated = True
        self._caps = None
        self.getcapabilities()
        if self.readermode_afterauth and 'READER' not in self._caps:
            self._setreadermode()
            self._caps = None
            self.getcapabilities()

    def starttls(self, context=None):
        # type: (Any) -> None
        """STARTTLS."""
        if self.tls_on:
            raise ValueError('TLS is already enabled.')
        if self.authenticated:
            raise ValueError('TLS cannot be started after authentication.')
        if self._client is None:
            raise EOFError
        self._wait(self._client.start_tls(_tls(context), self.host))
        self.tls_on = True
        self._caps = None
        self.getcapabilities()

    def quit(self):
        # type: () -> Any
        """QUIT; gives the response, and closes."""
        try:
            return self._ask(u'QUIT')[0]
        finally:
            self._close()

    # -- groups ------------------------------------------------------------------------------------

    def newgroups(self, date, file=None):
        # type: (Any, Any) -> Tuple[Any, List[GroupInfo]]
        """NEWGROUPS: (response, [GroupInfo])."""
        response, lines = self._texts(u'NEWGROUPS %s %s' % self._date(date), file)
        return response, _groups(lines)

    def newnews(self, group, date, file=None):
        # type: (Any, Any, Any) -> Tuple[Any, List[Any]]
        """NEWNEWS: (response, [message-id])."""
        return self._texts(u'NEWNEWS %s %s %s' % ((group,) + self._date(date)), file)

    def _date(self, date):
        # type: (Any) -> Tuple[str, str]
        if not isinstance(date, (datetime.date, datetime.datetime)):
            raise TypeError("the date parameter must be a date or datetime object, not '%s'"
                            % date.__class__.__name__)
        when = date if isinstance(date, datetime.datetime) else \
            datetime.datetime(date.year, date.month, date.day)
        year = when.year % 100 if self.nntp_version < 2 else when.year
        return (u'%02d%02d%02d' % (year, when.month, when.day),
                u'%02d%02d%02d' % (when.hour, when.minute, when.second))

    def list(self, group_pattern=None, file=None):
        # type: (Any, Any) -> Tuple[Any, List[GroupInfo]]
        """LIST or LIST ACTIVE: (response, [GroupInfo])."""
        line = u'LIST' if group_pattern is None else u'LIST ACTIVE ' + group_pattern
        response, lines = self._texts(line, file)
        return response, _groups(lines)

    def description(self, group):
        # type: (Any) -> Any
        """The description of one group; an empty text if there is none."""
        return self.descriptions(group)[1].get(group, u'')

    def descriptions(self, group_pattern):
        # type: (Any) -> Tuple[Any, Dict[Any, Any]]
        """LIST NEWSGROUPS, or XGTITLE: (response, {name: description})."""
        try:
            response, lines = self._texts(u'LIST NEWSGROUPS ' + group_pattern)
        except (NNTPPermanentError, NNTPTemporaryError):
            response, lines = self._texts(u'XGTITLE ' + group_pattern)
        pairs = [line.strip().split(None, 1) for line in lines]
        return response, dict((pair[0], pair[1].strip()) for pair in pairs if len(pair) == 2)

    def group(self, name):
        # type: (Any) -> Tuple[Any, int, int, int, Any]
        """GROUP: (response, count, first, last, name)."""
        response = self._ask(u'GROUP ' + name)[0]
        if not response.startswith('211'):
            raise NNTPReplyError(response)
        words = response.split()
        numbers = [int(word) for word in words[1:4]]
        numbers += [0] * (3 - len(numbers))
        return (response, numbers[0], numbers[1], numbers[2],
                words[4].lower() if len(words) > 4 else name)

    def help(self, file=None):
        # type: (Any) -> Tuple[Any, List[Any]]
        """HELP: (response, lines)."""
        return self._texts(u'HELP', file)

    def slave(self):
        # type: () -> Any
        """SLAVE: the response."""
        return self._ask(u'SLAVE')[0]

    def date(self):
        # type: () -> Tuple[Any, datetime.datetime]
        """DATE: (response, datetime)."""
        response = self._ask(u'DATE')[0]
        if not response.startswith('111'):
            raise NNTPReplyError(response)
        words = response.split()
        if len(words) != 2 or len(words[1]) != 14:
            raise NNTPDataError(response)
        return response, datetime.datetime.strptime(str(words[1]), '%Y%m%d%H%M%S')

    # -- articles ----------------------------------------------------------------------------------

    def _stat(self, line):
        # type: (Any) -> Tuple[Any, int, Any]
        return self._placed(self._ask(line)[0])

    @staticmethod
    def _placed(response):
        # type: (Any) -> Tuple[Any, int, Any]
        if not response.startswith('22'):
            raise NNTPReplyError(response)
        words = response.split()
        return response, int(words[1]), words[2]

    def stat(self, message_spec=None):
        # type: (Any) -> Tuple[Any, int, Any]
        """STAT: (response, number, message-id)."""
        return self._stat(_with(u'STAT', message_spec))

    def next(self):
        # type: () -> Tuple[Any, int, Any]
        """NEXT, as ``stat``."""
        return self._stat(u'NEXT')

    def last(self):
        # type: () -> Tuple[Any, int, Any]
        """LAST, as ``stat``."""
        return self._stat(u'LAST')

    def _part(self, line, file):
        # type: (Any, Any) -> Tuple[Any, ArticleInfo]
        response, lines = self._long(line, file)
        response, number, message_id = self._placed(response)
        return response, ArticleInfo(number, message_id, lines)

    def head(self, message_spec=None, file=None):
        # type: (Any, Any) -> Tuple[Any, ArticleInfo]
        """HEAD: (response, ArticleInfo)."""
        return self._part(_with(u'HEAD', message_spec), file)

    def body(self, message_spec=None, file=None):
        # type: (Any, Any) -> Tuple[Any, ArticleInfo]
        """BODY, as ``head``."""
        return self._part(_with(u'BODY', message_spec), file)

    def article(self, message_spec=None, file=None):
        # type: (Any, Any) -> Tuple[Any, ArticleInfo]
        """ARTICLE, as ``head``."""
        return self._part(_with(u'ARTICLE', message_spec), file)

    def xhdr(self, hdr, str, file=None):
        # type: (Any, Any, Any) -> Tuple[Any, List[Any]]
        """XHDR: (response, [(number, text)]), both texts."""
        response, lines = self._texts(u'XHDR %s %s' % (hdr, str), file)
        pairs = [line.partition(u' ') for line in lines]
        return response, [(each[0], each[2]) if each[1] else each[0] for each in pairs]

    def xover(self, start, end, file=None):
        # type: (Any, Any, Any) -> Tuple[Any, List[Any]]
        """XOVER: (response, [(number, {field: text})])."""
        return self._over(u'XOVER %s-%s' % (start, end), file)

    def over(self, message_spec, file=None):
        # type: (Any, Any) -> Tuple[Any, List[Any]]
        """OVER, or XOVER, as ``xover``.

        Args:     message_spec: None for the current article, a message-id, or (first, last), where
                                last may be None.
        """
        line = u'OVER' if 'OVER' in self.getcapabilities() else u'XOVER'
        if isinstance(message_spec, (tuple, list)):
            first, last = message_spec
            line += u' %s-%s' % (first, u'' if last is None else last)
        elif message_spec is not None:
            line += u' %s' % message_spec
        return self._over(line, file)

    def _over(self, line, file):
        # type: (Any, Any) -> Tuple[Any, List[Any]]
        response, lines = self._long(line, file)
        if self._format is None:
            try:
                self._format = nntp.parse_format(self._long(u'LIST OVERVIEW.FMT')[1])
            except NNTPPermanentError:
                self._format = list(nntp.FIELDS)
            if tuple(self._format[:len(nntp.FIELDS)]) != nntp.FIELDS:
                raise NNTPDataError('LIST OVERVIEW.FMT redefines default fields')
        rows = []                   # type: List[Any]
        for each in lines:
            found = nntp.parse_overview(each, self._format)
            if found is None:
                raise NNTPDataError('overview without a number: %r' % each)
            rows.append((found[0], dict((str(name.decode('ascii', 'replace')), self._text(value))
                                        for name, value in found[1].items())))
        return response, rows

    # -- posting -----------------------------------------------------------------------------------

    def post(self, data):
        # type: (Any) -> Any
        """POST; gives the response.

        Args:     data: octets, a file opened for octets, or lines of octets.
        """
        return self._send(u'POST', u'3', data)

    def ihave(self, message_id, data):
        # type: (Any, Any) -> Any
        """IHAVE; gives the response."""
        return self._send(u'IHAVE %s' % message_id, u'3', data)

    def _send(self, line, expected, data):
        # type: (Any, Any, Any) -> Any
        octets = _octets_of(data)
        response = self._ask(line)[0]
        if not response.startswith(expected):
            raise NNTPReplyError(response)
        reply = self._wait(self._client.send_article(line.split(u' ')[0].encode('ascii'), octets))
        return self._text(reply.line)


class NNTP_SSL(NNTP):
    """The same, with TLS from the first octet."""

    def __init__(self, host, port=NNTP_SSL_PORT, user=None, password=None, ssl_context=None,
                 readermode=None, usenetrc=False, timeout=None):
        # type: (str, int, Any, Any, Any, Any, bool, Optional[float]) -> None
        self._open(host, port, _tls(ssl_context), timeout)
        self._begin(user, password, readermode, usenetrc)


def _tls(context):
    # type: (Any) -> TLSContext
    if isinstance(context, TLSContext):
        return context
    return TLSContext(verify=context is None or bool(context.verify_mode))


def _error_of(exc, response):
    # type: (Any, Any) -> NNTPError
    if 400 <= exc.code < 500:
        return NNTPTemporaryError(response)
    if exc.code >= 500:
        return NNTPPermanentError(response)
    if exc.line:
        return NNTPProtocolError(response)
    return NNTPDataError(response)


def _with(verb, message_spec):
    # type: (Any, Any) -> Any
    return verb if message_spec is None else u'%s %s' % (verb, message_spec)


def _groups(lines):
    # type: (List[Any]) -> List[GroupInfo]
    return [GroupInfo(*line.split()) for line in lines]


def _octets_of(data):
    # type: (Any) -> bytes
    """The lines of *data*, each with CRLF at its end."""
    if isinstance(data, (bytes, bytearray)):
        lines = bytes(data).splitlines(True)
    else:
        lines = [each for each in data]
    return b''.join([line.rstrip(b'\r\n') + b'\r\n' for line in lines])
