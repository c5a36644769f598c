# Copyright the carryall authors.  See LICENSE.
"""carryall ftp: curl, lftp, ncftp, tnftp, wget and ftplib each fetch, list and (who can) store, in
clear and under TLS."""
import ftplib
import io
import os
import ssl

from acceptance.stage import Failed

PROVES = ['FTP-01', 'FTP-02', 'FTP-03', 'FTP-04', 'FTP-05', 'FTP-06', 'FTP-08', 'FTP-11', 'FTP-12',
          'FTP-14']
NEEDS = ['curl', 'wget', 'lftp', 'tnftp', 'ncftpget']
LONG = True

BIG = bytes(range(256)) * 5000
NAME = 'caf\u00e9 1.txt'


def run(stage):
    """One server that offers TLS; each client in turn."""
    stage.write('pub/big.bin', BIG)
    stage.write('pub/sub/' + NAME, b'latte\n')
    stage.write('pub/lines.txt', b'one\ntwo\n')
    stage.write('secret.txt', b'no')
    os.symlink('../secret.txt', stage.path('pub', 'out'))
    stage.call('carryall', 'cert', 'make', '-o', 'site.pem', 'localhost', '127.0.0.1')
    server = stage.start('carryall', 'ftp', '--root', 'pub', '--port', 'tcp:0:interface=127.0.0.1',
                         '--demo-user', '--anonymous', '--certificate', 'site.pem', '--key',
                         'site.key', '--logfile', 'xferlog', '--digests')
    host, port = server.address()
    for each in (curl, wget, lftp, ncftp, tnftp, python):
        each(stage, host, port)
    log = stage.read('xferlog').decode('utf-8')
    for word in (' /big.bin b _ o a ', ' /by-curl b _ i r twisted ', ' /by-lftp b _ i r twisted '):
        stage.demand(word in log, 'the log of transfers has no %r:\n%s', word, log)
    server.stop()


def same(stage, path, who):
    """A file that came, or was stored, is the big one."""
    stage.demand(stage.read(path) == BIG, '%s: %s has other octets', who, path)


def curl(stage, host, port):
    """Passive, active, ranges, uploads, resumes, listings; TLS asked for,
    with the certificate checked."""
    base = 'ftp://%s:%d' % (host, port)
    own = ['-u', 'twisted:twisted']
    stage.demand(stage.foreign('curl', '-sS', base + '/big.bin') == BIG, 'curl got other octets')
    stage.demand(stage.foreign('curl', '-sS', '--ftp-port', '-', base + '/big.bin') == BIG,
                 'curl, active, got other octets')
    stage.demand(stage.foreign('curl', '-sS', '--disable-epsv', base + '/big.bin') == BIG,
                 'curl, PASV, got other octets')
    stage.demand(stage.foreign('curl', '-sS', '-r', '100-199', base + '/big.bin') == BIG[100:200],
                 'curl: the range differs')
    stage.demand(stage.foreign('curl', '-sS', '-r', '-10', base + '/big.bin') == BIG[-10:],
                 'curl: the last octets differ')
    stage.demand(stage.foreign('curl', '-sS', base + '/sub/caf%C3%A9%201.txt') == b'latte\n',
                 'curl: the name')
    stage.demand(stage.foreign('curl', '-sS', '--use-ascii', base + '/lines.txt') in (
        b'one\r\ntwo\r\n', b'one\ntwo\n'), 'curl: text')
    names = stage.foreign('curl', '-sS', '-l', base + '/').split()
    stage.demand(sorted(names) == [b'big.bin', b'lines.txt', b'out', b'sub'],
                 'curl lists %r', names)
    tls = ['--ssl-reqd', '--cacert', stage.path('site.pem')]
    local = 'ftp://localhost:%d' % port
    stage.demand(stage.foreign('curl', '-sS', '-4', *tls, local + '/big.bin') == BIG,
                 'curl, TLS, got other octets')
    for extra, name in (([], 'by-curl'), (tls, 'by-curl-tls')):
        url = (local if extra else base) + '/' + name
        stage.foreign('curl', '-sS', '-4', *own, *extra, '-T', stage.path('pub', 'big.bin'), url)
        same(stage, 'pub/' + name, 'curl')
    with open(stage.path('pub', 'by-curl'), 'r+b') as file:
        file.truncate(1000)
    stage.foreign('curl', '-sS', *own, '-C', '-', '-T', stage.path('pub', 'big.bin'),
                  base + '/by-curl')
    same(stage, 'pub/by-curl', 'curl, resuming')
    got = stage.foreign('curl', '-sS', *own, '-Q', 'XMD5 lines.txt', '-Q', 'MKD a', '-Q', 'RMD a',
                        '-o', '/dev/null', base + '/lines.txt')
    stage.demand(got == b'', 'curl: commands')
    for path in ('/../secret.txt', '/out', '/%2e%2e/secret.txt', '/sub/../../secret.txt',
                 '//etc/passwd'):
        stage.foreign('curl', '-s', '--path-as-is', base + path, status=None)
        stage.demand(b'no' != stage.foreign('curl', '-s', '--path-as-is', base + path,
                                            status=None)[:2], '%s leads out', path)
    stage.foreign('curl', '-s', '-T', stage.path('secret.txt'), base + '/x', status=25)


def wget(stage, host, port):
    """A file, and a tree by its listings."""
    base = 'ftp://%s:%d' % (host, port)
    stage.foreign('wget', '-q', '-O', stage.path('by-wget'), base + '/big.bin')
    same(stage, 'by-wget', 'wget')
    stage.foreign('wget', '-q', '--no-passive-ftp', '-O', stage.path('by-wget'), base + '/big.bin')
    same(stage, 'by-wget', 'wget, active')
    stage.foreign('wget', '-q', '-r', '-nH', '-P', stage.path('tree'), base + '/sub/')
    stage.demand(stage.read('tree/sub/' + NAME) == b'latte\n', 'wget: the tree')


