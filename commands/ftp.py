# Copyright the carryall authors.  See LICENSE.
"""The FTP clients: `carryall get ftp://...`, `carryall ftp-get`, `ftp-put`, `ftp-ls`,
`ftp-mirror`; and `ftp-otp`.

`carryall ftp` is the server, so the clients have names of their own.

    carryall ftp-get ftp://host/pub/file -o file        carryall ftp-put file ftp://anna@host/in/
    carryall ftp-ls ftp://host/pub/                     carryall ftp-mirror ftp://host/pub folder

Status:   0 it is done; 1 it failed; 2 the command line cannot be; 130 Ctrl-C.
Secrets:  a password comes from the environment (CARRYALL_PASSWORD) or the terminal, never from the
          command line; against a challenge of one-time passwords it is the pass phrase.
Tests:    tests/commands/test_ftp.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.apps.ftpclient import Errand, fetch, listing, mirror, send
from carryall.commands import clientpassword, proxied
from carryall.commands.clientoutput import check_output, progress_of, target_of
from carryall.commands.clientpassword import read_password
from carryall.commands.clienttls import ready
from carryall.commands.console import FAILED, say, show_help, write_all
from carryall.core.compat import native, to_bytes
from carryall.core.errors import UsageError
from carryall.core.future import Return, coroutine, with_timeout
from carryall.app.optiontypes import Choice, Integer, Path, Seconds, Text
from carryall.core.logs import escape
from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.core.tls import TLSContext
from carryall.protocols.ftp import (
    ALGORITHMS, MAX_COUNT, MAX_PHRASE, MAX_SEED, MIN_PHRASE, PORT, TLS_PORT, Challenge,
    ClientSettings, compute, connect, find_challenge, parse_url, to_words)
from carryall.runtimes import choose
from carryall.services.ftp.otpfile import OTPFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['get_main', 'get_url', 'ls_main', 'mirror_main', 'otp_main', 'put_main']

ANONYMOUS = u'anonymous'
ANONYMOUS_PASSWORD = b'carryall@'
TRAILER = (u'URL: ftp://[name@]host[:port]/path, relative to the folder after the login; //path or '
           u'/%2Fpath from the root.\n'
           u'ftps:// is TLS from the first octet (port 990); ftp:// with --tls asks for it (AUTH '
           u'TLS).\n'
           u'password: from the environment variable CARRYALL_PASSWORD, else asked at the terminal')

_SHARED = [
    Option('user', Text(1, 255, 'NAME'), short='u', help='who is asking, if the URL does not say; '
                                                         'anonymous else'),
    Flag('tls', short='s', help='ask for TLS, and go on with nothing less'),
    Flag('ccc', help='after the login take TLS off the control connection, for firewalls that read '
                     'along; data keeps it'),
    Option('trust', Path('file'),
           help='PEM of the authorities to trust, instead of those of the machine'),
    Flag('insecure', help='take any certificate'),
    Flag('active', help='let the server connect to us for data (PORT)'),
    Flag('believe-pasv',
         help='connect to the address that the server tells, and not to the server'),
    Option('timeout', Seconds(0.001), short='m', help='how long it may take in all'),
    Option('connect-timeout', Seconds(0.001), default='30s',
           help='how long a connection may take to come about'),
    Flag('verbose', short='v', help='show the exchange on stderr'),
    proxied.OPTION,
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
]
_URL = Argument('url', Text(1, 8192), help='ftp://host/path')

GET = Schema(_SHARED + [
    Option('output', Text(1, metavar='FILE'), short='o', default='-',
           help='where it goes; - for stdout'),
    Flag('resume', help='go on with FILE.part if the server still has the same'),
    Flag('text', help='turn line ends (TYPE A)')], [_URL], examples=[
        ('carryall ftp-get ftp://127.0.0.1:2121/readme.txt', 'show a file'),
        ('carryall ftp-get --resume -o big.iso ftp://127.0.0.1:2121/big.iso',
         'go on with a download that broke off')])
PUT = Schema(_SHARED + [
    Flag('resume', help='send what the server has not yet'),
    Flag('append', help='behind what is there'),
    Flag('text', help='turn line ends (TYPE A)')],
             [Argument('file', Path('file'), help='what is sent'), _URL], examples=[
        ('carryall ftp-put report.pdf ftp://anna@127.0.0.1:2121/in/',
         'send a file, under its name')])
LS = Schema(_SHARED + [
    Option('form', Choice(('long', 'names', 'facts')), default='long',
           help='what is shown of each')], [_URL], examples=[
        ('carryall ftp-ls ftp://127.0.0.1:2121/', 'show the folder after the login')])
MIRROR = Schema(_SHARED + [
    Flag('up', help='make the server like the folder, and not the folder like the server'),
    Flag('delete', help='remove what the other has not'),
    Flag('quiet', short='q', help='do not tell what is done')],
    [_URL, Argument('folder', Path('any'), help='the folder here; made if it is not there')],
                examples=[
        ('carryall ftp-mirror ftp://127.0.0.1:2121/pub copy',
         'fetch what is new below pub into the folder copy')])
OTP = Schema([
    Option('count', Integer(2, MAX_COUNT), default='499', help='how many passwords'),
    Option('seed', Text(1, MAX_SEED, 'SEED'), help='letters and digits; by chance unless given'),
    Option('algorithm', Choice(ALGORITHMS), default='sha1', help='of the chain'),
    Option('answer', Text(1, 200, 'CHALLENGE'), help='show what answers a challenge, such as '
                                                     '"otp-sha1 487 ab12345"')],
    [Argument('file', Path('new'), help='file of one-time passwords; made if it is not there',
              required=False),
     Argument('name', Text(1, 255), help='account', required=False)], examples=[
        ('carryall ftp-otp otp.txt anna', 'begin a chain of passwords for anna'),
        ('carryall ftp-otp --answer "otp-sha1 487 ab12345"', 'the response, as six words')])

GET_SUMMARY = u'Fetches a file by FTP.'
LS_SUMMARY = u'Shows what a folder of an FTP server holds.'
MIRROR_SUMMARY = u'Makes a folder like one of an FTP server.'
PUT_SUMMARY = u'Sends a file by FTP.'
OTP_SUMMARY = u'Keeps one-time passwords (RFC 2289).'


def get_main(words):
    # type: (Sequence[Any]) -> int
    """`carryall ftp-get`."""
    return _main(u'carryall ftp-get', GET, GET_SUMMARY, words, _get, _check_target)


def put_main(words):
    # type: (Sequence[Any]) -> int
    """`carryall ftp-put`."""
    return _main(u'carryall ftp-put', PUT, PUT_SUMMARY, words, _put, _check_source)


def ls_main(words):
    # type: (Sequence[Any]) -> int
    """`carryall ftp-ls`."""
    return _main(u'carryall ftp-ls', LS, LS_SUMMARY, words, _ls)


def mirror_main(words):
    # type: (Sequence[Any]) -> int
    """`carryall ftp-mirror`."""
    return _main(u'carryall ftp-mirror', MIRROR, MIRROR_SUMMARY, words, _mirror)


def get_url(options):
    # type: (OptionValues) -> int
    """`carryall get` with a URL of FTP: what its options say that means something here."""
    own = GET.defaults()
    own.output = options.output
    own.resume = options.resume
    own.user = options.user
    own.proxy = options.proxy
    own.url = options.url
    own.timeout = options.timeout
    own.connect_timeout = options.connect_timeout
    own.verbose = options.verbose
    own.backend = options.backend
    return _run(own, _get)


def _main(name, schema, summary, words, work, check=None):
    # type: (str, Schema, str, Sequence[Any], Any, Any) -> int
    try:
        options = schema.parse(words)
    except HelpRequested as asked:
        return show_help(asked, name, schema, summary, TRAILER)
    if check is not None:
        check(options)
    return _run(options, work)


def _check_target(options):
    # type: (OptionValues) -> None
    """UsageError unless a fetched file has a place."""
    if options.resume and options.output == u'-':
        raise UsageError(u'--resume needs --output FILE')
    check_output(options.output)


def _check_source(options):
    # type: (OptionValues) -> None
    """UsageError unless there is a file to send."""
    for problem in Path('file').problems(options.file):
        raise UsageError(problem)


def _run(options, work):
    # type: (OptionValues, Any) -> int
    location = parse_url(options.url)
    if options.proxy is not None and options.active:
        raise UsageError(u'with --proxy the server cannot connect to us: --active cannot be')
    if options.ccc and not (options.tls or location.implicit):
        raise UsageError(u'--ccc needs TLS: --tls, or a URL of ftps')
    name = location.name or options.user
    password = to_bytes(read_password(name)) if name not in (None, ANONYMOUS) \
        else ANONYMOUS_PASSWORD
    loop = choose(options.backend and native(options.backend))
    try:
        done = _session(proxied.through(loop, options), options, location, name or ANONYMOUS,
                        password, work)
        if options.timeout is not None:
            done = with_timeout(loop, done, options.timeout, u'it took longer than %g seconds'
                                % options.timeout)
        return loop.run_until(done)
    finally:
        loop.close()


@coroutine
def _session(loop, options, location, name, password, work):
    # type: (Any, OptionValues, Any, str, bytes, Any) -> Any
    """Connects, logs in, works, says goodbye; a Future of the status."""
    context = None
    if location.implicit or options.tls:
        context = ready(TLSContext(trust=options.trust, verify=not options.insecure), loop)
    port = location.port or (TLS_PORT if location.implicit else PORT)
    settings = ClientSettings(passive=not options.active, believe_address=options.believe_pasv)
    session = yield connect(loop, native(location.host), port,
                            tls=context if location.implicit else None,
                            starttls=None if location.implicit else context,
                            timeout=options.connect_timeout, settings=settings,
                            watch=_show if options.verbose else None)
    try:
        yield session.login(name, password)
        if options.ccc:
            yield session.clear()
        yield session.features()
        status = yield work(loop, session, options, location)
        yield session.quit()
    finally:
        session.close()
    raise Return(status)


def _show(mark, line):
    # type: (str, bytes) -> None
    write_all(sys.stderr, u'%s %s\n' % (mark, escape(line.decode('utf-8', 'replace'))))


# -- what is done in a session ------------------------------------------------

@coroutine
def _get(loop, session, options, location):
    # type: (Any, Any, OptionValues, Any) -> Any
    errand = Errand(loop, session, options.text, options.resume)
    yield fetch(errand, location.path, target_of(options.output), progress_of(options.output))
    raise Return(0)


@coroutine
def _put(loop, session, options, location):
    # type: (Any, Any, OptionValues, Any) -> Any
    errand = Errand(loop, session, options.text, options.resume)
    yield send(errand, options.file, location.path, progress_of(u''), options.append)
    raise Return(0)


@coroutine
def _ls(loop, session, options, location):
    # type: (Any, Any, OptionValues, Any) -> Any
    lines = yield listing(Errand(loop, session), location.path, options.form)
    for line in lines:
        say(line)
    raise Return(0)


@coroutine
def _mirror(loop, session, options, location):
    # type: (Any, Any, OptionValues, Any) -> Any
    tell = None if options.quiet else _tell
    outcome = yield mirror(Errand(loop, session), location.path, options.folder, options.up,
                           options.delete, tell)
    say(u'%d %s (%d octets), %d the same, %d removed, %d left out' % (
        outcome.sent, u'sent' if options.up else u'fetched', outcome.octets, outcome.same,
        outcome.removed, outcome.left_out))
    raise Return(FAILED if outcome.left_out else 0)


def _tell(verb, path):
    # type: (str, str) -> None
    say(u'%s %s' % (verb, path))


# -- one-time passwords ------------------------------------------------------

def otp_main(words):
    # type: (Sequence[Any]) -> int
    """`carryall ftp-otp`."""
    try:
        options = OTP.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall ftp-otp', OTP, OTP_SUMMARY)
    if options.answer is not None:
        challenge = find_challenge(options.answer.encode('utf-8'))
        if challenge is None:
            raise UsageError(u'"%s" is no challenge such as "otp-sha1 487 ab12345"'
                             % options.answer)
        say(to_words(compute(challenge, _phrase())).decode('ascii'))
        return 0
    if options.file is None or options.name is None:
        raise UsageError(u'a file and a name must be given, or --answer')
    seed = options.seed or _chance()
    if not seed.isalnum() or len(seed.encode('utf-8')) != len(seed):
        raise UsageError(u'a seed is letters and digits')
    challenge = Challenge(native(options.algorithm), options.count, seed.lower().encode('ascii'))
    phrase = _phrase()
    if not MIN_PHRASE <= len(phrase) <= MAX_PHRASE:
        raise UsageError(u'a pass phrase has %d to %d characters' % (MIN_PHRASE, MAX_PHRASE))
    OTPFile(options.file).set(options.name, challenge.algorithm, challenge.count, challenge.seed,
                              compute(challenge, phrase))
    say(u'%s has %d one-time passwords, from %s on down' % (options.name, challenge.count - 1,
                                                            u'%d' % (challenge.count - 1)))
    return 0


def _chance():
    # type: () -> str
    """A random seed: two letters and five digits."""
    octets = bytearray(os.urandom(8))
    letters = u''.join(u'abcdefghijklmnopqrstuvwxyz'[octet % 26] for octet in octets[:2])
    return letters + u''.join(u'%d' % (octet % 10) for octet in octets[2:7])


def _phrase():
    # type: () -> bytes
    return to_bytes(clientpassword.ask(u'the pass phrase', u'Pass phrase: '))
