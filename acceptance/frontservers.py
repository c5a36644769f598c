# Copyright the carryall authors.  See LICENSE.
"""Web servers of others before an application of ours: nginx, lighttpd and Apache."""
import os
import shutil

PACKAGES = {'nginx': 'nginx-light', 'lighttpd': 'lighttpd', 'apache2': 'apache2'}

APP = b'''from carryall.protocols.http import Response


def app(request):
    line = b' '.join([request.method, request.target, request.headers.get(b'x-own', b'-'),
                      request.peer.host.encode('ascii')])

    def answer(data):
        return Response(200, [(b'X-Length', b'%d' % len(data))], [line, b'\\n', data])

    return request.body.read_all(1 << 22).then(answer)
'''
NGINX = '''daemon off;
pid %(folder)s/nginx.pid;
error_log %(folder)s/nginx.log;
%(user)s
events { }
http {
    access_log off;
    client_body_temp_path %(folder)s/n1; proxy_temp_path %(folder)s/n2;
    fastcgi_temp_path %(folder)s/n3; uwsgi_temp_path %(folder)s/n4; scgi_temp_path %(folder)s/n5;
    client_max_body_size 8m;
    server {
        listen 127.0.0.1:%(port)d;
        location / { include /etc/nginx/%(kind)s_params; %(kind)s_pass 127.0.0.1:%(ours)d; }
    }
}
'''
LIGHTTPD = '''server.modules = ("mod_%(kind)s")
server.document-root = "%(folder)s"
server.errorlog = "%(folder)s/lighttpd.log"
server.bind = "127.0.0.1"
server.port = %(port)d
%(kind)s.server = ("/" => (("host" => "127.0.0.1", "port" => %(ours)d,
                            "check-local" => "disable")))
'''
APACHE = '''ServerName localhost
ServerRoot "%(folder)s"
PidFile %(folder)s/apache.pid
ErrorLog %(folder)s/apache.log
Listen 127.0.0.1:%(port)d
%(modules)s
%(user)s
ProxyPass "/" "%(scheme)s://127.0.0.1:%(ours)d/"
'''
MODULES = ('mpm_event', 'authz_core', 'proxy')


def run(stage, kind, scheme, before=('nginx', 'lighttpd', 'apache2')):
    """An application of one type of ours behind each server.

    Args:     kind: the type, which is a word of the servers' settings too.
              scheme: of Apache's URLs.
              before: the servers.
    """
    stage.write('behind_site.py', APP)
    server = stage.start('carryall', 'serve', kind, '-p', 'tcp:0:interface=127.0.0.1',
                         '--app', 'behind_site:app')
    root = os.getuid() == 0
    facts = {'folder': stage.folder, 'ours': server.address()[1], 'kind': kind, 'scheme': scheme}
    if 'nginx' in before:
        front(stage, ['nginx', '-c', '%s'], NGINX, dict(facts, user='user root;' if root else ''))
    if 'lighttpd' in before:
        front(stage, ['lighttpd', '-D', '-f', '%s'], LIGHTTPD, facts)
    if 'apache2' in before:
        names = MODULES + ('proxy_%s' % scheme,)
        modules = '\n'.join('LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so'
                            % (name, name) for name in names)
        user = 'User www-data\nGroup www-data' if root else ''
        front(stage, ['apache2', '-X', '-f', '%s'], APACHE,
              dict(facts, modules=modules, user=user))
    server.stop()


def front(stage, words, text, facts):
    """One server before ours."""
    port = stage.free_port()
    path = stage.write(words[0] + '.conf', (text % dict(facts, port=port)).encode('ascii'))
    process = stage.launch([shutil.which(words[0])] + [word.replace('%s', path)
                                                       for word in words[1:]], foreign=True)

    def up():
        try:
            stage.connect(('127.0.0.1', port), 1.0).close()
            return True
        except OSError:
            return False

    stage.until(up, words[0])
    # Apache sends no body without a length by SCGI and uwsgi.
    chunked = words[0] != 'apache2' or facts['scheme'] == 'fcgi'
    look(stage, words[0], 'http://127.0.0.1:%d' % port, chunked)
    # Killed, nginx might leave a worker that it has just started.
    process.signal('TERM')
    process.wait()


def look(stage, name, url, chunked):
    """Fetches, sends a body with a length, and one without."""
    for _ in range(2):
        said = stage.foreign('curl', '-sS', '-H', 'X-Own: yes', url + '/a%20b?c=d')
        wanted = b'GET /a%20b?c=d yes 127.0.0.1\n'
        stage.demand(said == wanted, '%s gave %r', name, said)
    data = os.urandom(1 << 20)
    stage.write('body', data)
    for more in ((), ('-H', 'Transfer-Encoding: chunked'))[:1 + chunked]:
        said = stage.foreign('curl', '-sS', '-H', 'Expect:', '--data-binary',
                             '@' + stage.path('body'), *more, url + '/x')
        stage.demand(said.endswith(b'\n' + data), '%s: %d octets came back of a body (%s): %r',
                     name, len(said), more, said[:200])
    said = stage.foreign('curl', '-sS', '-I', url + '/x')
    stage.demand(b' 200 ' in said, '%s: HEAD gave %r', name, said)
