# Copyright the carryall authors.  See LICENSE.
"""carryall get --proxy: through microsocks, dante, ssh -D, and our own server on every runtime;
each kind of proxy."""
import os

PROVES = ['SOX-04', 'SOX-06', 'TST-04']
NEEDS = ['microsocks', 'danted', 'ssh', 'sshd', 'ssh-keygen']
LONG = True
EACH_RUNTIME = False

BODY = bytes(range(256)) * 2000
DANTE = '''logoutput: stderr
internal: 127.0.0.1 port = %d
external: 127.0.0.1
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: daemon
client pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }
socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }
'''


def run(stage):
    """All proxies at once; then each runtime's client through each."""
    stage.write('site/big.bin', BODY)
    web = stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1')
    port = web.address()[1]
    proxies = foreign(stage)
    servers = []
    for serving in stage.others:
        server = stage.start('carryall', 'socks', '-p', '0', runtime=serving)
        servers.append(server)
        place = '%s:%d' % server.address()
        proxies += [(serving.name, scheme + '://' + place)
                    for scheme in ('socks4', 'socks4a', 'socks5', 'socks5h', 'http')]
    for name, proxy in proxies:
        for fetching in stage.others:
            # Each of our own servers with each kind on one client, and one kind on all.
            if name in [one.name for one in stage.others] and fetching is not stage.others[0] \
                    and 'socks5h' not in proxy:
                continue
            output = 'got-%s' % fetching.name
            host = '127.0.0.1' if proxy.startswith('socks4:') or name in ('dante', 'ssh') \
                else 'localhost'
            stage.call('carryall', 'get', 'http://%s:%d/big.bin' % (host, port), '--proxy', proxy,
                       '--output', output, runtime=fetching)
            stage.demand(stage.read(output) == BODY, '%s through %s (%s) got other octets',
                         fetching.name, name, proxy)
            os.remove(stage.path(output))
    said = stage.call('carryall', 'get', 'http://127.0.0.1:%d/' % stage.free_port(), '--proxy',
                      proxies[-1][1], status=1)
    stage.demand('Traceback' not in said, 'a port without a listener gives %s', said)
    for server in servers:
        server.stop()


def foreign(stage):
    """Starts the proxies of others: [(name, text of the proxy)]."""
    found = []
    port = stage.free_port()
    stage.launch(['microsocks', '-i', '127.0.0.1', '-p', str(port)], foreign=True)
    answers(stage, port)
    found.append(('microsocks', 'socks5h://127.0.0.1:%d' % port))
    port = stage.free_port()
    stage.write('danted.conf', (DANTE % port).encode())
    stage.launch(['danted', '-f', stage.path('danted.conf'), '-p', stage.path('danted.pid')],
                 foreign=True)
    answers(stage, port)
    found += [('dante', 'socks4://127.0.0.1:%d' % port), ('dante', 'socks5://127.0.0.1:%d' % port)]
    found.append(('ssh', 'socks5h://127.0.0.1:%d' % ssh(stage)))
    return found


def ssh(stage):
    """ssh -D to a server of its own; the port."""
    for name in ('host', 'user'):
        stage.foreign('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', stage.path(name))
    os.makedirs('/run/sshd', exist_ok=True)
    stage.write('authorized', stage.read('user.pub'))
    port = stage.free_port()
    dynamic = stage.free_port()
    stage.launch(['/usr/sbin/sshd', '-D', '-e', '-f', '/dev/null', '-p', str(port), '-h',
                  stage.path('host'),
                  '-o', 'ListenAddress=127.0.0.1', '-o',
                  'AuthorizedKeysFile=' + stage.path('authorized'), '-o', 'StrictModes=no',
                  '-o', 'PidFile=none', '-o', 'UsePAM=no', '-o', 'PermitRootLogin=yes'],
                 foreign=True).wait_for('listening on')
    stage.launch(['ssh', '-F', '/dev/null', '-N', '-D', '127.0.0.1:%d' % dynamic, '-i',
                  stage.path('user'), '-o', 'UserKnownHostsFile=/dev/null',
                  '-o', 'StrictHostKeyChecking=no', '-o', 'BatchMode=yes', '-p', str(port),
                  '127.0.0.1'], foreign=True)
    answers(stage, dynamic)
    return dynamic


def answers(stage, port):
    """Waits until somebody listens there."""
    def try_once():
        try:
            stage.connect(('127.0.0.1', port)).close()
        except ConnectionRefusedError:
            return False
        return True

    stage.until(try_once, 'a server on port %d' % port)
