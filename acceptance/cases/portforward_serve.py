# Copyright the carryall authors.  See LICENSE.
"""carryall portforward: the old options, half-close, 256 MiB in bounded memory, TLS at either side,
Unix sockets, datagrams."""
import hashlib
import socket
import threading

from acceptance.stage import receive_all

PROVES = ['FWD-01', 'FWD-02']
NEEDS = ['socat', 'nc', 'openssl', 'curl']
LONG = True

OCTETS = 256 << 20
GROWTH = 64 << 20           # octets of resident memory that they may cost; a JVM's heap breathes


def run(stage):
    """One server after another."""
    stage.write('site/a.txt', b'forwarded\n')
    web = stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1')
    port = web.address()[1]
    server = stage.start('carryall', 'portforward', '-p', '0', '-h', 'localhost', '-d', port)
    stage.demand(stage.foreign('curl', '-sS', 'http://%s:%d/a.txt' % server.address())
                 == b'forwarded\n', 'curl got something else')
    server.stop()
    half_close(stage)
    large(stage)
    tls(stage, port)
    unix_and_datagrams(stage)


def echo(stage):
    """socat as an echo server, several clients at a time; its port."""
    port = stage.free_port()
    stage.launch(['socat', 'TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr,fork' % port, 'EXEC:cat'],
                 foreign=True)

    def try_once():
        try:
            stage.connect(('127.0.0.1', port)).close()
        except ConnectionRefusedError:
            return False
        return True

    stage.until(try_once, 'socat')
    return port


def half_close(stage):
    """The end of the client's octets goes through, and the answer comes back after it."""
    server = stage.start('carryall', 'portforward', '-p', '0', '-h', '127.0.0.1', '-d', echo(stage))
    got = stage.foreign('nc', '-N', *map(str, server.address()), data=b'to the end\n' * 100000)
    stage.demand(got == b'to the end\n' * 100000, 'nc got %d octets back', len(got))
    server.stop()


def large(stage):
    """Many octets to a target that takes its time,
    and the memory that they cost once the heap has its size."""
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(5)
        server = stage.start('carryall', 'portforward', '-p', '0', '-h', '127.0.0.1', '-d',
                             listener.getsockname()[1])
        carry(stage, listener, server)
        before = server.resident_bytes()
        carry(stage, listener, server)
        grown = server.resident_bytes() - before
        stage.demand(grown < GROWTH, '%d octets more cost %d of memory', OCTETS, grown)
        server.stop()


def carry(stage, listener, server):
    """One connection with OCTETS one way."""
    block = hashlib.sha256(b'block').digest() * 2048
    heard = hashlib.sha256()
    said = hashlib.sha256()

    def take():
        sock, _ = listener.accept()
        with sock:
            data = sock.recv(1 << 20)
            while data:
                heard.update(data)
                data = sock.recv(1 << 20)
            sock.sendall(b'done')

    taker = threading.Thread(target=take, daemon=True)
    taker.start()
    with stage.connect(server.address(), 120.0) as sock:
        for _ in range(OCTETS // len(block)):
            sock.sendall(block)
            said.update(block)
        sock.shutdown(socket.SHUT_WR)
        stage.demand(receive_all(sock) == b'done', 'the answer is missing')
    taker.join(30.0)
    stage.demand(heard.digest() == said.digest(), 'other octets came')


def tls(stage, port):
    """TLS ends here, begins here, both."""
    stage.call('carryall', 'cert', 'make', '-o', 'site.pem', 'localhost', '127.0.0.1')
    ending = stage.start('carryall', 'portforward', '-p', 'tls:0:certificate=site.pem:key=site.key',
                         '-h', '127.0.0.1', '-d', port)
    inside = ending.address()[1]
    got = stage.foreign('curl', '-sS', '--cacert', stage.path('site.pem'),
                        'https://127.0.0.1:%d/a.txt' % inside)
    stage.demand(got == b'forwarded\n', 'curl got %r under TLS', got)
    beginning = stage.start('carryall', 'portforward', '-p', '0', '--target',
                            'tls:localhost:%d' % inside, '--trust', 'site.pem')
    got = stage.foreign('curl', '-sS', 'http://%s:%d/a.txt' % beginning.address())
    stage.demand(got == b'forwarded\n', 'curl got %r by way of TLS', got)
    distrusting = stage.start('carryall', 'portforward', '-p', '0', '--target',
                              'tls:localhost:%d' % inside)
    got = stage.foreign('curl', '-sS', 'http://%s:%d/a.txt' % distrusting.address(), status=None)
    stage.demand(got == b'', 'a certificate without a trusted signature is accepted')
    other = stage.free_port()
    stage.launch(['openssl', 's_server', '-accept', '127.0.0.1:%d' % other, '-cert',
                  stage.path('site.pem'), '-key', stage.path('site.key'),
                  '-www'], foreign=True).wait_for('ACCEPT')
    foreign = stage.start('carryall', 'portforward', '-p', '0', '--target',
                          'tls:localhost:%d' % other, '--trust', 'site.pem')
    got = stage.foreign('curl', '-sS', '--http0.9', 'http://%s:%d/' % foreign.address())
    stage.demand(b'Ciphers supported' in got, 'openssl s_server said %r', got[:200])
    for server in (ending, beginning, distrusting, foreign):
        server.stop()


def unix_and_datagrams(stage):
    """A Unix socket of socat's; UDP."""
    path = stage.path('echo.sock')
    stage.launch(['socat', 'UNIX-LISTEN:%s,fork' % path, 'EXEC:cat'], foreign=True)
    server = stage.start('carryall', 'portforward', '-p', '0', '--target', 'unix:' + path)
    got = stage.foreign('nc', '-N', *map(str, server.address()), data=b'unix\n')
    stage.demand(got == b'unix\n', 'by way of a Unix socket nc got %r', got)
    server.stop()
    port = stage.free_port()
    stage.launch(['socat', 'UDP-LISTEN:%d,bind=127.0.0.1,fork' % port, 'EXEC:cat'], foreign=True)
    server = stage.start('carryall', 'portforward', '-p', 'udp:0', '-h', '127.0.0.1', '-d', port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1.0)
        heard = []

        def try_once():
            sock.sendto(b'datagram', server.address())
            try:
                heard.append(sock.recv(100))
            except (socket.timeout, ConnectionRefusedError):
                return False
            return True

        stage.until(try_once, 'the datagram')
        stage.demand(heard[0] == b'datagram', 'the datagram came back as %r', heard[0])
    server.stop()
