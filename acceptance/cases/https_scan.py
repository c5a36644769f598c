# Copyright the carryall authors.  See LICENSE.
"""A scan of the HTTPS port with the default settings: TLS 1.2 and 1.3 alone, and of 1.2 only what
has forward secrecy and AEAD."""
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from acceptance.cases.https_serve import secure

PROVES = ['X-09']
NEEDS = ['openssl']
LONG = True
PACKAGES = {'openssl': 'openssl'}

OLD = ('-tls1', '-tls1_1')
ALL = 'ALL:eNULL:@SECLEVEL=0'
# What openssl calls a suite with an ephemeral key exchange and authenticated encryption.
GOOD = re.compile(r'ECDHE-(RSA|ECDSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)\Z')
AT_ONCE = 4


def suites(stage):
    """The names of all suites that this openssl can offer in TLS 1.2."""
    listed = stage.foreign('openssl', 'ciphers', '-s', '-tls1_2', ALL).decode().strip().split(':')
    return [name for name in listed if not name.startswith('TLS_')]


def offer(port, *words):
    """The (version, suite) that the server on *port* agrees to, None if it refuses."""
    done = subprocess.run(['openssl', 's_client', '-connect', '127.0.0.1:%d' % port, '-servername',
                           'localhost', *words],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    found = re.search(r'New, (TLSv[0-9.]+|SSLv3), Cipher is (\S+)',
                      done.stdout.decode('utf-8', 'replace'))
    version = re.search(r'Protocol *: *(TLSv[0-9.]+|SSLv3)', done.stdout.decode('utf-8', 'replace'))
    if found is None or found.group(2) == '(NONE)':
        return None
    return (version or found).group(1), found.group(2)


def scan(stage, port):
    """All that the server takes, as a set of (version, suite)."""
    offers = [(version, '-cipher', ALL) for version in OLD]         # whichever suite it likes best
    offers += [('-tls1_2', '-cipher', name + ':@SECLEVEL=0') for name in suites(stage)]
    offers += [('-tls1_3', '-ciphersuites', name) for name in (
        'TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256',
        'TLS_AES_128_CCM_SHA256', 'TLS_AES_128_CCM_8_SHA256')]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {found for found in pool.map(lambda words: offer(port, *words), offers) if found}


def run(stage):
    """With an EC and with an RSA certificate; and a server of openssl's that takes anything, to see
    that the scan sees."""
    stage.call('carryall', 'cert', 'make', '-o', 'ec.pem', 'localhost')
    stage.foreign('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj',
                  '/CN=localhost', '-days', '2', '-keyout', 'rsa.key', '-out', 'rsa.pem')
    port = stage.free_port()
    weak = stage.launch(['openssl', 's_server', '-accept', '127.0.0.1:%d' % port, '-cert',
                         'rsa.pem', '-key', 'rsa.key', '-cipher', ALL, '-min_protocol', 'TLSv1',
                         '-quiet', '-www'])
    stage.until(lambda: offer(port) is not None, 'a weak server')
    found = scan(stage, port)
    stage.demand({'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'} <= {version for version, _ in found}
                 and any(name == 'AES128-SHA' for _, name in found), 'the scan is blind: %s',
                 sorted(found))
    weak.end()
    for name, kind in (('ec', 'ECDSA'), ('rsa', 'RSA')):
        server = stage.start('carryall', 'web', '--path', '.', '-p', '0', '--https', '0', '-c',
                             name + '.pem', '-k', name + '.key')
        found = scan(stage, secure(server)[1])
        stage.demand({version for version, _ in found} == {'TLSv1.2', 'TLSv1.3'}, 'it speaks %s',
                     sorted(found))
        old = sorted(suite for version, suite in found if version == 'TLSv1.2')
        stage.demand(old and all(GOOD.match(suite) and kind in suite for suite in old),
                     'of TLS 1.2 it takes %s', old)
        stage.demand('Traceback' not in server.output, 'the log has a traceback:\n%s',
                     server.output[-4000:])
        server.stop()
