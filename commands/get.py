# Copyright the carryall authors.  See LICENSE.
"""`carryall get URL`: fetch one URL, as curl does.

Status:   0 the transfer is complete; 1 it failed, or --fail and the server answered 400 or more; 2
          the command line cannot be; 130 Ctrl-C.
Output:   the body goes to stdout, or with --output to FILE.part, which becomes FILE in one step
          when it is complete.  Beside a part that can be resumed lies FILE.part.tag, which says
          what it is a part of; --resume goes by that.
TLS:      https is verified: the chain, and the name; see clienttls.py.  A server that is not who it
          should be is status 1.
Secrets:  a password comes from the environment (CARRYALL_PASSWORD), the terminal or .netrc, never
          from the command line, where every user of the machine can read it; --verbose shows
          credentials and cookies as ***.
Tests:    tests/commands/test_get.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.commands import clienttls, proxied
from carryall.commands.console import FAILED, complain, say, unwritten, write_all
from carryall.core.compat import FAILURES, native
from carryall.core.errors import CarryallError, LocalProtocolError, UsageError
from carryall.core.future import Return, coroutine
from carryall.app.home import in_home
from carryall.app.optiontypes import Integer, Pair, Path, Seconds, Text
from carryall.core.logs import escape
from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.app.usage import help_text
from carryall.protocols.http.client import (HTTPClient, Jar, Login, Settings, Timeouts, is_whole,
                                            named_challenges, parse_netrc, parse_url,
                                            resume_fields, resumes_at, validator)
from carryall.core.net.addressguard import AddressGuard
from carryall.runtimes import choose
from carryall.runtimes.host import systemfiles as files
from carryall.runtimes.clock import monotonic, wall
from carryall.runtimes.host.stdout import octets_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['PASSWORD_VARIABLE', 'fetch', 'main', 'read_password']

# -- limits ------------------------------------------------------------------
MAX_TAG = 4096              # bytes of a .part.tag
PIECE_BYTES = 65536         # read at once
PROGRESS_SECONDS = 0.2      # between two lines of progress

ALPN = ('http/1.1',)        # RFC 7301 section 6

PASSWORD_VARIABLE = 'CARRYALL_PASSWORD'
SECRET_FIELDS = (b'authorization', b'cookie', b'set-cookie', b'proxy-authorization')
SUMMARY = (u'Fetches a URL over HTTP/1.1, in clear or over TLS (or FTP: see ftp-get), and writes '
           u'what comes to stdout or to a file.')
TRAILER = (u'status: 0 the transfer is complete; 1 it failed, or --fail and an HTTP error; 2 the '
           u'command line cannot be\n'
           u'password: from the environment variable CARRYALL_PASSWORD, else asked at the terminal')


def _check(options):
    # type: (OptionValues) -> None
    if options.resume and options.output in (None, u'-'):
        raise UsageError(u'--resume needs --output FILE')
    if options.resume and (options.head or options.data is not None
                           or options.method not in (None, u'GET')):
        raise UsageError(u'only a GET can be resumed')
    if options.head and options.data is not None:
        raise UsageError(u'--head sends no --data')
    if options.public_only and options.proxy is not None:
        raise UsageError(u'with --proxy it is the proxy that connects, and --public-only cannot be '
                         u'kept')
    if options.user is not None and u':' in options.user:
        raise UsageError(u'--user is the name alone; the password comes from %s or is asked for'
                         % PASSWORD_VARIABLE)
    clienttls.check(options)


def check_output(output):
    # type: (Optional[str]) -> None
    """UsageError where no file can come to be, before anything is fetched."""
    if output not in (None, u'-'):
        for problem in Path('new').problems(os.path.abspath(output)):
            raise UsageError(u'option --output: %s' % problem)


SCHEMA = Schema([
    Option('output', Text(1, metavar='FILE'), short='o', default='-',
           help='where the body goes; - for stdout'),
    Flag('head', short='I', help='ask for the headers alone, and show them'),
    Option('header', Pair(Text(1, metavar='NAME'), Text(metavar='VALUE'), separator=':'), short='H',
           repeat=True, secret=True, help='a header field to send'),
    Option('data', Text(metavar='TEXT|@FILE'), short='d', secret=True,
           help='what to send as the body, by POST unless --method says else'),
    Option('method', Text(1, 64, 'METHOD'), short='X', help='the request method'),
    Flag('follow', default=True, help='follow redirects'),
    Option('max-redirects', Integer(0, 1000), default='10', help='how many'),
    Option('timeout', Seconds(0.001), short='m', help='how long it may take in all'),
    Option('connect-timeout', Seconds(0.001), default='30s',
           help='how long it may take to connect'),
    Option('idle-timeout', Seconds(0.001), default='1m', help='how long nothing may happen'),
    Flag('resume', help='go on with FILE.part if the server still has the same'),
    Flag('compressed', help='let the server compress what it sends'),
    Option('user', Text(1, 255, 'NAME'), short='u', help='who is asking; Digest or Basic, as the '
                                                         'server wants'),
    Flag('netrc', short='n', help='take user and password from .netrc in the home folder'),
    Option('netrc-file', Path('file'), help='take them from this file'),
] + clienttls.OPTIONS + [
    proxied.OPTION,
    Flag('public-only',
         help='connect to public addresses alone, never to private ones or this machine'),
    Flag('fail', short='f',
         help='end with status 1 and write nothing if the server answers 400 or more'),
    Flag('verbose', short='v', help='show the exchange on stderr'),
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], arguments=[Argument('url', Text(1, 8192), help='http://host[:port]/path?query, or https, or '
                                                  'ftp')], check=_check, examples=[
    ('carryall get http://127.0.0.1:8080/ -o page.html', 'fetch a page'),
    ('carryall get -I http://127.0.0.1:8080/', 'its headers'),
    ('carryall get --ca tests.pem https://localhost:8443/',
     'from a server whose certificate an authority of your own has signed'),
    ('carryall get --resume -o big.iso http://127.0.0.1:8080/big.iso',
     'go on with a download that broke off')])


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    try:
        options = SCHEMA.parse(words)
    except HelpRequested:
        write_all(sys.stdout, help_text(u'carryall get', SCHEMA, SUMMARY, TRAILER))
        return 0
    check_output(options.output)
    if options.url.lower().startswith((u'ftp://', u'ftps://')):
        from carryall.commands.ftp import get_url  # it takes from here what both commands share
        return get_url(options)
    if not options.url.lower().startswith((u'http://', u'https://')):
        raise UsageError(u'a URL begins with http://, https:// or ftp://')
    request = _request_of(options)
    loop = choose(options.backend and native(options.backend))
    try:
        return loop.run_until(fetch(proxied.through(loop, options), options, request))
    finally:
        loop.close()


def _request_of(options):
    # type: (OptionValues) -> Dict[str, Any]
    """What the values say about the request; UsageError where they cannot be."""
    try:
        parse_url(options.url)
        auth = None
        if options.user is not None:
            auth = Login(options.user, read_password(options.user))
    except LocalProtocolError as exc:
        raise UsageError(exc.message)
    headers = [(name.strip().encode('utf-8'), value.strip().encode('utf-8'))
               for name, value in options.header]
    body = b''
    method = b'GET'
    if options.data is not None:
        body = _data(options.data)
        method = b'POST'
        if b'content-type' not in [name.lower() for name, _ in headers]:
            headers.append((b'Content-Type', b'application/x-www-form-urlencoded'))
    if options.head:
        method = b'HEAD'
    if options.method is not None:
        method = options.method.encode('utf-8')
    return {'method': method, 'headers': headers, 'body': body, 'auth': auth}


def read_password(user):
    # type: (str) -> Any
    """The password of --user: from the environment, or from the terminal.

    Raises:   UsageError: neither has it.
    """
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if not is_terminal(sys.stdin):
        raise UsageError(u'the password of --user is to be in %s, for there is no terminal to ask '
                         u'at' % PASSWORD_VARIABLE)
    import getpass
    return getpass.getpass(native(
        u'Password of %s: ' % escape(user).encode('ascii', 'replace').decode('ascii')))


def _data(text):
    # type: (str) -> bytes
    if not text.startswith(u'@'):
        return text.encode('utf-8')
    try:
        with open(text[1:], 'rb') as source:
            return source.read()
    except (IOError, OSError) as exc:
        raise UsageError(u'cannot read %s: %s' % (text[1:], exc.strerror))


def _netrc(options):
    # type: (OptionValues) -> Any
    path = options.netrc_file
    if path is None:
        if not options.netrc:
            return None
        path = in_home('.netrc', u'--netrc-file')
    try:
        with open(path, 'rb') as source:
            return parse_netrc(source.read())
    except (IOError, OSError) as exc:
        raise UsageError(u'cannot read %s: %s' % (path, exc.strerror))


# -- the transfer ------------------------------------------------------------
@coroutine
def fetch(loop, options, request):
    # type: (Any, OptionValues, Dict[str, Any]) -> Any
    """A Future of the command's status."""
    timeouts = Timeouts(connect=options.connect_timeout, idle=options.idle_timeout,
                        total=options.timeout, first_byte=options.idle_timeout,
                        resolve=options.connect_timeout, tls=options.connect_timeout)
    client = HTTPClient(loop, Settings(timeouts=timeouts, redirects=options.max_redirects),
                        guard=AddressGuard() if options.public_only else None, jar=Jar(wall),
                        tls=clienttls.ready(clienttls.context_of(options, ALPN), loop),
                        netrc=_netrc(options))
    target = _Target(options.output, options.resume)
    try:
        headers = request['headers'] + target.fields()
        if options.verbose:
            _show_request(request['method'], options.url, headers)
        progress = Progress(options.output)
        try:
            response = yield client.request(request['method'], options.url, headers,
                                            request['body'], request['auth'],
                                            options.follow, options.compressed,
                                            progress=progress.moved)
        except LocalProtocolError as exc:
            raise UsageError(exc.message)
        if options.verbose:
            _show_response(response, options)
        if options.fail and response.status >= 400 \
                and not (options.resume and response.status == 416):
            complain(u'carryall get', u'the server answered %d %s'
                     % (response.status, escape(response.reason)))
            raise Return(FAILED)
        if request['method'] == b'HEAD':
            _print_head(response)
            raise Return(0)
        if b'range' not in [name.lower() for name, _ in headers] and not is_whole(response):
            response.close()
            raise CarryallError(u'the server sent a part of it, which was not asked for')
        if response.status == 401:
            asked = escape(named_challenges(response.headers.get_all(b'www-authenticate')))
            complain(u'carryall get', u'the server wants a login: %s'
                     % (asked or u'it does not say which'))
        target.begin(response)
        progress.expect(target.size, response.length)
        if response.status != 416 or not options.resume:
            yield _copy(response, target)
        progress.end()
        target.complete()
        raise Return(0)
    finally:
        target.close()
        client.close()


