# Copyright the carryall authors.  See LICENSE.
"""FTP across the runtimes: each serves, each fetches and stores with our client,
in clear and under TLS."""

PROVES = ['FTP-14', 'FTP-05', 'TST-04', 'NEW-01']
NEEDS = []
EACH_RUNTIME = False
LONG = True
BIG = bytes(range(256)) * 4000


def run(stage):
    """All servers at once, and each client with each."""
    stage.variables['CARRYALL_PASSWORD'] = 'twisted'
    stage.call('carryall', 'cert', 'make', '-o', 'site.pem', 'localhost', '127.0.0.1')
    servers = []
    for runtime in stage.others:
        root = 'pub-' + runtime.name
        stage.write(root + '/big.bin', BIG)
        servers.append((runtime, root, stage.start('carryall', 'ftp', '--root', root, '--port',
                                                   'tcp:0:interface=127.0.0.1', '--demo-user',
                                                   '--certificate', 'site.pem', '--key', 'site.key',
                                                   runtime=runtime)))
    for client in stage.others:
        for runtime, root, server in servers:
            base = 'ftp://twisted@%s:%d/' % server.address()
            for number, words in enumerate(([], ['--active'], ['--tls', '--trust', 'site.pem'],
                                            ['--tls', '--active', '--trust', 'site.pem'])):
                label = '%s from %s %s' % (client.name, runtime.name, ' '.join(words))
                stage.call('carryall', 'ftp-get', *words, '-o', 'got', base + 'big.bin',
                           runtime=client)
                stage.demand(stage.read('got') == BIG, '%s: other octets', label)
                name = 'up-%s-%d' % (client.name, number)
                stage.call('carryall', 'ftp-put', *words, 'got', base + name, runtime=client)
                stage.demand(stage.read('%s/%s' % (root, name)) == BIG,
                             '%s: other octets were stored', label)
    for _runtime, _root, server in servers:
        server.stop()
