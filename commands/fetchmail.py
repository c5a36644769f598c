# Copyright the carryall authors.  See LICENSE.
"""`carryall fetchmail`: fetches new mail by POP3 into a maildir.

    carryall fetchmail --server mail.example --tls must --user anna Maildir
    carryall fetchmail --server 127.0.0.1:8110 --user anna --no-keep Maildir

New messages are recognized by their unique-ids, which are kept in FOLDER/.carryall-seen.  Messages
stay on the server unless --no-keep is given; then each is deleted once it is on the disk here.

Status:   0 all new messages were fetched; 1 some were not; 2 the command line is wrong; 130 Ctrl-C.
Secrets:  a password comes from the environment (CARRYALL_PASSWORD) or the terminal, never from the
          command line.
Tests:    tests/commands/test_fetchmail.py
"""
from __future__ import absolute_import, division, print_function


from carryall.apps.fetchmail import MailFetcher
from carryall.commands.clienttls import ready
from carryall.commands.console import say, show_help
from carryall.commands.clientpassword import PASSWORD_VARIABLE, read_password
from carryall.commands.proxied import through
from carryall.core.compat import native, to_bytes
from carryall.core.future import Return, coroutine, with_timeout
from carryall.app.optiontypes import Choice, Place, Seconds, Size, Text
from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.core.tls import TLSContext
from carryall.protocols.pop3 import connect
from carryall.runtimes import choose
from carryall.services.mail.options import Folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['fetch', 'main']

SUMMARY = u'Fetches new mail by POP3 into a maildir.'
TRAILER = (u'status: 0 all new messages were fetched; 1 some were not; 2 the command line is '
           u'wrong\n'
           u'password: from the environment variable %s, or asked for at the terminal'
           % PASSWORD_VARIABLE)

SCHEMA = Schema([
    Option('server', Text(1, 300, 'HOST[:PORT]'), short='s', required=True,
           help='the server; port 110, or 995 with --tls wrapped'),
    Option('user', Text(1, 255, 'NAME'), short='u', required=True, help='the account'),
    Option('tls', Choice(('none', 'may', 'must', 'wrapped')), default='may',
           help='TLS: never, if it is offered, required (STLS), or from the first octet on'),
    Option('trust', Text(1, 4096, 'FILE'),
           help='PEM file of the authorities to trust, in place of those of the machine'),
    Option('proxy', Text(1, 1024, 'URL'),
           help='go through this proxy: socks5h://host:1080, http://host:3128 ...'),
    Flag('clear-auth', help='send the password without TLS too'),
    Option('auth', Text(1, 20, 'WAY'), help='how to log in: APOP, USER, or a mechanism such as '
                                            'PLAIN; default: the best of both sides'),
    Flag('keep', short='k', default=True, help='leave the messages on the server'),
    Flag('all', short='a', help='fetch messages that were fetched before too'),
    Option('max-size', Size(1, 1 << 40), default='256M',
           help='leave larger messages on the server'),
    Option('timeout', Seconds(0.001), short='m', default='10m', help='time limit in all'),
    Flag('quiet', short='q', help='do not print the number of messages'),
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], [Argument('maildir', Folder(), help='the maildir to fetch into; created if it is missing')],
                examples=[
    ('carryall fetchmail --server mail.example --tls must --user anna Maildir',
     'fetch new messages, and leave them on the server')])


def main(words):
    # type: (Sequence[Any]) -> int
    """Runs the command with the words after its name; returns its exit status."""
    try:
        options = SCHEMA.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall fetchmail', SCHEMA, SUMMARY, TRAILER)
    host, port = _place(options)
    password = to_bytes(read_password(options.user))
    loop = choose(options.backend and native(options.backend))
    try:
        count, left = loop.run_until(with_timeout(loop, fetch(loop, host, port, password, options),
                                                  options.timeout))
    finally:
        loop.close()
    if not options.quiet:
        text = u'1 new message' if count == 1 else u'%d new messages' % count
        say(text + (u', %d too large' % left if left else u''))
    return 0


def _place(options):
    # type: (OptionValues) -> Any
    text = options.server
    default = 995 if options.tls == u'wrapped' else 110
    if u':' not in text or text.endswith(u']'):
        text = u'%s:%d' % (text, default)
    host, port = Place().split(text)
    return native(host), port


@coroutine
def _connect(loop, host, port, options):
    # type: (Any, str, int, OptionValues) -> Any
    context = None
    if options.trust or options.tls != u'none':
        context = TLSContext(trust=options.trust, verify=options.tls != u'may')
        ready(context, loop)
    by_proxy = through(loop, options)
    if options.tls == u'wrapped':
        client = yield connect(by_proxy, host, port, tls=context, timeout=options.timeout)
    else:
        client = yield connect(by_proxy, host, port, timeout=options.timeout)
        offered = b'STLS' in client.capabilities and loop.caps.tls
        if options.tls == u'must' or options.tls == u'may' and offered:
            yield client.start_tls(context, host)
    raise Return(client)


@coroutine
def fetch(loop, host, port, password, options):
    # type: (Any, str, int, bytes, OptionValues) -> Any
    """Fetches new messages; a Future of (the number of them, the number that were too large)."""
    fetcher = MailFetcher(loop, options.maildir, host, options.user, options.keep, options.all,
                          options.max_size)
    client = yield _connect(loop, host, port, options)
    try:
        mechanism = native(options.auth).upper() if options.auth else None
        yield client.login(options.user, password, options.clear_auth, mechanism)
        counts = yield fetcher.fetch(client)
        yield client.quit()
    finally:
        client.close()
    raise Return(counts)
