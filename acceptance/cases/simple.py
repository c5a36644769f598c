# Copyright the carryall authors.  See LICENSE.
"""carryall simple: echo, discard, daytime, time and chargen, over TCP and UDP, with nc."""
import re
import socket

PROVES = ['SMP-01', 'SMP-03', 'SMP-06', 'X-08']
NEEDS = ['nc']


def run(stage):
    """One process with all of them."""
    server = stage.start('carryall', 'simple', '--tcp', 'echo:0', '--tcp', 'daytime:0', '--tcp',
                         'time:0', '--tcp', 'chargen:0', '--udp', 'echo:0')
    ports = {}
    for name in ('echo', 'daytime', 'time', 'chargen'):
        ports[name] = int(server.wait_for(r'\b%s[^\n]*? on (?:tcp )?127\.0\.0\.1:(\d+)'
                                          % name).group(1))
    got = stage.foreign('nc', '-N', '127.0.0.1', ports['echo'], data=b'hello\n' * 10000)
    stage.demand(got == b'hello\n' * 10000, 'echo gave %d octets back', len(got))
    got = stage.foreign('nc', '-N', '127.0.0.1', ports['daytime'])
    stage.demand(re.search(rb'\d\d:\d\d:\d\d', got), 'daytime said %r', got)
    got = stage.foreign('nc', '-N', '127.0.0.1', ports['time'])
    stage.demand(len(got) == 4, 'time sent %d octets', len(got))
    with stage.connect(('127.0.0.1', ports['chargen'])) as sock:
        lines = b''
        while lines.count(b'\r\n') < 100:
            lines += sock.recv(65536)
        stage.demand(all(len(line) == 72 for line in lines.split(b'\r\n')[:100]),
                     'chargen has lines of another length')
    udp = server.wait_for(r'echo[^\n]*udp[^\n]*?127\.0\.0\.1:(\d+)'
                          r'|udp[^\n]*echo[^\n]*?127\.0\.0\.1:(\d+)')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        sock.sendto(b'ping', ('127.0.0.1', int(udp.group(1) or udp.group(2))))
        stage.demand(sock.recv(100) == b'ping', 'UDP echo gave something else')
    server.stop()
