# Copyright the carryall authors.  See LICENSE.
"""`carryall finger USER@HOST`: asks about a person.

What comes back is shown clean (RFC 1288 section 3.3).

    carryall finger ann@host.example        carryall finger -l @host.example

The server is `carryall serve finger`.  Without a USER@HOST these words are an alias of it.
Status:   0 there was an answer; 1 there was none; 2 the command line cannot be; 130 Ctrl-C.
Tests:    tests/commands/test_fingerclient.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.commands import proxied
from carryall.commands.console import show_help, write_all
from carryall.commands.sharedwords import seems_meant
from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.app.optiontypes import Host, Port, Seconds, Text
from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.protocols.finger import MAX_HOPS, Query, clean, fetch
from carryall.runtimes import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Sequence, Tuple

__all__ = ['main', 'query_of', 'seems_meant']

SUMMARY = u'Asks a finger server about a person, or about all.'
TRAILER = (u'without USER@HOST it is the server: "carryall serve finger --help" shows its options\n'
           u'status: 0 there was an answer; 1 there was none; 2 the command line cannot be')

SCHEMA = Schema([
    Flag('long', short='l', help='ask for more'),
    Option('port', Port(1), short='p', default='79', help='port to ask at'),
    Option('timeout', Seconds(0.001), short='m', default='1m', help='how long it may take in all'),
    proxied.OPTION,
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], arguments=[Argument('who', Text(1, 512), help='USER@HOST, or @HOST for all; USER@ONE@TWO has '
                                                 'TWO ask ONE')], examples=[
    ('carryall finger ann@host.example', 'ask about ann'),
    ('carryall finger -l @host.example', 'who is there, at length')])


def query_of(who, verbose):
    # type: (str, bool) -> Tuple[Query, str]
    """(what to ask, whom)."""
    parts = who.split(u'@')
    if len(parts) < 2 or not all(parts[1:]) or len(parts) > MAX_HOPS + 1 \
            or any(char <= u' ' for char in who):
        raise UsageError(u'"%s" is not of the form USER@HOST' % who)
    octets = [part.encode('utf-8') for part in parts]
    try:
        host = Host().parse(parts[-1])
        return Query(octets[0], octets[1:-1], verbose), native(host.encode('ascii'))
    except UnicodeError:
        raise UsageError(u'"%s" is no host name' % parts[-1])


def main(words):
    # type: (Sequence[Any]) -> Optional[int]
    """The command, with the words after its name; None if they are for the service."""
    if u'--help' in words or '-h' in words:
        return show_help(HelpRequested(u'all' in words), u'carryall finger', SCHEMA, SUMMARY,
                         TRAILER)
    options = seems_meant(SCHEMA, words)
    if options is None:
        return None
    query, host = query_of(options.who, options.long)
    loop = choose(options.backend and native(options.backend))
    try:
        answer = loop.run_until(fetch(proxied.through(loop, options), query, host, options.port,
                                      options.timeout))
    finally:
        loop.close()
    write_all(sys.stdout, clean(answer.decode('utf-8', 'replace')))
    return 0 if answer else 1
