# Copyright the carryall authors.  See LICENSE.
"""`carryall whois NAME`: asks for the holder of a domain, a network or a number.

It begins at the root server and follows each server that an answer names;
--server asks one server and no other.
Status:   0 there was an answer; 1 there was none; 2 the command line is wrong; 130 Ctrl-C.
Tests:    tests/commands/test_whoisclient.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.commands import proxied
from carryall.commands.console import show_help, write_all
from carryall.core.codec.printable import clean
from carryall.core.compat import native
from carryall.core.errors import ProtocolError, UsageError
from carryall.core.future import Return, coroutine, with_timeout
from carryall.app.optiontypes import Host, Port, Seconds, Text
from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.protocols.whois import ROOT, fetch, follow
from carryall.runtimes import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['main']

SUMMARY = u'Asks whois servers about a domain, a network, a number.'
TRAILER = u'status: 0 there was an answer; 1 there was none; 2 the command line cannot be'

SCHEMA = Schema([
    Option('server', Host(), short='s', help='ask this server alone, not %s and '
                                                           'those it names' % ROOT),
    Option('port', Port(1), short='p', default='43', help='port to ask at'),
    Flag('follow', help='follow the server that the answer of --server names'),
    Flag('all', short='a', help='show the answers on the way too'),
    Option('timeout', Seconds(0.001), short='m', default='1m', help='how long it may take in all'),
    proxied.OPTION,
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], arguments=[Argument('what', Text(1, 400), repeat=True, help='what to ask for; several words are '
                                                               'one query')], examples=[
    ('carryall whois example.org', 'who has the domain'),
    ('carryall whois -s whois.ripe.net 193.0.0.0', 'one server alone')])


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    try:
        options = SCHEMA.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall whois', SCHEMA, SUMMARY, TRAILER)
    loop = choose(options.backend and native(options.backend))
    try:
        return loop.run_until(with_timeout(loop, _ask(proxied.through(loop, options), options),
                                           options.timeout, u'it took longer than %g seconds'
                                           % options.timeout))
    finally:
        loop.close()


@coroutine
def _ask(loop, options):
    # type: (Any, OptionValues) -> Any
    """A Future of the command's status."""
    text = u' '.join(options.what).encode('utf-8')
    host = native((options.server or ROOT).encode('ascii', 'replace').decode('ascii'))
    try:
        if options.server is None or options.follow:
            found = yield follow(loop, text, host, options.port, options.timeout)
        else:
            answer = yield fetch(loop, text, host, options.port, options.timeout)
            found = [(host, options.port, answer)]
    except ProtocolError as exc:
        raise UsageError(exc.message)
    for place in found if options.all else found[-1:]:
        if options.all:
            write_all(sys.stdout, u'# %s:%d\n' % place[:2])
        write_all(sys.stdout, clean(place[2].decode('utf-8', 'replace')))
    raise Return(0 if found[-1][2].strip() else 1)
