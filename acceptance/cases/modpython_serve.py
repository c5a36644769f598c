# Copyright the carryall authors.  See LICENSE.
"""carryall modpython: handlers and pages give the same answers as in Apache with mod_python 3.5."""
import http.client
import os
import shutil

PROVES = ['MPY-03', 'MPY-07', 'MPY-08', 'NEW-17']
NEEDS = ['apache2', 'mod_python', 'setsid']
PACKAGES = {'apache2': 'apache2', 'mod_python': 'libapache2-mod-python', 'setsid': 'util-linux'}

MODULES = ('mpm_prefork', 'authz_core', 'authz_user', 'authn_core', 'alias', 'dir', 'mime',
           'python')
CONFIG = '''
ServerName localhost
ServerRoot "%(folder)s"
PidFile %(folder)s/apache.pid
ErrorLog %(folder)s/apache.log
Listen 127.0.0.1:%(port)d
%(modules)s
%(user)s
TypesConfig /etc/mime.types
DocumentRoot %(folder)s/site
<Directory %(folder)s/site>
    Require all granted
    PythonPath "sys.path + ['%(folder)s/modules']"
    PythonOption colour blue
</Directory>
<Directory %(folder)s/site/pages>
    SetHandler mod_python
    PythonHandler mod_python.publisher
    PythonOption publisher.index On
</Directory>
<Directory %(folder)s/site/guarded>
    AuthType Basic
    AuthName "a realm"
    Require valid-user
    PythonAuthenHandler modpythonsite
    PythonAuthzHandler modpythonsite
</Directory>
<Directory %(folder)s/site/fixed>
    PythonFixupHandler modpythonsite
    PythonAccessHandler modpythonsite
</Directory>
'''
PLACE = '''
<Directory %(folder)s/site/%(name)s>
    SetHandler mod_python
    PythonHandler modpythonsite::%(handler)s
</Directory>
'''
NAMES = ('plain', 'pieces', 'fields', 'facts', 'places', 'body', 'lines', 'part', 'status',
         'own_status', 'returned', 'created', 'fails', 'nonsense', 'nothing', 'declined', 'moved',
         'redirected', 'inner', 'options', 'cleaned', 'added', 'stopped', 'methods', 'form',
         'first', 'table', 'written', 'sends', 'cached', 'typed', 'logged', 'state')
OTHERS = {'guarded': 'user', 'fixed': 'notes'}
FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
ANNA = {'Authorization': 'Basic YW5uYTpvcGVu'}
WRONG = {'Authorization': 'Basic YW5uYTp3cm9uZw=='}

# Method, target, body, fields
REQUESTS = [('GET', '/%s/' % _name, None, {}) for _name in NAMES if _name != 'status']
REQUESTS += [('GET', '/%s/more/path?a=1&b=2' % _name, None, {}) for _name in NAMES
             if _name not in ('status', 'inner', 'declined')]
REQUESTS += [('HEAD', '/%s/' % _name, None, {})
             for _name in ('plain', 'pieces', 'fields', 'nothing')]
REQUESTS += [('GET', '/status/?%d' % _code, None, {}) for _code in (
    204, 301, 302, 303, 400, 402, 403, 404, 405, 406, 409, 410, 411, 412, 413, 415, 422, 500,
    501, 503)]
