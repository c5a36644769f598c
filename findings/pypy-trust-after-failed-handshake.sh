#!/bin/sh
# One would guess that loading a good certificate into a new SSLContext depends on that certificate.
# In PyPy, load_verify_locations(cadata=DER) raises the error of an earlier, unrelated handshake: a
# server whose peer rejected its certificate gets "tlsv1 alert unknown ca" from the next context to
# which it gives an authority as DER.  The call seems to end by looking at OpenSSL's queue of
# errors, and the handshake has left one there.  It happens once; the second try loads.  The same
# certificate as PEM text loads at once, and CPython loads both.
# It matters to programs that make contexts while they serve (certificates read again, a client
# inside a server): one stranger with another trust store makes a good file look broken.
# What helps: give PEM text, or clear the queue by a first load that may fail.
# Seen with: PyPy 7.3.11 (Python 3.9.16, Debian 12, OpenSSL 3.0), CPython 3.11 beside it.
# Date: 2026-11-30
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days 2 \
    -keyout "$folder/key" -out "$folder/certificate" 2>/dev/null
code='
import ssl, sys

certificate, key = sys.argv[1:]
text = open(certificate).read()
der = ssl.PEM_cert_to_DER_cert(text)


def load(what):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=what)
        return "loaded"
    except ssl.SSLError as exc:
        return exc.reason


print("DER, at first: %s" % load(der))
here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
here.load_cert_chain(certificate, key)
to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
client = context.wrap_bio(to_client, to_server, server_hostname="localhost")
server = here.wrap_bio(to_server, to_client, server_side=True)
for side in (client, server, client, server):
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        pass
    except ssl.SSLError as exc:
        print("the %s: %s" % ("client" if side is client else "server", exc.reason))
print("DER, after that: %s" % load(der))
print("DER, once more: %s" % load(der))
'
for program in pypy3 python3; do
    "$program" -c 'import platform, ssl
print(platform.python_implementation(), platform.python_version(), ssl.OPENSSL_VERSION)'
    said=$("$program" -c "$code" "$folder/certificate" "$folder/key")
    echo "$said"
    case "$program:$said" in
        pypy3:*"DER, after that: TLSV1_ALERT_UNKNOWN_CA"*"DER, once more: loaded") ;;
        python3:*"DER, after that: loaded"*"DER, once more: loaded") ;;
        *) echo "this has changed"; exit 1 ;;
    esac
done
