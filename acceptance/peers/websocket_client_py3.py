# Copyright the carryall authors.  See LICENSE.
"""A WebSocket client by the Python package websocket-client, which sends an Origin made of the URL
unless told otherwise.

    websocket_client_py3.py URL         talks to a server that sends messages back;
                                        status 0 if all was right
"""
import sys

# The package is called websocket, and so is a peer in this folder.
del sys.path[0]

import websocket        # noqa: E402


def check(right, what):
    """One line."""
    if not right:
        raise AssertionError(what)
    print('right: ' + what, flush=True)


def refused(url, **options):
    """The status that a handshake is refused with."""
    try:
        websocket.create_connection(url, timeout=20, **options)
    except websocket.WebSocketBadStatusException as exc:
        return exc.status_code
    return None


def talk(url):
    """Messages, an origin of elsewhere, an application that fails."""
    there = websocket.create_connection(url, timeout=20)
    for message in ('', 'a', '\u20ac' * 70000):
        there.send(message)
        check(there.recv() == message, '%d back' % len(message))
    there.send_binary(b'\0\xff')
    check(there.recv() == b'\0\xff', 'octets back')
    there.close()
    check(refused(url, origin='http://evil.example') == 403, 'a page of another origin is refused')
    check(refused(url, origin='http://evil.example', host='evil.example') == 403,
          'so is a name that was rebound')
    there = websocket.create_connection(url + 'failing', timeout=20)
    there.send('x')
    opcode, data = there.recv_data()
    check((opcode, data[:2]) == (websocket.ABNF.OPCODE_CLOSE, b'\x03\xf3'),
          'an application that fails is told as 1011')
    print('all right', flush=True)


if __name__ == '__main__':
    talk(sys.argv[1])
