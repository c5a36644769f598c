# Copyright the carryall authors.  See LICENSE.
"""carryall web --path .: curl, wget and http.client get files, ranges, listings, conditions,
and no more than that."""
import http.client

PROVES = ['WEB-02', 'WEB-03', 'HTS-01', 'HTS-10', 'HTS-11', 'HTS-12']
NEEDS = ['curl', 'wget']


def run(stage):
    """Fetches the same folder with three foreign clients."""
    body = bytes(range(256)) * 400
    stage.write('site/data.bin', body)
    stage.write('site/index.html', b'<h1>home</h1>\n')
    stage.write('site/.secret', b'no')
    stage.write('outside.txt', b'no')
    server = stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1')
    base = 'http://%s:%d' % server.address()
    stage.demand(stage.foreign('curl', '-sS', base + '/data.bin') == body, 'curl got other bytes')
    stage.demand(stage.foreign('curl', '-sS', '--http1.0', base + '/data.bin') == body,
                 'HTTP/1.0 got other bytes')
    stage.demand(stage.foreign('curl', '-sS', '--compressed', base + '/') == b'<h1>home</h1>\n',
                 'compressed differs')
    stage.demand(stage.foreign('curl', '-sS', '-r', '100-199', base + '/data.bin') == body[100:200],
                 'range differs')
    stage.demand(stage.foreign('curl', '-sS', '-r', '-10', base + '/data.bin') == body[-10:],
                 'suffix range differs')
    stage.foreign('wget', '-q', '-O', stage.path('got'), base + '/data.bin')
    stage.demand(stage.read('got') == body, 'wget got other bytes')
    for path in ('/../outside.txt', '/%2e%2e/outside.txt', '/..%2foutside.txt', '/.secret',
                 '/nothing'):
        status = stage.foreign('curl', '-s', '--path-as-is', '-o', '/dev/null', '-w',
                               '%{http_code}', base + path)
        stage.demand(status in (b'404', b'400', b'403'), '%s gave %s', path, status)
    client = http.client.HTTPConnection(*server.address(), timeout=30)
    client.request('GET', '/data.bin')
    first = client.getresponse()
    first.read()
    client.request('GET', '/data.bin', headers={'If-None-Match': first.headers['ETag']})
    second = client.getresponse()
    second.read()
    stage.demand(second.status == 304, 'If-None-Match gave %d', second.status)
    client.request('HEAD', '/data.bin')
    third = client.getresponse()
    stage.demand(third.headers['Content-Length'] == str(len(body)) and third.read() == b'',
                 'HEAD is wrong')
    client.request('DELETE', '/data.bin')
    fourth = client.getresponse()
    fourth.read()
    stage.demand(fourth.status == 405 and 'GET' in fourth.headers['Allow'], 'DELETE gave %d',
                 fourth.status)
    client.close()
    server.stop()


def show(stage):
    """The folder, for a browser."""
    stage.write('site/index.html',
                b'<h1>It works</h1>\n<p>A <a href="folder/">folder</a> with a file.</p>\n')
    stage.write('site/folder/file.txt', b'This is a file.\n')
    server = stage.start('carryall', 'web', '--path', 'site', '--port', 'tcp:0:interface=127.0.0.1')
    return ('http://%s:%d/ should say "It works", and its link lead to the listing of a folder '
            'with file.txt in it.'
            % server.address())
