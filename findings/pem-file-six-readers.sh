#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# Six readers of one certificate in PEM, laid out in ways that RFC 7468 lets stand.
#
# One would guess:  what one library reads another does; at the least, Python's
#                   load_verify_locations reads a text by cafile= if and only if it does by cadata=.
# What is:          Java takes whatever stands between BEGIN and END for a certificate: the usual
#                   file with the private key and the certificate is "signed fields invalid" to it,
#                   in either order.  cadata= refuses a remark with one letter that is not ASCII,
#                   which cafile= passes over.  CR alone for ends of line (in the RFC's grammar)
#                   OpenSSL and ssl do not know, cryptography, GnuTLS and Java do.  An empty line in
#                   the base64 (a parser SHOULD ignore it) divides them differently again:
#                   cryptography, too, takes what precedes it for a header.
# Why it matters:   a store that a Python server has read for years fails when it comes by a
#                   variable and cadata=; the key-and-certificate file of HAProxy, uvicorn's and
#                   others cannot be given to a Java peer, whose message speaks of a bad signature.
# Seen with:        OpenSSL 3.0.19, GnuTLS 3.7.9, OpenJDK 17.0.15 (Debian 12), cryptography 50.0.2,
#                   CPython 3.11.7.  2026-11-30.
set -eu
for program in openssl certtool keytool python3; do
    command -v $program > /dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages cryptography==50.0.2 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
    -days 2 -subj /CN=localhost > /dev/null 2>&1
cat > seen.py <<'PYTHON'
import ssl
import subprocess
import sys

sys.path.insert(0, 'packages')
import cryptography
from cryptography import x509

cert, key = open('cert.pem').read(), open('key.pem').read()
lines = cert.split('\n')
FILES = {'as written': cert, 'key, certificate': key + cert, 'certificate, key': cert + key,
         'remark in UTF-8': '# Gr\u00fc\u00dfe\n' + cert,
         'CR ends the lines': cert.replace('\n', '\r'),
         'an empty line': '\n'.join(lines[:3] + [''] + lines[3:])}


def ok(*words):
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def by_openssl(name, data):
    return ok('openssl', 'x509', '-noout', '-in', name)


def by_cafile(name, data):
    return taken(cafile=name)


def by_cadata(name, data):
    return taken(cadata=data)


def taken(**where):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(**where)
    except (ssl.SSLError, ValueError, TypeError):
        return False
    return len(context.get_ca_certs()) == 1


def by_cryptography(name, data):
    try:
        return bool(x509.load_pem_x509_certificate(data.encode()))
    except ValueError:
        return False


def by_gnutls(name, data):
    return ok('certtool', '--certificate-info', '--infile', name)


def by_java(name, data):
    return ok('keytool', '-printcert', '-file', name)


READERS = (by_openssl, by_cafile, by_cadata, by_cryptography, by_gnutls, by_java)
EXPECTED = {'as written': 'yyyyyy', 'key, certificate': 'yyyyyn', 'certificate, key': 'yyyyyn',
            'remark in UTF-8': 'yynyyy', 'CR ends the lines': 'nnnyyy', 'an empty line': 'nnnnyy'}
print('Python %s, %s, cryptography %s' % (sys.version.split()[0], ssl.OPENSSL_VERSION,
                                          cryptography.__version__))
for words in (['certtool', '--version'], ['java', '-version']):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout.decode().split('\n')[0])
print('%-18s %s' % ('', '  '.join(reader.__name__[3:] for reader in READERS)))
changed = 0
for label, data in FILES.items():
    with open('file.pem', 'w', encoding='utf-8', newline='') as out:
        out.write(data)
    seen = ''.join('y' if reader('file.pem', data) else 'n' for reader in READERS)
    changed += seen != EXPECTED[label]
    cells = '  '.join(cell.ljust(len(reader.__name__[3:])) for cell, reader in zip(seen, READERS))
    print('%-18s %s%s' % (label, cells.rstrip(), '' if seen == EXPECTED[label] else '   CHANGED'))
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