def lftp(stage, host, port):
    """Gets, puts, mirrors both ways, in clear and with data under TLS."""
    for tls in (False, True):
        folder = 'lftp-tls' if tls else 'lftp'
        settings = ['set ftp:ssl-allow %s' % ('yes' if tls else 'no'),
                    'set ftp:ssl-force %s' % ('yes' if tls else 'no'),
                    'set ftp:ssl-protect-data %s' % ('yes' if tls else 'no'),
                    'set ssl:ca-file %s' % stage.path('site.pem'),
                    'set net:max-retries 1', 'set net:timeout 10', 'set cmd:fail-exit yes',
                    'set dns:order inet']
        work = ['get big.bin -o %s' % stage.path(folder + '-got'),
                'put %s -o by-lftp' % stage.path('pub', 'big.bin'),
                'mirror sub %s' % stage.path(folder + '-sub'),
                'mirror -R %s up-%s' % (stage.path(folder + '-sub'), folder),
                'cls -1', 'rm -r up-%s' % folder, 'chmod 600 by-lftp', 'quit']
        stage.foreign('lftp', '-u', 'twisted,twisted', '-p', port, 'localhost', '-e',
                      '; '.join(settings + work))
        same(stage, folder + '-got', 'lftp')
        same(stage, 'pub/by-lftp', 'lftp')
        stage.demand(stage.read(folder + '-sub/' + NAME) == b'latte\n', 'lftp: the mirror')
        stage.demand(os.stat(stage.path('pub', 'by-lftp')).st_mode & 0o777 == 0o600, 'lftp: chmod')


def ncftp(stage, host, port):
    """Gets, puts, lists; anonymous and not."""
    stage.foreign('ncftpget', '-V', '-P', port, host, stage.folder, '/big.bin')
    same(stage, 'big.bin', 'ncftpget')
    os.rename(stage.path('big.bin'), stage.path('by-ncftp'))
    stage.foreign('ncftpput', '-V', '-u', 'twisted', '-p', 'twisted', '-P', port, host, '/',
                  stage.path('by-ncftp'))
    same(stage, 'pub/by-ncftp', 'ncftpput')
    names = stage.foreign('ncftpls', '-1', '-P', port, 'ftp://%s/' % host).split()
    stage.demand(b'lines.txt' in names, 'ncftpls lists %r', names)


def tnftp(stage, host, port):
    """The client of NetBSD: by URL, and by its commands."""
    stage.foreign('tnftp', '-o', stage.path('by-tnftp'), 'ftp://%s:%d/big.bin' % (host, port))
    same(stage, 'by-tnftp', 'tnftp')
    script = ('user twisted twisted\nbinary\nput %s put-tnftp\npassive off\nget big.bin %s\n'
              'size big.bin\nmodtime big.bin\nls\nbye\n') % (
        stage.path('pub', 'big.bin'), stage.path('again-tnftp'))
    stage.foreign('tnftp', '-n', host, port, data=script.encode('utf-8'))
    same(stage, 'pub/put-tnftp', 'tnftp')
    same(stage, 'again-tnftp', 'tnftp, active')


def python(stage, host, port):
    """ftplib, in clear and under TLS, both ways of data."""
    context = ssl.create_default_context(cafile=stage.path('site.pem'))
    for tls in (False, True):
        client = ftplib.FTP_TLS(context=context, timeout=30) if tls else ftplib.FTP(timeout=30)
        client.connect('localhost' if tls else host, port)
        client.login('twisted', 'twisted')
        if tls:
            client.prot_p()
        for passive in (True, False):
            client.set_pasv(passive)
            got = io.BytesIO()
            client.retrbinary('RETR big.bin', got.write)
            stage.demand(got.getvalue() == BIG, 'ftplib got other octets (TLS %s, passive %s)', tls,
                         passive)
            client.storbinary('STOR by-ftplib', io.BytesIO(BIG))
            same(stage, 'pub/by-ftplib', 'ftplib')
            lines = []
            client.retrlines('RETR lines.txt', lines.append)
            stage.demand(lines == ['one', 'two'], 'ftplib: %r', lines)
            stage.demand('sub/' + NAME in client.nlst('sub'), 'ftplib: NLST')
        facts = dict(client.mlsd())
        stage.demand(facts['big.bin']['size'] == str(len(BIG)) and facts['sub']['type'] == 'dir',
                     'ftplib: %r', facts)
        client.voidcmd('TYPE I')
        stage.demand(client.size('big.bin') == len(BIG), 'ftplib: SIZE')
        client.rename('by-ftplib', 'moved')
        client.delete('moved')
        client.transfercmd('RETR big.bin').close()
        client.abort() if not tls else None
        client.close()
    with ftplib.FTP(timeout=30) as client:
        client.connect(host, port)
        client.login()
        for bad in ('CWD ..', 'CWD /../../..', 'CWD ../../etc'):
            try:
                client.voidcmd(bad)
                stage.demand(client.pwd() == '/', '%s leads to %s', bad, client.pwd())
            except ftplib.error_perm:
                pass
        for bad in ('RETR out', 'RETR ../secret.txt', 'RETR /../secret.txt', 'STOR x',
                    'DELE big.bin'):
            try:
                client.voidcmd('PASV')
                client.voidcmd(bad)
            except ftplib.error_perm:
                continue
            except ftplib.Error as exc:
                raise Failed('%s: %s' % (bad, exc))
            raise Failed('%s was done' % bad)