@coroutine
def _copy(response, target):
    # type: (Any, _Target) -> Any
    while True:
        piece = yield response.read(PIECE_BYTES)
        if not piece:
            return
        target.write(piece)


class _Target(object):
    """Where the body goes: stdout, or a file that appears when it is complete.

    Attributes:
        size: bytes that are there already, of a part that is resumed.
    """

    def __init__(self, output, resume):
        # type: (str, bool) -> None
        self.path = None if output == u'-' else os.path.abspath(output)
        self.size = 0
        self._file = None           # type: Any
        self._tag = None            # type: Optional[bytes]
        self._resume = resume
        if resume:
            self._look()

    def _look(self):
        # type: () -> None
        """Find out what is there of an earlier try;
        without its tag nobody knows what it is a part of."""
        try:
            with open(self.path + '.part.tag', 'rb') as source:
                self._tag = source.read(MAX_TAG)
            self.size = os.path.getsize(self.path + '.part')
        except (IOError, OSError):
            self.size = 0
        if not self.size or not self._tag:
            self.size = 0

    def fields(self):
        # type: () -> List[Any]
        """The header fields that ask for the rest."""
        return resume_fields(self.size, self._tag) if self.size else []

    def begin(self, response):
        # type: (Any) -> None
        """Open the file, as the response says: from its beginning or from where the part ends."""
        if self.path is None:
            try:
                self._file = octets_of(sys.stdout)
            except (IOError, OSError) as exc:
                raise self._unwritten(exc)
            return
        if self._resume and response.status >= 300 and not (self.size and response.status == 416):
            raise CarryallError(u'the server answered %d; the part stays as it is'
                                % response.status)
        at = resumes_at(response, self.size) if self.size else 0
        tag = validator(response.headers)
        try:
            if not at:
                self.size = 0
                files.remove(self.path + '.part.tag')
            self._file = open(self.path + '.part', 'ab' if at else 'wb')
            if tag is not None and not at and response.status == 200 and not response.decoded:
                with open(self.path + '.part.tag', 'wb') as keep:
                    keep.write(tag)
        except (IOError, OSError) as exc:
            raise CarryallError(u'cannot write %s: %s' % (self.path, exc.strerror))

    def write(self, piece):
        # type: (bytes) -> None
        """Write what came."""
        try:
            self._file.write(piece)
        except (IOError, OSError) as exc:
            raise self._unwritten(exc)

    def _unwritten(self, exc):
        # type: (Any) -> Exception
        if self.path is None:
            return unwritten(sys.stdout, exc)
        return CarryallError(u'cannot write %s: %s' % (self.path, exc.strerror))

    def complete(self):
        # type: () -> None
        """All is there: let the file appear under its name."""
        try:
            self._file.flush()
            if self.path is None:
                return
            files.sync(self._file)
            self._file.close()
            files.replace(self.path + '.part', self.path)
        except (IOError, OSError) as exc:
            raise self._unwritten(exc)
        files.remove(self.path + '.part.tag')

    def close(self):
        # type: () -> None
        """Let go of the file; a part stays for --resume, unless nothing could resume it."""
        if self.path is None or self._file is None:
            return
        try:
            self._file.close()
            if not os.path.exists(self.path + '.part.tag'):
                files.remove(self.path + '.part')
        except FAILURES as exc:
            complain(u'carryall get', u'%s' % (exc,))


