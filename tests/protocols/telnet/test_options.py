# Copyright the carryall authors.  See LICENSE.
"""Telnet options of RFC 859, 860, 1073, 1079, 1091, 1096, 1372, 1572 and 2066; client against
server at any chunking."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.telnet import mud, options, wire
from carryall.protocols.telnet.linemode import LineMode
from carryall.protocols.telnet.session import Option
from tests.protocols.telnet.pairs import Pair


def told(client, server, number, chunk=None):
    """The answers that a server hears when it asks a client to do an option."""
    pair = Pair([client], [server], chunk)
    pair.server.ask_peer(number)
    pair.run()
    return [value for known, value in pair.server.values if known == number], pair


@pytest.mark.parametrize('chunk', [None, 1])
def test_naws_tells_the_window(chunk):
    values, pair = told(options.Window(True, False, 132, 255), options.Window(), wire.NAWS, chunk)
    assert values == [(132, 255)] and b'\xff\xfa\x1f\0\x84\0\xff\xff\xff\xf0' in pair.carried[0], \
        'RFC 1073: 255 is doubled'
    pair.client.options[wire.NAWS].tell(pair.client, 100000, 40)
    assert pair.run().server.values[-1] == (wire.NAWS, (65535, 40))
    pair.client.send_sub(wire.NAWS, b'\0\1')
    assert len(pair.run().server.values) == 2, 'a size of two octets'


@pytest.mark.parametrize('names, heard', [
    ([b'xterm'], [[b'XTERM'], [b'XTERM']]),
    ([b'TINTIN++', b'xterm-256color', b'MTTS 13'],
     [[b'TINTIN++'], [b'TINTIN++', b'XTERM-256COLOR', b'MTTS 13']])])
def test_ttype_tells_the_terminal_types(names, heard):
    values, _ = told(options.TerminalType(True, False, names), options.TerminalType(),
                     wire.TTYPE, 1)
    assert values == heard


def test_ttype_for_ever():
    class Endless(options.TerminalType):
        count = 0

        def tell(self):
            self.count += 1
            return b'T%d' % self.count

    values, _ = told(Endless(True, False), options.TerminalType(), wire.TTYPE)
    assert len(values[-1]) == options.MAX_TYPES


def test_tspeed_and_xdisploc():
    assert told(options.Speed(True, False, (9600, 300)), options.Speed(), wire.TSPEED)[0] \
        == [(9600, 300)]
    assert told(options.XDisplay(True, False, b'host:0.1'), options.XDisplay(), wire.XDISPLOC)[0] \
        == [b'host:0.1']
    _, pair = told(options.Speed(True, False), options.Speed(), wire.TSPEED)
    for wrong in (b'\0', b'\0' + b'x,y', b'\0' + b'1', b'\0' + b'-1,2', b'\7', b''):
        pair.client.send_sub(wire.TSPEED, wrong)
    assert len(pair.run().server.values) == 1


def test_environment_tells_the_variables():
    variables = {b'USER': b'ann', b'ODD\1NAME': b'va\0l\2ue\xff', b'EMPTY': b''}
    values, pair = told(options.Environment(True, False, variables), options.Environment(),
                        wire.NEW_ENVIRON, 1)
    assert values == [variables], 'marks within a value (RFC 1572 section 2)'
    values, pair = told(options.Environment(True, False, variables),
                        options.Environment(wanted=[b'USER', b'HOME']), wire.NEW_ENVIRON)
    assert values == [{b'USER': b'ann'}], 'what was not asked for is told'
    pair.client.send_sub(wire.NEW_ENVIRON, b'\2\3X\1y')
    assert pair.run().server.values[-1] == (wire.NEW_ENVIRON, {b'X': b'y'}), 'INFO'
    count = len(pair.server.values)
    for wrong in (b'\0X', b'\7', b'', b'\0' + b'\3' * 300):
        pair.client.send_sub(wire.NEW_ENVIRON, wrong)
    assert len(pair.run().server.values) == count


@pytest.mark.parametrize('ours, theirs, agreed', [
    ([b'UTF-8', b'US-ASCII'], [b'ISO-8859-1', b'us-ascii'], b'US-ASCII'),
    ([b'UTF-8'], [b'KOI8-R'], None)])
def test_charset_the_server_asks(ours, theirs, agreed):
    """The side that sends WILL makes the request, and the other side picks (RFC 2066)."""
    pair = Pair([options.Charset(theirs, asking=False)], [options.Charset(ours)], 1)
    pair.server.ask_us(wire.CHARSET)
    pair.run()
    assert pair.server.values == [(wire.CHARSET, agreed)]
    assert pair.client.values == ([(wire.CHARSET, agreed)] if agreed else [])


def test_charset_the_client_asks():
    pair = Pair([options.Charset([b'KOI8-R', b'UTF-8'])],
                [options.Charset([b'UTF-8'], asking=False)])
    pair.client.ask_us(wire.CHARSET)
    pair.run()
    assert pair.client.values == pair.server.values == [(wire.CHARSET, b'UTF-8')]


def test_charset_both_ask():
    pair = Pair([options.Charset([b'UTF-8'])], [options.Charset([b'UTF-8'])])
    pair.client.ask_us(wire.CHARSET)
    pair.server.ask_us(wire.CHARSET)
    pair.run()
    assert pair.client.values == pair.server.values == [(wire.CHARSET, None)], \
        'each rejects the other, nobody loops'


def test_charset_odd_requests():
    pair = Pair([options.Charset(asking=False)], [options.Charset(asking=False)])
    pair.client.ask_us(wire.CHARSET)
    pair.run()
    for request, answer in ((b'\1[TTABLE]\1;UTF-8', b'\2UTF-8'), (b'\1', b'\3'), (b'\1;', b'\3'),
                            (b'\4table', b'\5')):
        pair.carried[1] = b''
        pair.client.send_sub(wire.CHARSET, request)
        pair.run()
        assert pair.carried[1] == wire.format_sub(wire.CHARSET, answer), request


def test_flow_control_is_set_by_the_server():
    pair = Pair([options.FlowControl()], [options.FlowControl(False, True)])
    pair.server.ask_peer(wire.LFLOW)
    pair.run()
    for number in (0, 1, 2, 3):
        pair.server.options[wire.LFLOW].tell(pair.server, number)
    pair.server.send_sub(wire.LFLOW, b'\4')
    pair.run()
    assert [value for _, value in pair.client.values] == ['off', 'on', 'restart any', 'restart xon']


def test_status_tells_the_options():
    pair = Pair([Option(wire.SGA), options.Status(False, True)],
                [Option(wire.SGA), options.Status(True, False)], 1)
    pair.server.ask_us(wire.SGA)
    pair.client.ask_peer(wire.STATUS)
    pair.run()
    pair.client.options[wire.STATUS].ask(pair.client)
    pair.run()
    assert pair.client.values == [(wire.STATUS, ([wire.SGA, wire.STATUS], []))]
    assert options._parse_status(b'\xfb\1\xfa\x18\0xterm\xf0\xfd\3\xfd') == ([1], [3]), \
        'what options say is passed over'


def test_timing_mark_is_answered_each_time():
    pair = Pair([options.TimingMark()], [options.TimingMark()])
    for count in (1, 2, 3):
        pair.client.ask_peer(wire.TIMING_MARK)
        pair.run()
        assert pair.client.values == [(wire.TIMING_MARK, 'theirs')] * count, \
            'each mark is answered (RFC 860)'


# Options, and subnegotiations of each that the client cannot mean: it does the server's part, or
# answers a request that was not made.
UNMEANT = [
    (options.Charset(asking=False), wire.CHARSET, b'\x02UTF-8'),
    (options.Charset(asking=False), wire.CHARSET, b'\x03'),
    (options.FlowControl(False, True), wire.LFLOW, b'\0'),
    (mud.ServerStatus(), wire.MSSP, b'\1NAME\2x'),
    (options.Status(), wire.STATUS, b'\0\xfb\1')]


@pytest.mark.parametrize('option, number, data', UNMEANT)
def test_a_meaningless_subnegotiation_is_ignored(option, number, data):
    pair = Pair([Option(number)], [option])
    pair.client.ask_us(number)
    pair.client.ask_peer(number)
    pair.run()
    before = list(pair.server.values)
    pair.client.send_sub(number, data)
    pair.run()
    assert pair.server.values == before


def test_a_window_size_of_a_server_is_passed_over():
    pair = Pair([options.Window(True, False)], [Option(wire.NAWS)])
    pair.server.ask_peer(wire.NAWS)
    pair.run()
    pair.server.send_sub(wire.NAWS, b'\0\x10\0\x10')
    pair.run()
    assert pair.client.values == []


def test_a_forward_mask_of_a_client_is_not_confirmed():
    pair = Pair([Option(wire.LINEMODE)], [LineMode()])
    pair.server.ask_peer(wire.LINEMODE)
    pair.run()
    pair.carried[1] = b''
    pair.client.send_sub(wire.LINEMODE, b'\xfd\x02\xff')
    pair.run()
    assert pair.carried[1] == b''


@pytest.mark.parametrize('option, number, data, value', [
    (options.Speed(), wire.TSPEED, b'\x009600,9600', (9600, 9600)),
    (options.XDisplay(), wire.XDISPLOC, b'\0a:0', b'a:0')])
def test_an_answer_counts_once(option, number, data, value):
    pair = Pair([Option(number)], [option])
    pair.server.ask_peer(number)
    pair.run()
    for _ in range(3):
        pair.client.send_sub(number, data)
    pair.run()
    assert pair.server.values == [(number, value)]


def test_terminal_types_that_come_faster_than_they_are_asked_for():
    """RFC 1091: each name answers a SEND; so many names cannot make us send without end."""
    pair = Pair([Option(wire.TTYPE)], [options.TerminalType()])
    pair.server.ask_peer(wire.TTYPE)
    pair.run()
    pair.carried[1] = b''
    for number in range(50):
        pair.client.send_sub(wire.TTYPE, b'\0T%d' % number)
    pair.run()
    assert pair.carried[1].count(b'\x18\x01') == options.MAX_TYPES
