# Copyright the carryall authors.  See LICENSE.
"""carryall socks: curl over SOCKS 4, 4a, 5 and HTTP CONNECT, nc, ssh through nc, datagrams,
logins, rules, the log."""
import os
import socket
import struct

from acceptance.stage import receive_all

PROVES = ['SOX-01', 'SOX-02', 'SOX-03', 'SOX-05', 'SOX-06']
NEEDS = ['curl', 'nc', 'ssh', 'sshd', 'ssh-keygen']
LONG = True

BODY = bytes(range(256)) * 8000


def run(stage):
    """A web server to reach, and a proxy."""
    stage.write('site/big.bin', BODY)
    web = stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1')
    url = 'http://%s:%d/big.bin' % web.address()
    by_name = 'http://localhost:%d/big.bin' % web.address()[1]
    server = stage.start('carryall', 'socks', '-p', '0', '--log', 'traffic')
    proxy = '%s:%d' % server.address()
    for words, target in ((['--socks4'], url), (['--socks4a'], by_name), (['--socks5'], url),
                          (['--socks5-hostname'], by_name),
                          (['--proxytunnel', '--proxy'], url)):
        got = stage.foreign('curl', '-4', '-sS', *words, proxy, target)
        stage.demand(got == BODY, 'curl %s got %d octets', words, len(got))
    refused = stage.foreign('curl', '-sS', '--socks5', proxy,
                            'http://127.0.0.1:%d/' % stage.free_port(), status=None)
    stage.demand(refused == b'', 'curl got %r from a port without a listener', refused)
    request = b'GET /big.bin HTTP/1.0\r\nHost: a\r\n\r\n'
    for version in ('4', '5', 'connect'):
        got = stage.foreign('nc', '-X', version, '-x', proxy, *map(str, web.address()),
                            data=request)
        stage.demand(got.endswith(BODY), 'nc -X %s got %d octets', version, len(got))
    datagrams(stage, server.address())
    ssh(stage, proxy)
    log = stage.read('traffic')
    stage.demand(b'\t127.0.0.1:' in log and b'47 45 54 20 2F 62 69 67 ' in log,
                 'the log has no GET in hexadecimal')
    server.stop()
    guarded(stage, url)


def datagrams(stage, address):
    """UDP ASSOCIATE, by hand: no foreign client of ours speaks it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far, socket.socket(
            socket.AF_INET, socket.SOCK_DGRAM) as near, \
            stage.connect(address) as control:
        far.bind(('127.0.0.1', 0))
        far.settimeout(20)
        near.settimeout(20)
        control.sendall(b'\5\1\0\5\3\0\1\0\0\0\0\0\0')
        reply = b''
        while len(reply) < 12:
            reply += control.recv(100)
        stage.demand(reply[:6] == b'\5\0\5\0\0\1' and reply[6:10] == b'\x7f\0\0\1',
                     'UDP ASSOCIATE got %r', reply)
        head = b'\0\0\0\1\x7f\0\0\1' + struct.pack('!H', far.getsockname()[1])
        near.sendto(head + b'ping', ('127.0.0.1', struct.unpack('!H', reply[10:])[0]))
        data, source = far.recvfrom(100)
        stage.demand(data == b'ping', 'the datagram came as %r', data)
        far.sendto(b'pong', source)
        stage.demand(near.recv(100) == head + b'pong', 'the answer came otherwise')


def ssh(stage, proxy):
    """A command over ssh, whose connection goes through nc and the proxy."""
    for name in ('host', 'user'):
        stage.foreign('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', stage.path(name))
    os.makedirs('/run/sshd', exist_ok=True)
    stage.write('authorized', stage.read('user.pub'))
    port = stage.free_port()
    stage.launch(['/usr/sbin/sshd', '-D', '-e', '-f', '/dev/null', '-p', str(port), '-h',
                  stage.path('host'),
                  '-o', 'ListenAddress=127.0.0.1', '-o',
                  'AuthorizedKeysFile=' + stage.path('authorized'), '-o', 'StrictModes=no',
                  '-o', 'PidFile=none', '-o', 'UsePAM=no', '-o', 'PermitRootLogin=yes'],
                 foreign=True).wait_for('listening on')
    got = stage.foreign('ssh', '-F', '/dev/null', '-i', stage.path('user'), '-o',
                        'UserKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=no', '-o',
                        'BatchMode=yes', '-o', 'ProxyCommand=nc -X 5 -x %s %%h %%p' % proxy, '-p',
                        port, '127.0.0.1', 'echo', 'through')
    stage.demand(got == b'through\n', 'ssh said %r', got)


def guarded(stage, url):
    """With logins, and rules."""
    stage.foreign(*stage.command('carryall', 'passwd', '--stdin', '--scheme', 'pbkdf2-sha256',
                                 'users', 'ann'), data=b'secret\n')
    server = stage.start('carryall', 'socks', '-p', '0', '--password-file', 'users', '--rule',
                         'deny port 1-1023')
    proxy = '%s:%d' % server.address()
    for kind in ('--socks5', '--proxytunnel -x'):
        option = kind.split()
        got = stage.foreign('curl', '-sS', *option, proxy, '--proxy-user', 'ann:secret', url)
        stage.demand(got == BODY, 'curl %s got %d octets', kind, len(got))
        for login in ([], ['--proxy-user', 'ann:wrong']):
            got = stage.foreign('curl', '-sS', *option, proxy, *login, url, status=None)
            stage.demand(got == b'', 'curl %s came through with %s', kind, login)
    stage.foreign('curl', '-sS', '--socks5', proxy, '--proxy-user', 'ann:secret',
                  'http://127.0.0.1:80/', status=97)
    with stage.connect(server.address()) as sock:
        sock.sendall(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        stage.demand(receive_all(sock).startswith(b'HTTP/1.1 405 '), 'GET is not refused')
    server.stop()