REQUESTS += [
    ('GET', '/fields/', None, {'X-Own': 'yes'}), ('POST', '/body/', b'a' * 100, {}),
    ('POST', '/body/', b'b' * 100000, {}), ('POST', '/lines/', b'one\ntwo\nthree', {}),
    ('POST', '/part/', b'abcdef\nrest', {}), ('POST', '/methods/', b'', {}),
    ('PUT', '/methods/', b'x', {}), ('DELETE', '/plain/', None, {}),
    ('OPTIONS', '/facts/', None, {}), ('POST', '/facts/', b'x', {}),
    ('GET', '/first/?a=1&a=2', None, {}), ('GET', '/first/?b=1', None, {}),
    ('GET', '/form/?a=1&b=&c=%20x+y', None, {}),
    ('GET', '/cached/', None, {'If-None-Match': '"one"'}),
    ('GET', '/cached/', None, {'If-None-Match': '"two"'}), ('GET', '/facts/%7Ea/b%20c', None, {}),
    ('GET', '/facts//a/./b/../c', None, {}), ('GET', '/plain', None, {}),
    ('GET', '/file.txt', None, {}), ('GET', '/file.txt/more', None, {}), ('GET', '/none', None, {}),
    ('GET', '/folder/', None, {}), ('GET', '/folder', None, {}), ('HEAD', '/file.txt', None, {}),
    ('POST', '/file.txt', b'x', {}), ('GET', '/guarded/', None, {}),
    ('GET', '/guarded/', None, ANNA),
    ('GET', '/guarded/', None, WRONG), ('GET', '/guarded/private', None, ANNA),
    ('GET', '/fixed/', None, {}), ('GET', '/fixed/?no', None, {}), ('GET', '/fixed/?yes', None, {}),
    ('GET', '/declined/file.txt', None, {}), ('HEAD', '/own_status/', None, {}),
    ('GET', '/fails/?a=1', None, {}), ('POST', '/created/', b'x', {}),
    ('HEAD', '/moved/', None, {}),
]
REQUESTS += [('GET', '/pages/modpythonpages' + _rest, None, {}) for _rest in (
    '/hello', '.py/hello', '/hello?to=all', '/hello?to=a&x=y', '/html', '/text', '/markup',
    '/number', '/kind', '/two?a=1', '/two?a=1&b=2', '/two?a=1&c=3', '/twice?who=a',
    '/twice?who=a&who=b', '/pages/show', '/pages', '/pages/title', '/none', '/_hidden',
    '/pages/_secret', '/pages/__class__', '/everything?b=2&a=1', '/two', '/hello/', '', '/')]
REQUESTS += [('GET', '/pages/none/x', None, {}), ('HEAD', '/pages/modpythonpages/hello', None, {}),
             ('PUT', '/pages/modpythonpages/hello', b'x', {})]

# (method, target): why ours differs; doc/conformance/mod_python.md says it at length
QUERY = 'Debian\'s 3.5 gives the values of a query as its names'
DIFFERENT = dict((('GET', _target), QUERY) for _target in (
    '/form/more/path?a=1&b=2', '/first/more/path?a=1&b=2', '/first/?a=1&a=2',
    '/form/?a=1&b=&c=%20x+y', '/pages/modpythonpages/hello?to=all',
    '/pages/modpythonpages/hello?to=a&x=y', '/pages/modpythonpages/two?a=1',
    '/pages/modpythonpages/two?a=1&b=2', '/pages/modpythonpages/two?a=1&c=3',
    '/pages/modpythonpages/twice?who=a', '/pages/modpythonpages/twice?who=a&who=b',
    '/pages/modpythonpages/everything?b=2&a=1'))
DIFFERENT.update({
    ('GET', '/pages/modpythonpages/markup'): '2.7.8 takes a text with "</" for HTML',
    ('GET', '/nothing/'): 'an empty answer has no type here',
    ('HEAD', '/nothing/'): 'an empty answer has no type here',
    ('GET', '/pages/modpythonpages/_hidden'): '404 as of 2.7.8, and not 403',
    ('GET', '/pages/modpythonpages/pages/_secret'): '404 as of 2.7.8, and not 403',
    ('GET', '/pages/modpythonpages/pages/__class__'): '404 as of 2.7.8, and not 403',
})
# Not WWW-Authenticate: Apache sends none without a module of its own for the log-in
COMPARED = ('x-one', 'x-two', 'x-three', 'location')


