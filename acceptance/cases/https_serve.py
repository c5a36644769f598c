# Copyright the carryall authors.  See LICENSE.
"""HTTPS with virtual hosts, accounts and client certificates: curl, wget, openssl, http.client and
the JDK's HttpsURLConnection."""
import hashlib
import http.client
import os
import ssl

from acceptance.stage import ROOT

PROVES = ['WEB-11', 'WEB-13', 'HTS-16', 'X-09', 'X-11']
NEEDS = ['curl', 'wget', 'openssl', 'java']
LONG = True
PACKAGES = {'openssl': 'openssl'}

SECRET = 'Tr0ub4dor-and-3'
WRONG = 'correct-horse-9'
JAVA = os.path.join(ROOT, 'acceptance', 'peers', 'HttpsFetch.java')
BODY = bytes(range(256)) * 8000


def secure(server):
    """(host, port) of https."""
    found = server.wait_for(r'listening: https on (127\.0\.0\.1):(\d+)')
    return found.group(1), int(found.group(2))


def make(stage, *names, output=None):
    """A certificate for the names, signed by the authority ca.pem;
    the path of certificate and key in one."""
    output = output or names[0].replace('*', '_') + '.pem'
    stage.call('carryall', 'cert', 'make', '--ca', 'ca.pem', '--force', '-o', output, *names)
    key = os.path.splitext(output)[0] + '.key'
    stage.write(output, stage.read(output) + stage.read(key))
    return output


def curl(stage, *words, status=0):
    """The output of curl, with our authority."""
    return stage.foreign('curl', '-sS', '--cacert', 'ca.pem', *words, status=status)


def run(stage):
    """Part after part."""
    stage.write('site/index.html', b'<h1>home</h1>\n')
    stage.write('site/data.bin', BODY)
    stage.write('a/index.html', b'host a\n')
    stage.write('wild/index.html', b'wild\n')
    make(stage, 'localhost', '127.0.0.1', output='main.pem')
    foreign_clients(stage)
    hosts(stage)
    accounts(stage)
    clients_certificates(stage)


def foreign_clients(stage):
    """The same file by each of them; redirect, HSTS; a new certificate without a restart."""
    server = stage.start('carryall', 'web', '--path', 'site', '-p', '0', '--https', '0', '-c',
                         'main.pem', '--redirect-https', '--hsts', '365d')
    port = secure(server)[1]
    base = 'https://localhost:%d' % port
    stage.demand(curl(stage, base + '/data.bin') == BODY, 'curl got other bytes')
    for words in (('--tls-max', '1.2'), ('--tlsv1.3',), ('-r', '100-')):
        expected = BODY[100:] if '-r' in words else BODY
        stage.demand(curl(stage, *words, base + '/data.bin') == expected,
                     'curl %s got other bytes', words)
    head = curl(stage, '-i', base + '/')
    stage.demand(b'\r\nStrict-Transport-Security: max-age=31536000\r\n' in head,
                 'no HSTS: %r', head)
    stage.foreign('wget', '-q', '--ca-certificate=ca.pem', '-O', 'got', base + '/data.bin')
    stage.demand(stage.read('got') == BODY, 'wget got other bytes')
    stage.demand(stage.foreign('java', JAVA, 'ca.pem', '-', base + '/data.bin', base + '/') == BODY
                 + b'<h1>home</h1>\n',
                 'HttpsURLConnection got other bytes')
    context = ssl.create_default_context(cafile=stage.path('ca.pem'))
    context.set_alpn_protocols(['http/1.1'])
    client = http.client.HTTPSConnection('localhost', port, timeout=30, context=context)
    for _ in range(3):
        client.request('GET', '/data.bin')
        stage.demand(client.getresponse().read() == BODY, 'http.client got other bytes')
    stage.demand(client.sock.selected_alpn_protocol() == 'http/1.1', 'ALPN: %r',
                 client.sock.selected_alpn_protocol())
    plain = 'http://localhost:%d' % server.address()[1]
    got = curl(stage, '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}',
               plain + '/data.bin?x=1')
    stage.demand(got == b'301 https://localhost:%d/data.bin?x=1' % port,
                 'http was answered with %r', got)
    stage.demand(curl(stage, '-L', plain + '/data.bin') == BODY, 'the redirect leads elsewhere')
    new_certificate(stage, server, port, client)
    client.close()
    server.stop()


