# Copyright the carryall authors.  See LICENSE.
"""Our FTP client against pyftpdlib, vsftpd and proftpd: list, get, resume, put, mirror; passive and
active; in clear and TLS."""
import os
import shutil
import sys

from acceptance import foreign
from acceptance.stage import Missing

PROVES = ['FTP-13', 'FTP-14', 'FTP-05']
NEEDS = ['openssl']
TAKES = ['vsftpd']
PYTHON = ('pyftpdlib',)
# Debian does not install it beside vsftpd.
UNPACKED = {'proftpd': (('proftpd-core', 'proftpd-mod-crypto'),
                        ('libhiredis0.14', 'libmemcached11', 'libmemcachedutil2',
                         'libpcre2-posix3'))}
LONG = True
SERVERS = ('pyftpdlib', 'vsftpd', 'proftpd')
BIG = bytes(range(256)) * 2000

PYFTPDLIB = '''
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler
from pyftpdlib.servers import FTPServer
users = DummyAuthorizer()
users.add_user('joe', 'secret', sys.argv[1], perm='elradfmwMT')
kind = TLS_FTPHandler if len(sys.argv) > 2 else FTPHandler
if len(sys.argv) > 2:
    kind.certfile = sys.argv[2]
kind.authorizer = users
server = FTPServer(('127.0.0.1', 0), kind)
print('127.0.0.1:%d' % server.address[1], flush=True)
server.serve_forever()
'''

VSFTPD = '''listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=YES
local_enable=NO
no_anon_password=YES
anon_root={root}
anon_umask=022
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
mdtm_write=YES
seccomp_sandbox=NO
secure_chroot_dir={empty}
ssl_enable=YES
allow_anon_ssl=YES
require_ssl_reuse=YES
force_local_data_ssl=NO
force_local_logins_ssl=NO
rsa_cert_file={pem}
rsa_private_key_file={pem}
'''

PROFTPD = '''ServerType standalone
ServerName "tests"
DefaultAddress 127.0.0.1
Port {port}
UseIPv6 off
WtmpLog off
RequireValidShell off
RootLogin on
AuthOrder mod_auth_file.c
AuthUserFile {users}
AuthGroupFile {groups}
ScoreboardFile {empty}/scoreboard
DelayTable {empty}/delay
PidFile {empty}/pid
SystemLog {empty}/log
User root
Group root
Umask 022
AllowOverwrite on
AllowStoreRestart on
DefaultRoot ~
ModulePath {modules}
LoadModule mod_tls.c
<IfModule mod_tls.c>
TLSEngine on
TLSLog {empty}/tlslog
TLSRSACertificateFile {pem}
TLSRSACertificateKeyFile {pem}
TLSRequired off
TLSVerifyClient off
</IfModule>
'''


def run(stage):
    """Each server that is there; none at all is a case that could not be run."""
    stage.call('carryall', 'cert', 'make', '-o', 'one.pem', 'localhost', '127.0.0.1')
    stage.write('site.pem', stage.read('one.pem') + stage.read('one.key'))
    missing = []
    for name, start in (('pyftpdlib', pyftpdlib), ('vsftpd', vsftpd), ('proftpd', proftpd)):
        root = stage.path(name)
        stage.write(name + '/big.bin', BIG)
        stage.write(name + '/d/caf\u00e9 1.txt', b'latte\n')
        os.makedirs(os.path.join(root, 'in'))
        os.chmod(os.path.join(root, 'in'), 0o777)
        os.chmod(stage.folder, 0o755)
        try:
            for server, address, user, tls in start(stage, root):
                talk(stage, name, address, user, tls)
                server.end()
        except Missing as exc:
            missing.append('%s (%s)' % (name, exc))
    if missing:
        raise Missing(', '.join(missing))


