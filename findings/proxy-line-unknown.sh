#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# Which servers take "PROXY UNKNOWN", the line of the PROXY protocol that carries no address.
#
# One would guess:  all that speak the protocol.  Its specification says that the rest of the line
#                   may be left out by a sender, and that a receiver must ignore whatever comes
#                   before the end of line; the longest line it gives as an example is such a one.
# What is:          no two of four agree.  HAProxy, by the author of the specification, sends the
#                   short line for a client on a Unix socket and takes it, but resets a connection
#                   that opens with the longest.  Twisted takes the longest and closes on the short
#                   one.  Varnish closes on both.  nginx and lighttpd take both.
# Why it matters:   a balancer that serves a Unix socket, or checks its servers, in front of Twisted
#                   or Varnish gets connections that end without a word and without a log line.
#                   Version 2 of the protocol has a LOCAL command, which all five take.
# Seen with:        Debian 12's haproxy 2.6.12, varnish 7.1.1, nginx 1.22.1 and lighttpd 1.4.69;
#                   Twisted 26.10.0 on Python 3.11.7.  2026-11-30.
set -eu
for program in haproxy varnishd nginx lighttpd python3; do
    command -v $program > /dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --target packages twisted==26.10.0 2>/dev/null
cat > twisted_server.py <<'PYTHON'
import sys

sys.path.insert(0, 'packages')
from twisted.internet import endpoints, protocol, reactor


class Peer(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(b'peer ' + self.transport.getPeer().host.encode() + b' end')
        self.transport.loseConnection()


place = 'haproxy:tcp:%s:interface=127.0.0.1' % sys.argv[1]
endpoints.serverFromString(reactor, place).listen(protocol.Factory.forProtocol(Peer))
reactor.run()
PYTHON
cat > seen.py <<'PYTHON'
import os
import re
import socket
import subprocess
import sys
import time

HERE = os.getcwd()
SIGNATURE = b'\r\n\r\n\0\r\nQUIT\n'
ONES = b':'.join([b'ffff'] * 8)
HEADERS = [('v1 TCP4', b'PROXY TCP4 192.0.2.1 192.0.2.2 4000 80\r\n'),
           ('v1 UNKNOWN', b'PROXY UNKNOWN\r\n'),
           ('v1 longest', b'PROXY UNKNOWN %s %s 65535 65535\r\n' % (ONES, ONES)),
           ('v2 LOCAL', SIGNATURE + b'\x20\0\0\0')]
CLIENT, OWN = '192.0.2.1', '127.0.0.1'
EXPECTED = {'haproxy': [CLIENT, OWN, None, OWN], 'twisted': [CLIENT, None, OWN, OWN],
            'varnish': [CLIENT, None, None, OWN], 'nginx': [CLIENT, '', '', ''],
            'lighttpd': [CLIENT, OWN, OWN, OWN]}
HAPROXY = '''
defaults
    mode http
    timeout client 10s
frontend it
    bind 127.0.0.1:%d accept-proxy
    http-request return status 200 content-type text/plain lf-string "peer %%[src] end"
'''
VARNISH = '''
vcl 4.1;
backend default none;
sub vcl_recv { return (synth(200)); }
sub vcl_synth { set resp.body = "peer " + client.ip + " end"; return (deliver); }
'''
NGINX = '''
daemon off; master_process off; pid nginx.pid; error_log nginx.log;
events {}
http {
    access_log off;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
    uwsgi_temp_path t4; scgi_temp_path t5;
    server {
        listen 127.0.0.1:%d proxy_protocol;
        location / { return 200 "peer $proxy_protocol_addr end"; }
    }
}
'''
LIGHTTPD = '''
server.document-root = "%s"
server.port = %d
server.bind = "127.0.0.1"
server.modules = ("mod_extforward", "mod_cgi")
extforward.hap-PROXY = "enable"
extforward.forwarder = ("all" => "trust")
cgi.assign = (".sh" => "/bin/sh")
'''


def written(name, text):
    with open(name, 'w') as out:
        out.write(text)
    return os.path.join(HERE, name)


def command(name, port):
    if name == 'haproxy':
        return ['haproxy', '-db', '-f', written('haproxy.cfg', HAPROXY % port)]
    if name == 'varnish':
        return ['varnishd', '-F', '-n', HERE + '/varnish', '-s', 'malloc,16m',
                '-f', written('varnish.vcl', VARNISH), '-a', '127.0.0.1:%d,PROXY' % port]
    if name == 'nginx':
        return ['nginx', '-p', HERE, '-c', written('nginx.conf', NGINX % port)]
    if name == 'lighttpd':
        written('peer.sh', 'printf "Content-Type: text/plain\\n\\npeer $REMOTE_ADDR end"\n')
        return ['lighttpd', '-D', '-f', written('lighttpd.conf', LIGHTTPD % (HERE, port))]
    return [sys.executable, 'twisted_server.py', str(port)]


def ask(port, header):
    """The client's address as the server has it; None if the server closes without an answer."""
    data = b''
    try:
        with socket.create_connection(('127.0.0.1', port), 10) as connection:
            connection.sendall(header + b'GET /peer.sh HTTP/1.0\r\n\r\n')
            while b' end' not in data:
                more = connection.recv(4096)
                if not more:
                    return None
                data += more
    except ConnectionError:
        return None
    return re.search(b'peer (.*) end', data).group(1).decode()


def version(name):
    if name == 'twisted':
        sys.path.insert(0, 'packages')
        from importlib import metadata
        return metadata.version('twisted')
    flag = '-V' if name == 'varnish' else '-v'
    program = 'varnishd' if name == 'varnish' else name
    done = subprocess.run([program, flag], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return re.search(r'\d+\.\d+\.\d+', done.stdout.decode()).group()


changed = 0
for name, expected in EXPECTED.items():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = listener.getsockname()[1]
    process = subprocess.Popen(command(name, port), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        for _ in range(150):
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError:
                time.sleep(0.2)
        for (label, header), wanted in zip(HEADERS, expected):
            seen = ask(port, header)
            changed += seen != wanted
            said = 'closes' if seen is None else 'peer is %r' % seen
            print('%-16s %-11s %s%s' % (name + ' ' + version(name), label, said,
                                        '' if seen == wanted else '   CHANGED'), flush=True)
    finally:
        process.terminate()
        process.wait()
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
