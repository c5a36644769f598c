#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What a TLS server on Python's ssl does with a client all of whose application protocols (ALPN) it
# does not know.
#
# One would guess:  the handshake fails with the alert no_application_protocol, as RFC 7301 section
#                   3.2 says (SHALL) and as nginx, Go and Java do; set_alpn_protocols() says what is
#                   spoken.
# What is:          the handshake succeeds on both sides, and selected_alpn_protocol() is None. No
#                   option of SSLContext changes that. The one place from which an alert can be sent
#                   is the callback for the server's name: an int that it returns goes out as the
#                   alert, also one that ssl has no name for (120), and it is called for clients
#                   that send no name at all. What the client offered it is not told.
# Why it matters:   a client that means another protocol talks to the server all the same;
#                   cross-protocol attacks (ALPACA) live on that. A server that wants the alert has
#                   to read the ClientHello itself.
# Seen with:        CPython 3.11.7 and its ssl with OpenSSL 3.0; the test asks the python3 that is
#                   there. 2026-11-30.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout key.pem -out cert.pem -days 2 \
    -subj /CN=localhost >/dev/null 2>&1
cat > seen.py <<'PYTHON'
import ssl
import sys

NO_APPLICATION_PROTOCOL = 120


def handshake(name=None, alert=None):
    """The names given to the callback, if the client got the alert, and the agreed protocol."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain('cert.pem', 'key.pem')
    server.set_alpn_protocols(['h2'])
    called = []
    if alert is not None:
        server.sni_callback = lambda connection, asked, context: called.append(asked) or alert
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.set_alpn_protocols(['http/1.1'])
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [client.wrap_bio(to_client, to_server, server_hostname=name),
            server.wrap_bio(to_server, to_client, server_side=True)]
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as exc:
                if end is ends[0]:
                    # Its attribute `reason` is None: ssl has no name for this alert either.
                    return called, 'no application protocol' in str(exc), None
    return called, None, [end.selected_alpn_protocol() for end in ends]


print('Python %s, %s' % (sys.version.split()[0], ssl.OPENSSL_VERSION))
plain = handshake('host.example')
alerted = handshake('host.example', NO_APPLICATION_PROTOCOL)
nameless = handshake(None, NO_APPLICATION_PROTOCOL)
print('h2 alone is served, http/1.1 alone is offered: %r' % (plain,))
print('the callback for the name returns 120:         %r' % (alerted,))
print('the same, and the client sends no name:        %r' % (nameless,))
expected = (plain == ([], None, [None, None])
            and alerted == (['host.example'], True, None)
            and nameless == ([None], True, None))
sys.exit(0 if expected else 1)
PYTHON
python3 seen.py