def talk(stage, name, address, user, tls):
    """All that the client does, with one server."""
    stage.variables['CARRYALL_PASSWORD'] = 'secret'
    base = 'ftp://%s%s/' % ('%s@' % user if user else '', address)
    label = '%s%s' % (name, ' with TLS' if tls else '')
    secured = ['--tls', '--trust', 'one.pem'] if tls else []
    for ways in ([], ['--active']):
        words = ways + secured
        stage.call('carryall', 'ftp-get', *words, '-o', 'got', base + 'big.bin')
        stage.demand(stage.read('got') == BIG, '%s: other octets', label)
        stage.call('carryall', 'ftp-put', *words, 'got', base + 'in/up')
        stage.demand(stage.read(name + '/in/up') == BIG, '%s: other octets were stored', label)
        os.unlink(stage.path(name, 'in', 'up'))
    if tls and name == 'proftpd':           # the others have no CCC
        stage.call('carryall', 'ftp-get', *secured, '--ccc', '-o', 'got', base + 'big.bin')
        stage.demand(stage.read('got') == BIG, '%s, CCC: other octets', label)
    listed = stage.call('carryall', 'ftp-ls', *secured, '--form', 'names', base)
    stage.demand('big.bin' in listed and 'd/' in listed, '%s lists %r', label, listed)
    shutil.rmtree(stage.path('copy'), ignore_errors=True)
    stage.call('carryall', 'ftp-mirror', '-q', *secured, base, 'copy')
    stage.demand(stage.read('copy/d/caf\u00e9 1.txt') == b'latte\n'
                 and stage.read('copy/big.bin') == BIG, '%s: mirror', label)
    again = stage.call('carryall', 'ftp-mirror', '-q', *secured, base, 'copy')
    stage.demand('0 fetched' in again, '%s: the mirror again: %s', label, again)
    stage.call('carryall', 'ftp-mirror', '-q', '--up', *secured, base + 'in', 'copy/d')
    stage.demand(stage.read(name + '/in/caf\u00e9 1.txt') == b'latte\n', '%s: mirror up', label)
    os.unlink(stage.path(name, 'in', 'caf\u00e9 1.txt'))
    stage.call('carryall', 'ftp-get', *secured, base + 'nothing', status=1)


def pyftpdlib(stage, root):
    """One in clear, one with TLS."""
    folder = foreign.python_path('pyftpdlib')
    script = stage.write('pyftpd.py', PYFTPDLIB.encode('ascii'))
    for tls in (False, True):
        env = ['env', 'PYTHONPATH=' + folder, sys.executable, script, root] \
            + ([stage.path('site.pem')] if tls else [])
        server = stage.launch(env)
        yield server, '%s:%d' % server.address(), 'joe', tls


def vsftpd(stage, root):
    """One that offers TLS and wants data connections to go on with its session; anonymous, for a
    private one has no users."""
    if not shutil.which('vsftpd'):
        raise Missing('vsftpd')
    if os.getuid():
        raise Missing('root, without whom vsftpd does not start')
    os.chmod(root, 0o755)               # vsftpd does not serve a root that can be written to
    os.makedirs(stage.path('empty'), exist_ok=True)
    port = stage.free_port()
    stage.write('vsftpd.conf', VSFTPD.format(port=port, root=root, empty=stage.path('empty'),
                                             pem=stage.path('site.pem')).encode('utf-8'))
    for tls in (False, True):
        server = stage.launch(['vsftpd', stage.path('vsftpd.conf')])
        wait_for(stage, port)
        yield server, '127.0.0.1:%d' % port, '', tls


def proftpd(stage, root):
    """One that offers TLS."""
    root_of = '/' if shutil.which('proftpd') else foreign.unpacked('proftpd')
    program = shutil.which('proftpd') or os.path.join(root_of, 'usr', 'sbin', 'proftpd')
    modules = os.path.join(root_of, 'usr', 'lib', 'proftpd')
    if os.getuid():
        raise Missing('root, which proftpd needs for logins')
    # Its files hold what Unix password files hold.
    stage.write('users', ('joe:%s:%d:%d::%s:/bin/sh\n' % (crypted(stage), os.getuid(), os.getgid(),
                                                          root)).encode('utf-8'))
    stage.write('groups', b'joe:x:%d:joe\n' % os.getgid())
    os.chmod(stage.path('users'), 0o600)
    os.chmod(stage.path('groups'), 0o600)
    os.chmod(stage.path('site.pem'), 0o600)
    os.makedirs(stage.path('empty'), exist_ok=True)
    port = stage.free_port()
    text = PROFTPD.format(port=port, users=stage.path('users'), groups=stage.path('groups'),
                          empty=stage.path('empty'), modules=modules, pem=stage.path('site.pem'))
    stage.write('proftpd.conf', text.encode('utf-8'))
    for tls in (False, True):
        server = stage.launch([program, '-n', '-q', '-c', stage.path('proftpd.conf')])
        wait_for(stage, port)
        yield server, '127.0.0.1:%d' % port, 'joe', tls


def crypted(stage):
    """The password "secret" as a Unix password file has it."""
    return stage.foreign('openssl', 'passwd', '-6', '-salt', 'carryall', 'secret').decode(
        'ascii').strip()


def wait_for(stage, port):
    """Until somebody takes connections there."""
    def there():
        try:
            stage.connect(('127.0.0.1', port), 1.0).close()
        except OSError:
            return False
        return True
    stage.until(there, 'a server on port %d' % port)