def serial(stage, port):
    """The serial number of the certificate that the server shows,
    as openssl finds and verifies it."""
    shown = stage.foreign('openssl', 's_client', '-connect', '127.0.0.1:%d' % port, '-servername',
                          'localhost', '-CAfile', 'ca.pem', '-verify_return_error',
                          '-verify_hostname', 'localhost', '-alpn', 'h2,http/1.1',
                          data=b'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    stage.demand(b'Verify return code: 0 (ok)' in shown and b'ALPN protocol: http/1.1' in shown,
                 'openssl says %s', shown)
    begin = shown.index(b'-----BEGIN CERTIFICATE-----')
    return stage.foreign('openssl', 'x509', '-noout', '-serial', data=shown[begin:])


def new_certificate(stage, server, port, client):
    """HUP: the next connection has the new one, the one that is open goes on; a broken file leaves
    everything as it was."""
    first = serial(stage, port)
    make(stage, 'localhost', '127.0.0.1', output='main.pem')
    server.signal('HUP')
    stage.until(lambda: serial(stage, port) != first, 'the new certificate')
    second = serial(stage, port)
    client.request('GET', '/')
    stage.demand(client.getresponse().read() == b'<h1>home</h1>\n',
                 'the open connection was not served on')
    good = stage.read('main.pem')
    stage.write('main.pem', b'broken')
    server.signal('HUP')
    server.wait_for('could not be reloaded')
    stage.demand(serial(stage, port) == second and curl(stage, 'https://localhost:%d/' % port),
                 'a broken file was taken')
    stage.write('main.pem', good)


def hosts(stage):
    """A certificate for each host by SNI; an unknown name;
    a request for another host than that of the handshake."""
    a = make(stage, 'a.example')
    wild = make(stage, '*.wild.example')
    server = stage.start('carryall', 'web', '-p', '0', '--https', '0', '-c', 'main.pem', '--vhost',
                         'a.example=a', '--vhost', '*.wild.example=wild', '--vhost',
                         'localhost=site', '--vhost-certificate', 'a.example=' + a,
                         '--vhost-certificate', '*.wild.example=' + wild, '--vhost-log',
                         'a.example=a.log', '-l', 'main.log')
    port = secure(server)[1]
    for host, body in (('a.example', b'host a\n'), ('x.wild.example', b'wild\n'),
                       ('localhost', b'<h1>home</h1>\n')):
        url = 'https://%s:%d/' % (host, port)
        stage.demand(curl(stage, '--resolve', '%s:%d:127.0.0.1' % (host, port), url) == body,
                     '%s gave another body', host)
    code = ('-o', '/dev/null', '-w', '%{http_code}')
    for host, words in (('a.example', ('-H', 'Host: x.wild.example')),
                        ('localhost', ('-H', 'Host: nobody.example'))):
        got = curl(stage, *code, *words, '--resolve', '%s:%d:127.0.0.1' % (host, port),
                   'https://%s:%d/' % (host, port))
        stage.demand(got == b'421', '%s %s gave %s', host, words, got)
    plain = 'http://127.0.0.1:%d/' % server.address()[1]
    got = curl(stage, '-i', '-H', 'Host: <evil>.example', plain), curl(
        stage, '-i', '-H', 'Host: evil.example', plain)
    stage.demand(b' 400 ' in got[0][:20] and b' 404 ' in got[1][:20] and b'evil' not in got[0]
                 + got[1], 'unknown hosts: %r', got)
    stage.demand(curl(stage, '-H', 'Host: a.example', plain) == b'host a\n', 'http knows no hosts')
    server.stop()
    stage.demand(stage.read('a.log').count(b'\n') == 2 and b'421' in stage.read('main.log'),
                 'the logs are wrong')


