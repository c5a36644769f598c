# Copyright the carryall authors.  See LICENSE.
"""carryall web --acme gets its certificate from pebble, the test server of Let's Encrypt.  It
renews it while it serves, and keeps account and certificate over a restart."""
import json
import os
import stat

PROVES = ['HTS-19', 'WEB-18']
NEEDS = ['curl', 'openssl', 'pebble', 'pebble-challtestsrv']
PACKAGES = {'pebble': 'pebble', 'pebble-challtestsrv': 'pebble', 'openssl': 'openssl'}

NAMES = ('shop.example', 'www.shop.example')


def run(stage):
    """Each challenge against an authority of its own."""
    stage.write('site/index.html', b'the shop\n')
    stage.call('carryall', 'cert', 'make', '--force', '-o', 'pebble.pem', 'localhost', '127.0.0.1')
    for challenge in ('http-01', 'tls-alpn-01'):
        ports = dict((name, stage.free_port()) for name in ('http', 'https', 'dns', 'ca', 'admin'))
        servers = authority(stage, ports)
        serve(stage, challenge, ports)
        for server in servers:
            server.end()


def authority(stage, ports):
    """pebble, which refuses every third nonce, and a DNS server for which all names are here."""
    stage.write('pebble.json', json.dumps({'pebble': {
        'listenAddress': '127.0.0.1:%d' % ports['ca'],
        'managementListenAddress': '127.0.0.1:%d' % ports['admin'],
        'certificate': 'pebble.pem', 'privateKey': 'pebble.key',
        'httpPort': ports['http'], 'tlsPort': ports['https'],
        'ocspResponderURL': '', 'externalAccountBindingRequired': False}}).encode('ascii'))
    names = stage.launch(['pebble-challtestsrv', '-dns01', '127.0.0.1:%d' % ports['dns'],
                          '-defaultIPv4', '127.0.0.1', '-defaultIPv6', '', '-http01', '',
                          '-https01', '', '-tlsalpn01', '', '-management',
                          '127.0.0.1:%d' % stage.free_port()], foreign=True)
    names.wait_for('Starting')
    stage.variables.update(PEBBLE_WFE_NONCEREJECT='30', PEBBLE_VA_NOSLEEP='1')
    ca = stage.launch(['pebble', '-config', 'pebble.json', '-dnsserver',
                       '127.0.0.1:%d' % ports['dns']], foreign=True)
    ca.wait_for('ACME directory available')
    return names, ca


def start(stage, challenge, ports):
    """The web server."""
    words = ['--path', 'site', '--port', 'tcp:%d:interface=127.0.0.1' % ports['http'],
             '--https', 'tcp:%d:interface=127.0.0.1' % ports['https'], '--redirect-https',
             '--acme-agree', '--acme-directory', 'https://127.0.0.1:%d/dir' % ports['ca'],
             '--acme-challenge', challenge, '--acme-folder', 'keys-' + challenge,
             '--acme-trust', 'pebble.pem', '--acme-contact', 'ops@shop.example']
    for name in NAMES:
        words += ['--acme', name]
    return stage.start('carryall', 'web', *words)


def fetch(stage, ports, status=0):
    """The page, with trust in pebble alone."""
    return stage.foreign('curl', '-sS', '--cacert', 'root.pem', '--resolve',
                         '%s:%d:127.0.0.1' % (NAMES[1], ports['https']),
                         'https://%s:%d/' % (NAMES[1], ports['https']), status=status)


def serial(stage, challenge):
    """The serial number of the certificate on the disk."""
    return stage.foreign('openssl', 'x509', '-noout', '-serial', '-in',
                         'keys-%s/%s.pem' % (challenge, NAMES[0]))


def serve(stage, challenge, ports):
    """A first certificate, a restart, and a renewal without one."""
    # The port of the directory may be there before that of the roots.
    root = stage.foreign('curl', '-sS', '--retry', '20', '--retry-delay', '1',
                         '--retry-connrefused', '--cacert', 'pebble.pem',
                         'https://127.0.0.1:%d/roots/0' % ports['admin'])
    stage.write('root.pem', root)
    server = start(stage, challenge, ports)
    server.wait_for('certificate for shop.example, www.shop.example: valid until')
    stage.demand(fetch(stage, ports) == b'the shop\n', 'the page differs')
    first = serial(stage, challenge)
    for name in ('account.key', 'account.json', NAMES[0] + '.pem'):
        mode = stat.S_IMODE(os.stat(stage.path('keys-' + challenge, name)).st_mode)
        stage.demand(mode == 0o600, '%s has mode %o', name, mode)
    server.stop()

    server = start(stage, challenge, ports)
    server.wait_for('certificate for shop.example, www.shop.example: valid until')
    stage.demand(serial(stage, challenge) == first, 'a restart has asked for another certificate')
    server.stop()

    # One that signs itself is due at once: the server has it when it starts, and renews it.
    account = stage.read('keys-%s/account.json' % challenge)
    os.unlink(stage.path('keys-' + challenge, NAMES[0] + '.pem'))
    server = start(stage, challenge, ports)
    server.wait_for('certificate for shop.example, www.shop.example: valid until')
    stage.demand(fetch(stage, ports) == b'the shop\n', 'the page differs after the renewal')
    stage.demand(serial(stage, challenge) != first, 'there is no new certificate')
    stage.demand(stage.read('keys-%s/account.json' % challenge) == account,
                 'the renewal has made another account')
    server.stop()
