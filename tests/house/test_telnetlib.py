# Copyright the carryall authors.  See LICENSE.
"""The stand-in for telnetlib, against a server in a thread; where Python still has the real one,
side by side with it."""
from __future__ import absolute_import, division, print_function

import re
import warnings

import pytest

from carryall import telnetlib
from carryall.core.net.protocol import Protocol
from carryall.pytest_plugin import Servers
from tests.support import interpreter

GREETING = b'\xff\xfb\x01\xff\xfd\x18Welcome\r\nlogin: '


class Server(Protocol):
    """Greets, notes what it hears, says it back in capitals, and goes on "bye"."""

    heard = b''

    def connection_made(self, transport):
        self.transport = transport
        transport.write(GREETING)

    def data_received(self, data):
        Server.heard += data
        self.transport.write(data.replace(b'\xff\xfe\x01', b'').replace(
            b'\xff\xfc\x18', b'').upper())
        if b'bye' in data:
            self.transport.close()


@pytest.fixture
def address():
    Server.heard = b''
    with Servers() as servers:
        yield servers.tcp(Server)


def clients():
    found = [telnetlib.Telnet]
    try:
        # Where it still is, the real one must do the same;
        # Jython's stands on sockets that do not work.
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            real = __import__('telnet' + 'lib').Telnet
        if not interpreter.JYTHON:
            found.append(real)
    except ImportError:
        pass
    return found


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('client_class', clients())
def test_a_dialogue_reads_and_writes(address, client_class):
    client = client_class(address[0], address[1], 10)
    assert client.read_until(b'login: ', 10) == b'Welcome\r\nlogin: '
    client.write(b'ann\n')
    assert client.read_until(b'ANN\n', 10) == b'ANN\n'
    assert client.read_until(b'never', 0.2) == b''
    client.write(b'one two\n')
    index, match, data = client.expect([b'nothing', re.compile(b'T(W)O')], 10)
    assert (index, match.group(1), data) == (1, b'W', b'ONE TWO')
    assert client.read_some() == b'\n'
    client.write(b'x\n')
    index, match, data = client.expect([b'never'], 0.3)
    assert (index, match, data) == (-1, None, b'X\n')
    client.write(b'bye\n')
    assert client.read_all() == b'BYE\n'
    with pytest.raises(EOFError):
        client.read_very_eager()
    client.close()


def test_negotiation_reaches_the_callback(address):
    client = telnetlib.Telnet(address[0], address[1])
    client.read_until(b'login: ', 10)
    client.write(b'\xff\n')
    client.read_until(b'\xff\n', 10)
    assert b'\xff\xfe\x01' in Server.heard and b'\xff\xfc\x18' in Server.heard \
        and b'\xff\xff\n' in Server.heard
    client.close()
    seen = []
    client = telnetlib.Telnet()
    client.set_option_negotiation_callback(lambda who, verb, option: seen.append((verb, option)))
    client.open(address[0], address[1])
    client.read_until(b'login: ', 10)
    assert seen == [(telnetlib.WILL, telnetlib.ECHO), (telnetlib.DO, telnetlib.TTYPE)]
    client.close()


def test_the_constants_have_their_values():
    assert (telnetlib.IAC, telnetlib.SB, telnetlib.SE, telnetlib.GA) == (b'\xff', b'\xfa', b'\xf0',
                                                                         b'\xf9')
    assert (telnetlib.ECHO, telnetlib.TTYPE, telnetlib.NAWS, telnetlib.NEW_ENVIRON) \
        == (b'\x01', b'\x18', b'\x1f', b'\x27')


def test_a_refused_connection_is_an_error():
    with Servers() as servers:
        address = servers.tcp(Server)
    with pytest.raises(OSError):
        telnetlib.Telnet(address[0], address[1], 5)


def test_eager_and_lazy(address):
    with telnetlib.Telnet(address[0], address[1], 5) as client:
        client.read_until(b'login: ', 10)
        assert client.read_very_eager() == b'' == client.read_eager() == client.read_lazy() \
            == client.read_very_lazy()
        client.write(b'abc')
        assert client.read_until(b'C', 10) == b'ABC'
    with pytest.raises(OSError):
        client.write(b'too late')
