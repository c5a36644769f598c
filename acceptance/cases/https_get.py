# Copyright the carryall authors.  See LICENSE.
"""carryall get https://: each runtime's client against each runtime's server, and against
openssl's; a server that is not verified is refused."""
import os

from acceptance.cases.https_serve import make, secure

PROVES = ['HTC-06', 'HTC-07', 'X-09', 'X-11']
NEEDS = ['openssl']
LONG = True
PACKAGES = {'openssl': 'openssl'}
EACH_RUNTIME = False


def run(stage):
    """JSSE and OpenSSL both ways round."""
    body = os.urandom(3000000)
    stage.write('site/data.bin', body)
    make(stage, 'localhost', output='main.pem')
    make(stage, 'anna', output='anna.pem')
    stage.call('carryall', 'cert', 'make', '-o', 'other.pem', 'localhost')
    for serving in stage.others:
        server = stage.start('carryall', 'web', '--path', 'site', '-p', '0', '--https', '0', '-c',
                             'main.pem', '--client-certificates', 'optional', '--client-ca',
                             'ca.pem', '--redirect-https', runtime=serving)
        url = 'https://localhost:%d/data.bin' % secure(server)[1]
        for fetching in stage.others:
            name = '%s-from-%s' % (fetching.name, serving.name)
            said = stage.call('carryall', 'get', '--ca', 'ca.pem', '--cert', 'anna.pem', '-v',
                              '--output', name, url, runtime=fetching)
            stage.demand(stage.read(name) == body, '%s has other bytes', name)
            stage.demand('* TLSv1.3, ' in said and 'ALPN http/1.1' in said
                         and 'for localhost' in said, '%s says %s', name, said)
        plain = 'http://localhost:%d/data.bin' % server.address()[1]
        stage.call('carryall', 'get', '--ca', 'ca.pem', '--fail', '-o', 'redirected', plain)
        stage.demand(stage.read('redirected') == body, 'the redirect of %s leads elsewhere',
                     serving.name)
        server.stop()
    for fetching in stage.others:
        refused(stage, fetching)


def refused(stage, fetching):
    """A name that is not on the certificate, an unknown authority, a server without TLS: status 1,
    one line."""
    port = stage.free_port()
    server = stage.launch(['openssl', 's_server', '-accept', '127.0.0.1:%d' % port, '-cert',
                           'main.pem', '-key', 'main.key', '-www'])
    server.wait_for('ACCEPT')
    url = 'https://localhost:%d/' % port
    stage.call('carryall', 'get', '--ca', 'ca.pem', '-o', 'page', url, runtime=fetching)
    stage.demand(b'<HTML>' in stage.read('page'), 'openssl s_server gave %r', stage.read('page'))
    for words in ((url,), ('--ca', 'other.pem', url),
                  ('--ca', 'ca.pem', 'https://127.0.0.1:%d/' % port)):
        said = stage.call('carryall', 'get', *words, runtime=fetching, status=1)
        stage.demand(said.count('\n') == 1 and 'certificate was refused' in said, '%s gives: %s',
                     words, said)
    stage.call('carryall', 'get', '--insecure', '-o', 'page', 'https://127.0.0.1:%d/' % port,
               runtime=fetching)
    server.end()
    plain = stage.start('carryall', 'web', '--path', 'site', '-p', '0')
    said = stage.call('carryall', 'get', '--ca', 'ca.pem',
                      'https://localhost:%d/' % plain.address()[1], runtime=fetching, status=1)
    stage.demand(said.count('\n') == 1 and 'TLS' in said, 'a server without TLS gives: %s', said)
    plain.stop()
