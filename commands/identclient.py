# Copyright the carryall authors.  See LICENSE.
"""`carryall ident PORT PORT HOST`: asks a machine which user owns a connection.

    carryall ident 6193 23 host.example     its port 6193 is connected to our port 23

Status:   0 there was a name; 1 there was none; 2 the command line is wrong; 130 Ctrl-C.
Tests:    tests/commands/test_identclient.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall.app.options import Argument, HelpRequested, Option, Schema
from carryall.app.optiontypes import Host, Port, Seconds, Text
from carryall.commands.console import show_help, write_all
from carryall.core.codec.printable import clean
from carryall.core.compat import native
from carryall.protocols.ident import PORT, ask
from carryall.runtimes import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

__all__ = ['SCHEMA', 'SUMMARY', 'TRAILER', 'main']

SUMMARY = (u'Asks the ident server of a machine which of its users owns a connection between it '
           u'and this machine.')
TRAILER = (u'the answer is worth as much as that machine is trusted\n'
           u'status: 0 there was a name; 1 there was none; 2 the command line is wrong')

SCHEMA = Schema([
    Option('port', Port(1), short='p', default=str(PORT), help='port of the ident server'),
    Option('timeout', Seconds(0.001), short='m', default='30s', help='how long it may take in all'),
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], arguments=[Argument('theirs', Port(1), help='port of the connection on that machine'),
              Argument('ours', Port(1), help='its port on this machine'),
              Argument('host', Host(), help='the machine to ask')],
    examples=[('carryall ident 6193 23 host.example',
               'the user whose connection from port 6193 has reached our port 23')])


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    try:
        options = SCHEMA.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall ident', SCHEMA, SUMMARY, TRAILER)
    host = native(options.host.encode('ascii', 'replace').decode('ascii'))
    loop = choose(options.backend and native(options.backend))
    try:
        found = loop.run_until(ask(loop, host, options.theirs, options.ours, options.port,
                                   options.timeout))
    finally:
        loop.close()
    write_all(sys.stdout, clean(found.user.decode('utf-8', 'replace')) + u'\n')
    return 0
