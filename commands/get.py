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

from carryall.apps.get import BodyTarget, head_text, request_text, response_text
from carryall.commands import clienttls, proxied
from carryall.commands.catalogue import SCHEMES
from carryall.commands.clientoutput import check_output, progress_of, target_of
from carryall.commands.clientpassword import PASSWORD_VARIABLE, read_password
from carryall.commands.console import FAILED, complain, say, show_help, write_all
from carryall.core.compat import FAILURES, native
from carryall.core.errors import CarryallError, LocalProtocolError, UsageError
from carryall.core.future import Return, coroutine
from carryall.app.home import in_home
from carryall.app.optiontypes import Integer, Pair, Path, Seconds, Text
from carryall.core.logs import escape
from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.protocols.http.client import (HTTPClient, Jar, Login, Settings, Timeouts, is_whole,
                                            named_challenges, parse_netrc, parse_url)
from carryall.core.net.addressguard import AddressGuard
from carryall.runtimes import choose
from carryall.runtimes.clock import wall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['PASSWORD_VARIABLE', 'fetch', 'main', 'read_password']

ALPN = ('http/1.1',)        # RFC 7301 section 6

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
    except HelpRequested as asked:
        return show_help(asked, u'carryall get', SCHEMA, SUMMARY, TRAILER)
    check_output(options.output)
    scheme = options.url.partition(u'://')[0].lower()
    if scheme not in (u'http', u'https'):
        return _other_command(scheme)(options)
    request = _request_of(options)
    loop = choose(options.backend and native(options.backend))
    try:
        return loop.run_until(fetch(proxied.through(loop, options), options, request))
    finally:
        loop.close()


def _other_command(scheme):
    # type: (str) -> Any
    """The function that fetches URLs of a scheme of another protocol.

    Raises:   UsageError: no protocol has the scheme.
    """
    for name, module, function in SCHEMES:
        if name == scheme:
            return getattr(__import__(module, None, None, [function]), function)
    schemes = [u'http', u'https'] + [name for name, _, _ in SCHEMES]
    raise UsageError(u'the scheme of a URL is one of %s' % u', '.join(schemes))


def _request_of(options):
    # type: (OptionValues) -> Dict[str, Any]
    """The request that the options describe; UsageError if they are not possible."""
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
    target = BodyTarget(target_of(options.output), options.resume)
    try:
        headers = request['headers'] + target.fields()
        if options.verbose:
            write_all(sys.stderr, request_text(request['method'], options.url, headers))
        progress = progress_of(options.output)
        try:
            response = yield client.request(request['method'], options.url, headers,
                                            request['body'], request['auth'],
                                            options.follow, options.compressed,
                                            progress=progress.moved)
        except LocalProtocolError as exc:
            raise UsageError(exc.message)
        if options.verbose:
            write_all(sys.stderr, response_text(
                response, clienttls.describe(response.via, options)))
        if options.fail and response.status >= 400 \
                and not (options.resume and response.status == 416):
            complain(u'carryall get', u'the server answered %d %s'
                     % (response.status, escape(response.reason)))
            raise Return(FAILED)
        if request['method'] == b'HEAD':
            say(head_text(response))
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
            yield target.copy(response)
        progress.end()
        target.complete()
        raise Return(0)
    finally:
        _close(target)
        client.close()


def _close(target):
    # type: (BodyTarget) -> None
    try:
        target.close()
    except FAILURES as exc:
        complain(u'carryall get', u'%s' % (exc,))
