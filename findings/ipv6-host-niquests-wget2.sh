#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# How an IPv6 address stands in the Host field of niquests, of requests beside it, and of wget2.
#
# One would guess:  in brackets, and with the port when that is not 80: RFC 9110 section 7.2 has
#                   Host copy the authority of the URL.
# What is:          niquests writes ::1:8080 for http://[::1]:8080/, in which no one can tell the
#                   port. nginx and lighttpd answer 400.  The fault is urllib3-future's, and that
#                   package puts itself in the place of urllib3: install niquests into an
#                   environment and requests, which nobody touched, writes the same from then on.
#                   wget2 percent-encodes the colons and drops the port: %3A%3A1, which is a valid
#                   name of a host, and nginx takes it for one; lighttpd answers 400.  It drops the
#                   port from names, too.
# Why it matters:   a service that is healthy by curl is "400 Bad Request" by an API client, on IPv6
#                   alone and only where somebody installed another package; behind wget2's Host an
#                   application redirects to another port than it was asked on.
# Seen with:        requests 2.34.2 with urllib3 2.8.0, then with niquests 3.21.2 and urllib3-future
#                   2.25.904; Python 3.11.7; Debian 12's wget2 1.99.1, nginx 1.22.1, lighttpd
#                   1.4.69. 2026-11-30.
set -eu
for program in nginx lighttpd wget2 python3; do
    command -v $program > /dev/null || { echo "needs $program"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
pip='python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore'
$pip --target alone requests==2.34.2 urllib3==2.8.0 2>/dev/null
$pip --target together requests==2.34.2 urllib3==2.8.0 niquests==3.21.2 \
    urllib3-future==2.25.904 2>/dev/null
cat > seen.py <<'PYTHON'
import os
import re
import socket
import subprocess
import sys
import threading
import time

HERE = os.getcwd()
NGINX = '''
daemon off; master_process off; pid nginx.pid; error_log nginx.log;
events {}
http {
    access_log off;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
    uwsgi_temp_path t4; scgi_temp_path t5;
    server { listen [::1]:%d; location / { return 200 "hello\\n"; } }
}
'''
LIGHTTPD = '''
server.document-root = "%s"
server.use-ipv6 = "enable"
server.bind = "[::1]"
server.port = %d
index-file.names = ("seen.py")
'''
CLIENT = '''
import sys
sys.path.insert(0, sys.argv[1])
client = __import__(sys.argv[2])
print(client.get(sys.argv[3], timeout=10).status_code)
'''
hosts = []


def serve(listener):
    """Answers 200, and remembers the Host field."""
    while True:
        with listener.accept()[0] as connection:
            data = b''
            while b'\r\n\r\n' not in data:
                more = connection.recv(4096)
                if not more:
                    break
                data += more
            if not data:
                continue
            hosts.append(re.search(r'(?im)^host: *(.*?)\r$', data.decode()).group(1))
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')


def listen():
    return socket.create_server(('::1', 0), family=socket.AF_INET6)


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          env=dict(os.environ, HOME=HERE))
    return done.stdout.decode()


def by(place, name):
    return lambda url: int(run(sys.executable, '-c', CLIENT, place, name, url).split()[-1])


def by_wget2(url):
    said = run('wget2', '--no-config', '--tries=1', '-O', os.devnull, url)
    refused = re.search(r'ERROR response (\d+)', said)      # its status of exit is 0 all the same
    return int(refused.group(1)) if refused else 200


def version(place, name):
    code = 'import sys; from importlib import metadata; print(metadata.version(sys.argv[1]))'
    return subprocess.run([sys.executable, '-c', code, name], stdout=subprocess.PIPE,
                          env=dict(os.environ, PYTHONPATH=place)).stdout.decode().strip()


listener = listen()
threading.Thread(target=serve, args=(listener,), daemon=True).start()
ports, processes = {'own': listener.getsockname()[1]}, []
for name, text in (('nginx', NGINX), ('lighttpd', LIGHTTPD)):
    with listen() as other:
        ports[name] = other.getsockname()[1]
    with open(name + '.conf', 'w') as out:
        out.write(text % ((HERE, ports[name]) if name == 'lighttpd' else ports[name]))
    flags = ['-D', '-f'] if name == 'lighttpd' else ['-p', HERE, '-c']
    processes.append(subprocess.Popen([name] + flags + [os.path.join(HERE, name + '.conf')],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
CASES = [('requests alone', by('alone', 'requests'), '[::1]:PORT', 200, 200),
         ('niquests', by('together', 'niquests'), '::1:PORT', 400, 400),
         ('requests beside it', by('together', 'requests'), '::1:PORT', 400, 400),
         ('wget2', by_wget2, '%3A%3A1', 200, 400)]
print('Python %s, requests %s, niquests %s, %s' % (
    sys.version.split()[0], version('alone', 'requests'), version('together', 'niquests'),
    run('wget2', '--version').split(' - ')[0]))
changed = 0
try:
    for port in ports.values():
        for _ in range(100):
            try:
                socket.create_connection(('::1', port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
    for label, ask, *expected in CASES:
        del hosts[:]
        ask('http://[::1]:%d/' % ports['own'])
        seen = [hosts[0].replace(str(ports['own']), 'PORT')]
        seen += [ask('http://[::1]:%d/' % ports[name]) for name in ('nginx', 'lighttpd')]
        changed += seen != expected
        print('%-18s Host: %-11s nginx %d, lighttpd %d%s' % (
            label, *seen, '' if seen == expected else '   CHANGED'))
finally:
    for process in processes:
        process.terminate()
        process.wait()
sys.exit(1 if changed else 0)
PYTHON
python3 seen.py
