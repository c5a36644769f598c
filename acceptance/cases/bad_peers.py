# Copyright the carryall authors.  See LICENSE.
"""Bad peers meet the documented refusal, in bounded memory and time, and the server serves on."""
import socket
import struct
import threading
import time

from acceptance.stage import receive_all

PROVES = ['HTS-03', 'HTS-04', 'X-04', 'X-05', 'X-07', 'X-08']
NEEDS = ['curl']
# Octets of resident memory that a gigabyte of rubbish may cost; a JVM's heap breathes.
GROWTH = 48 << 20
HEAD = b'GET / HTTP/1.1\r\nHost: a\r\n'


def status_of(answer):
    """The status code of a response, as bytes; b'' if there is none."""
    return answer[9:12] if answer.startswith(b'HTTP/1.') else b''


def say(stage, address, data):
    """Sends *data*, half-closes, and returns all that comes back."""
    with stage.connect(address) as sock:
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        except OSError:  # refused while we were still talking: what was said is there all the same
            pass
        return receive_all(sock)


# Header names whose hashes are the same on a JVM: products of Aa and BB.
COLLIDING = [b''.join(b'BB' if number >> bit & 1 else b'Aa' for bit in range(12))
             for number in range(4096)]

# What is sent, and the status that it must get (b'' for none:
# the connection is closed without a word).
REFUSALS = [
    (b'\x00\x01\x02\x03garbage\r\n\r\n', b'400'),
    (b'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', b'400'),
    (b'GET / HTTP/1.1\r\n\r\n', b'400'),
    (b'GET / HTTP/9.9\r\nHost: a\r\n\r\n', b'505'),
    (b'FROB / HTTP/1.1\r\nHost: a\r\n\r\n', b'501'),
    (b'GET /' + b'a' * 20000 + b' HTTP/1.1\r\nHost: a\r\n\r\n', b'414'),
    (HEAD + b'X: ' + b'y' * 200000 + b'\r\n\r\n', b'431'),
    (HEAD + b''.join(b'H%d: x\r\n' % number for number in range(100000)) + b'\r\n', b'431'),
    (HEAD + b''.join(b'%s: x\r\n' % name for name in COLLIDING) + b'\r\n', b'431'),
    (HEAD + b'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', b'400'),
    (HEAD + b'Bad Name: x\r\n\r\n', b'400'),
    (HEAD + b' folded: x\r\n\r\n', b'400'),
    (b'GET / HTTP/1.1\nHost: a\n\n', b'400'),
]


def flood(stage, address, octets):
    """One line without an end, of so many octets or until the server has had enough; the answer."""
    block = b'a' * 65536
    with stage.connect(address) as sock:
        sent = 0
        try:
            while sent < octets:
                sent += sock.send(block)
        except OSError:
            pass
        return receive_all(sock), sent


def trickle(stage, address, answers):
    """A byte a second, for ever; notes the answer and how long it took."""
    begin = time.monotonic()
    with stage.connect(address, 90.0) as sock:
        sock.settimeout(1.0)
        data = b''
        rest = iter(HEAD * 100)
        while time.monotonic() - begin < 80.0:
            try:
                sock.sendall(bytes([next(rest)]))
                piece = sock.recv(65536)
            except socket.timeout:
                continue
            except OSError:
                break
            if not piece:
                break
            data += piece
    answers.append((data, time.monotonic() - begin))


def reset(stage, address, data):
    """Sends *data* and breaks the connection with a reset."""
    sock = stage.connect(address)
    sock.sendall(data)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    sock.close()


def run(stage):
    """All of them against one server."""
    stage.write('site/index.html', b'still here\n')
    server = stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1')
    address = server.address()
    answers = []
    slow = threading.Thread(target=trickle, args=(stage, address, answers))
    slow.start()
    for data, expected in REFUSALS:
        answer = say(stage, address, data)
        stage.demand(status_of(answer) == expected, '%r... got %r and not %r', data[:60],
                     answer[:60], expected)
    half = say(stage, address, HEAD)
    stage.demand(status_of(half) in (b'', b'400'), 'half a head got %r', half[:60])
    say(stage, address, HEAD + b'\r\n')  # warm, so that the memory below is not the first request's
    if stage.runtime.kind != 'cpython':
        # A JVM goes once through its young heap, PyPy to its first collection, whatever passes.
        flood(stage, address, 1 << 28)
    before = server.resident_bytes()
    answer, sent = flood(stage, address, 1 << 30)
    # A method that no one knows, for no blank ends it.
    stage.demand(status_of(answer) in (b'', b'501'), 'a gigabyte in one line got %r', answer[:60])
    grown = server.resident_bytes() - before
    stage.demand(grown < GROWTH, 'a line of %d octets cost %d octets of memory', sent, grown)
    for data in (b'', b'GE', HEAD, HEAD + b'\r\n', HEAD + b'Content-Length: 100\r\n\r\nabc',
                 (HEAD + b'\r\n') * 500):
        reset(stage, address, data)
    slow.join()
    data, seconds = answers[0]
    stage.demand(seconds < 60.0 and status_of(data) in (b'408', b''),
                 'a trickle lasted %.0f s and got %r', seconds, data[:60])
    got = stage.foreign('curl', '-sS', 'http://%s:%d/' % address)
    stage.demand(got == b'still here\n', 'afterwards it serves %r', got)
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                 server.output[-4000:])
    server.stop()