def site(stage):
    """The configuration of the site, in the folder of the case, and the port that it names."""
    here = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'peers')
    for name in NAMES + tuple(OTHERS):
        os.makedirs(stage.path('site/%s' % name))
    for name in ('site/pages', 'site/folder', 'modules'):
        os.makedirs(stage.path(name))
    stage.write('site/file.txt', b'the file')
    stage.write('site/declined/file.txt', b'declined to')
    stage.write('site/folder/index.html', b'<p>index</p>')
    shutil.copy(os.path.join(here, 'modpythonsite.py'), stage.path('modules'))
    shutil.copy(os.path.join(here, 'modpythonpages.py'), stage.path('site/pages'))
    port = stage.free_port()
    modules = '\n'.join('LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so' % (name, name)
                        for name in MODULES)
    facts = {'folder': stage.folder, 'port': port, 'modules': modules,
             'user': 'User www-data\nGroup www-data' if os.getuid() == 0 else ''}
    text = CONFIG % facts + ''.join(
        PLACE % dict(facts, name=name, handler=handler)
        for name, handler in list(zip(NAMES, NAMES)) + list(OTHERS.items()))
    return stage.write('httpd.conf', text.encode('ascii')), port


def run(stage):
    """The same requests to both."""
    conf, port = site(stage)
    server = stage.start('carryall', 'modpython', '-f', conf, '-p', 'tcp:0:interface=127.0.0.1')
    ours = [asked(stage, server.address(), request) for request in REQUESTS]
    server.stop()
    server = stage.start('carryall', 'publisher', stage.path('site/pages'), '-p',
                         'tcp:0:interface=127.0.0.1')
    found = asked(stage, server.address(), ('GET', '/modpythonpages/hello?to=all', None, {}))
    stage.demand(found[3] == b'Hello, all!', 'the publisher says %r', found)
    server.stop()
    if os.getuid() == 0:
        let_read(stage.folder)
    # Apache starts children that crash again, and at its end it ends its whole process group.  Its
    # Python looks for its library beside the first python3 of PATH, which must be Debian's.
    apache = stage.launch([shutil.which('setsid'), 'env', '-i',
                           'PATH=/usr/sbin:/usr/bin:/sbin:/bin', shutil.which('apache2'),
                           '-D', 'FOREGROUND', '-f', conf], foreign=True)
    wait_for(stage, port)
    wrong = []
    for request, mine in zip(REQUESTS, ours):
        theirs = asked(stage, ('127.0.0.1', port), request)
        differs = theirs != mine
        if differs and request[:2] not in DIFFERENT:
            wrong.append('%s %s: %r here, %r there' % (request[0], request[1], mine, theirs))
        elif not differs and request[:2] in DIFFERENT:
            wrong.append('%s %s does not differ any more' % request[:2])
    apache.signal('TERM')
    apache.wait()
    stage.demand(not wrong, '%d of %d answers differ:\n%s', len(wrong), len(REQUESTS),
                 '\n'.join(wrong))


def wait_for(stage, port):
    """Waits until Apache listens."""
    def up():
        try:
            stage.connect(('127.0.0.1', port), 1.0).close()
            return True
        except OSError:
            return False

    stage.until(up, 'apache2')


def let_read(folder):
    """Lets Apache's user read the scratch folder of the case."""
    while os.stat(folder).st_uid == 0 and not os.stat(folder).st_mode & 0o001:
        os.chmod(folder, 0o755)
        folder = os.path.dirname(folder)


def asked(stage, address, request):
    """Status, type, fields, and the body below 300."""
    method, target, body, fields = request
    connection = http.client.HTTPConnection(address[0], address[1], timeout=30)
    try:
        connection.request(method, target, body, dict(fields, Host='site.example:80'))
        try:
            response = connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return 'no answer', None, [], None
        data = response.read()
        found = [(name, response.headers.get_all(name)) for name in COMPARED
                 if name in response.headers]
        if response.status >= 300 and b'my own page' not in data:
            return response.status, None, found, None
        return response.status, response.headers.get('Content-Type'), found, data
    finally:
        connection.close()
