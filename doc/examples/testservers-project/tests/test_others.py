# Copyright the carryall authors.  See LICENSE.
"""Sockets against all other servers."""
import asyncio
import base64
import os
import socket


def ask(address, question):
    """The octets that come back until the end."""
    with socket.create_connection(address, 20) as connection:
        connection.sendall(question)
        connection.shutdown(socket.SHUT_WR)
        pieces = iter(lambda: connection.recv(65536), b'')
        return b''.join(pieces)


def test_tcp_echoes(tcp_server):
    assert ask(tcp_server.address, b'hello') == b'hello'
    assert tcp_server.received == b'hello'


def test_tcp_answers(tcp_server):
    tcp_server.answer('PING\n', 'PONG\n')
    assert ask(tcp_server.address, b'PING\nPING\n') == b'PONG\nPONG\n'


def test_finger_knows_ann(finger_server):
    finger_server.add('ann', name='Ann B', plan='sail')
    assert b'Ann B' in ask(finger_server.address, b'ann\r\n')


def test_telnet_asks_who_it_is(telnet_server):
    with socket.create_connection(telnet_server.address, 20) as connection:
        assert connection.recv(1000)


def test_socks_connects(socks_server, tcp_server):
    with socket.create_connection(socks_server.address, 20) as connection:
        connection.sendall(b'\x05\x01\x00')
        assert connection.recv(2) == b'\x05\x00'
        connection.sendall(b'\x05\x01\x00\x01' + socket.inet_aton(tcp_server.host)
                           + tcp_server.port.to_bytes(2, 'big'))
        assert connection.recv(10)[1] == 0
        connection.sendall(b'through')
        assert connection.recv(7) == b'through'


def test_socks_refuses(socks_server):
    socks_server.fail(b'\x05*', b'\x05\xff')
    assert ask(socks_server.address, b'\x05\x01\x00') == b'\x05\xff'


def test_a_websocket_echoes(websocket_server):
    with socket.create_connection(websocket_server.address, 20) as connection:
        key = base64.b64encode(os.urandom(16))
        connection.sendall(b'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n'
                           b'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
                           b'Sec-WebSocket-Key: ' + key + b'\r\n\r\n')
        assert connection.recv(1000).startswith(b'HTTP/1.1 101 ')
        connection.sendall(b'\x81\x82\x00\x00\x00\x00hi')
        assert connection.recv(4) == b'\x81\x02hi'
    assert websocket_server.wait(1) == ['hi']


def test_pb_speaks_first(pb_server):
    with socket.create_connection(pb_server.address, 20) as connection:
        assert b'pb' in connection.recv(1000)


def test_the_small_services_answer(simple_server):
    assert ask((simple_server.host, simple_server.ports['echo']), b'hello') == b'hello'
    assert ask((simple_server.host, simple_server.ports['daytime']), b'')


def test_a_relay_relays(portforward_server, tcp_server):
    portforward_server.forward('%s:%d' % tcp_server.address)
    assert ask(portforward_server.address, b'hello') == b'hello'


def test_a_coroutine_waits(tcp_server):
    async def talk():
        reader, writer = await asyncio.open_connection(*tcp_server.address)
        writer.write(b'hello')
        pieces = await tcp_server.aio.wait(1)
        writer.close()
        return pieces

    assert asyncio.run(talk()) == [b'hello']
