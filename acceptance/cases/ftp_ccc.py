# Copyright the carryall authors.  See LICENSE.
"""CCC: curl takes TLS off the control connection in both of its ways, and so does our client; not
where it is not allowed."""
import os

PROVES = ['FTP-01', 'FTP-05']
NEEDS = ['curl']

BIG = bytes(range(256)) * 2000
CLEAR = 'the control connection is in clear now (CCC)'


def run(stage):
    """One server that allows it, one that does not."""
    stage.write('pub/big.bin', BIG)
    stage.call('carryall', 'cert', 'make', '-o', 'site.pem', 'localhost', '127.0.0.1')
    words = ['carryall', 'ftp', '--root', 'pub', '--port', 'tcp:0:interface=127.0.0.1',
             '--demo-user', '--require-tls', 'all', '--certificate', 'site.pem', '--key',
             'site.key']
    for allowed in (True, False):
        server = stage.start(*(words + ['--allow-ccc'] * allowed))
        port = server.address()[1]
        for extra in (['--ftp-ssl-ccc'], ['--ftp-ssl-ccc-mode', 'active']):
            curl(stage, port, extra)
        ours(stage, port, allowed)
        server.stop()
        # Two by curl, each with a file both ways on one connection or two, and two of ours.
        times = server.output.count(CLEAR)
        stage.demand(times >= 4 if allowed else times == 0, 'CCC was done %d times:\n%s', times,
                     server.output)


def curl(stage, port, extra):
    """A file each way, and a listing, with data under TLS all the while."""
    base = 'ftp://localhost:%d/' % port
    common = ['curl', '-sS', '-4', '--ssl-reqd', '--cacert', stage.path('site.pem'), '-u',
              'twisted:twisted'] + extra
    got = stage.foreign(*common, base + 'big.bin')
    stage.demand(got == BIG, 'curl %s: other octets', extra)
    stage.foreign(*common, '-T', stage.path('pub', 'big.bin'), base + 'up')
    stage.demand(stage.read('pub/up') == BIG, 'curl %s: other octets were stored', extra)
    names = stage.foreign(*common, '-l', base).split()
    stage.demand(sorted(names) == [b'big.bin', b'up'], 'curl %s lists %r', extra, names)


def ours(stage, port, allowed):
    """Our client; what is refused is told, and nothing is fetched after all."""
    stage.variables['CARRYALL_PASSWORD'] = 'twisted'
    url = 'ftp://twisted@127.0.0.1:%d/big.bin' % port
    words = ['--tls', '--ccc', '--trust', 'site.pem']
    if not allowed:
        said = stage.call('carryall', 'ftp-get', *words, '-o', 'got-not', url, status=1)
        stage.demand('534' in said and not os.path.exists(stage.path('got-not')),
                     'it said %s', said)
        return
    stage.call('carryall', 'ftp-get', *words, '-o', 'got', url)
    stage.demand(stage.read('got') == BIG, 'our client: other octets')
    stage.call('carryall', 'ftp-put', *words, 'got', 'ftp://twisted@127.0.0.1:%d/by-us' % port)
    stage.demand(stage.read('pub/by-us') == BIG, 'our client: other octets were stored')
    os.unlink(stage.path('pub', 'by-us'))