def accounts(stage):
    """Basic over TLS, Digest in clear; wrong ones; no password in what is written."""
    stage.foreign(*stage.command('carryall', 'passwd', '--stdin', 'users', 'anna'),
                  data=SECRET.encode() + b'\n')
    keys = ''
    for name, new in (('MD5', hashlib.md5), ('SHA-256', hashlib.sha256)):
        keys += 'anna:the room:%s\n' % new(('anna:the room:' + SECRET).encode()).hexdigest()
    stage.write('keys', keys.encode())
    where = ('--path', 'site', '-p', '0', '-l', 'access.log')
    code = ('-o', '/dev/null', '-w', '%{http_code}')
    server = stage.start('carryall', 'web', *where, '--https', '0', '-c', 'main.pem', '--auth',
                         'users', '--auth-except', '/data.bin')
    base = 'https://localhost:%d' % secure(server)[1]
    stage.demand(curl(stage, *code, base + '/') == b'401' and curl(stage, base + '/data.bin')
                 == BODY, 'who is asked is wrong')
    for _ in range(3):
        stage.demand(curl(stage, '-u', 'anna:' + SECRET, base + '/') == b'<h1>home</h1>\n',
                     'anna is not let in')
    for pair in ('anna:' + WRONG, 'bert:' + SECRET):
        stage.demand(curl(stage, *code, '-u', pair, base + '/') == b'401', '%s is let in', pair)
    server.stop()
    said = server.output
    for words in (('-c', 'main.pem'), ('--auth-kind', 'digest')):
        if '-c' in words:
            stage.call('carryall', 'web', '--path', 'site', '--interface', '0.0.0.0', '--auth',
                       'users', '-p', '0', status=2)
            stage.call('carryall', 'web', *where, '--auth', 'users', '--auth-kind', 'digest',
                       status=2)
            continue
        server = stage.start('carryall', 'web', *where, '--auth', 'keys', '--auth-realm',
                             'the room', *words)
        plain = 'http://localhost:%d/' % server.address()[1]
        stage.demand(curl(stage, '--digest', '-u', 'anna:' + SECRET, plain) == b'<h1>home</h1>\n',
                     'anna is not let in by Digest')
        stage.demand(curl(stage, *code, '--digest', '-u', 'anna:' + WRONG, plain) == b'401',
                     'a wrong password by Digest')
        stage.demand(curl(stage, *code, '-u', 'anna:' + SECRET, plain) == b'401',
                     'Basic where Digest is wanted')
        server.stop()
        said += server.output
    written = (said + stage.read('access.log').decode()).encode() + stage.read('users')
    stage.demand(b' anna [' in written and b'login of "bert" failed' in written,
                 'nothing was written: %s', written)
    for password in (SECRET, WRONG):
        stage.demand(password.encode() not in written, 'a password is written somewhere')


def clients_certificates(stage):
    """Required: curl, openssl and the JDK with one, without, and with a stranger's."""
    make(stage, 'anna', output='anna.pem')
    stage.call('carryall', 'cert', 'make', '-o', 'stranger.pem', 'anna')
    stage.foreign('openssl', 'pkcs12', '-export', '-in', 'anna.pem', '-inkey', 'anna.key', '-out',
                  'anna.p12', '-passout', 'pass:changeit')
    server = stage.start('carryall', 'web', '--path', 'site', '-p', '0', '--https', '0', '-c',
                         'main.pem', '--client-certificates', 'required', '--client-ca', 'ca.pem')
    url = 'https://localhost:%d/' % secure(server)[1]
    for words in ((), ('--tls-max', '1.2')):
        stage.demand(curl(stage, *words, '--cert', 'anna.pem', '--key', 'anna.key', url)
                     == b'<h1>home</h1>\n', 'a good one is refused')
        for bad in ((), ('--cert', 'stranger.pem', '--key', 'stranger.key')):
            got = curl(stage, '-o', '/dev/null', '-w', '%{http_code}', *words, *bad, url,
                       status=None)
            stage.demand(got == b'000', '%s %s gave %s', words, bad, got)
    stage.demand(stage.foreign('java', JAVA, 'ca.pem', 'anna.p12', url) == b'<h1>home</h1>\n',
                 'HttpsURLConnection is refused')
    stage.foreign('java', JAVA, 'ca.pem', '-', url, status=1)
    stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                 server.output[-4000:])
    server.stop()