# -- what is shown -----------------------------------------------------------
class Progress(object):
    """One line on stderr, written over and over,
    if somebody looks at it and the body goes elsewhere."""

    def __init__(self, output):
        # type: (str) -> None
        self._shown = is_terminal(sys.stderr) and not (output == u'-' and is_terminal(sys.stdout))
        self._before = 0
        self._whole = None          # type: Optional[int]
        self._next = 0.0
        self._any = False

    def expect(self, before, length):
        # type: (int, Optional[int]) -> None
        """What is there already, and how much will come."""
        self._before = before
        self._whole = None if length is None else before + length

    def moved(self, sent, received):
        # type: (int, int) -> None
        """So many octets of the bodies went over the wire."""
        if sent and not received:
            self.show(u'sent', sent, None)
        else:
            self.show(u'received', self._before + received, self._whole)

    def show(self, what, octets, whole):
        # type: (str, int, Optional[int]) -> None
        """So many octets were sent or received, of so many if that is known."""
        if not self._shown or monotonic() < self._next:
            return
        self._next = monotonic() + PROGRESS_SECONDS
        self._any = True
        text = u'%s %s' % (_size(octets), what)
        if whole:
            text += u' of %s, %d %%' % (_size(whole), 100 * octets // whole)
        write_all(sys.stderr, u'\r%-60s' % text)

    def end(self):
        # type: () -> None
        """No more."""
        if self._any:
            write_all(sys.stderr, u'\r%-60s\r' % u'')


def _size(octets):
    # type: (int) -> str
    for unit, factor in ((u'GiB', 1 << 30), (u'MiB', 1 << 20), (u'KiB', 1 << 10)):
        if octets >= factor:
            return u'%.1f %s' % (octets / factor, unit)
    return u'%d B' % octets


def is_terminal(stream):
    # type: (Any) -> bool
    return bool(getattr(stream, 'isatty', bool)())


def _lines(mark, headers):
    # type: (str, Any) -> str
    """The fields, one a line; secrets as ***."""
    shown = u''
    for name, value in headers:
        text = u'***' if name.lower() in SECRET_FIELDS else escape(value)
        shown += u'%s%s: %s\n' % (mark, escape(name), text)
    return shown


def _show_request(method, url, headers):
    # type: (bytes, str, Any) -> None
    location = parse_url(url)
    write_all(sys.stderr, u'> %s %s\n%s' % (escape(method), escape(location.url),
                                            _lines(u'> ', headers)))


def _show_response(response, options):
    # type: (Any, OptionValues) -> None
    text = u''.join(u'* %s\n' % line for line in clienttls.describe(response.via, options))
    text += u''.join(u'< %d, from %s\n' % (status, escape(url)) for status, url in response.history)
    text += u'< %d %s, from %s\n' % (response.status, escape(response.reason), escape(response.url))
    write_all(sys.stderr, text + _lines(u'< ', response.headers))


def _print_head(response):
    # type: (Any) -> None
    text = u'HTTP/%d.%d %d %s\n' % (response.version + (response.status, escape(response.reason)))
    say(text + u''.join(u'%s: %s\n' % (escape(name), escape(value))
                        for name, value in response.headers))
