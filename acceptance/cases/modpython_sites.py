# Copyright the carryall authors.  See LICENSE.
"""carryall modpython: a wiki and a tracker of mod_python give the same answers on each runtime.

The wiki has PSP, sessions, cookies, forms, uploads.  The tracker is a publisher with log-ins and
filters.  The answers are those recorded on CPython.  Requests that Debian's mod_python 3.5 can
answer go to Apache too.
"""
import http.client
import json
import os
import shutil

from acceptance.cases.modpython_serve import MODULES, let_read
from acceptance.servers import wait_until_up

PROVES = ['MPY-02', 'MPY-04']
NEEDS = ['apache2', 'mod_python', 'setsid']
PACKAGES = {'apache2': 'apache2', 'mod_python': 'libapache2-mod-python', 'setsid': 'util-linux'}

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
PythonPath "['%(folder)s/code'] + sys.path"
<Directory %(folder)s/site>
    Require all granted
    SetHandler mod_python
    PythonHandler mod_python.publisher
    PythonOption publisher.index On
    PythonOption tracker.name "the tracker"
    PythonOption mod_python.session.session_type FileSession
    PythonOption mod_python.session.database_directory %(folder)s/sessions
</Directory>
<Directory %(folder)s/site/app>
    PythonHandler wiki
    PythonHeaderParserHandler wiki
    PythonFixupHandler wiki
    PythonOption wiki.data %(folder)s/data
</Directory>
<Directory %(folder)s/site/staff>
    PythonHandler trackerfilters::staff
    PythonFixupHandler trackerfilters
    PythonLogHandler trackerfilters
    AuthType Basic
    AuthName staff
    Require valid-user
    PythonOption tracker.group staff
    PythonAuthenHandler trackerfilters
    PythonAuthzHandler trackerfilters
</Directory>
<Directory %(folder)s/site/shout>
    PythonHandler trackerfilters::echo
    PythonOutputFilter trackerfilters::footer FOOTER
    PythonInputFilter trackerfilters::upper UPPER
    SetOutputFilter FOOTER
    SetInputFilter UPPER
</Directory>
'''
FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
PARTS = {'Content-Type': 'multipart/form-data; boundary=edge'}
ANNA = {'Authorization': 'Basic YW5uYTpvcGVu'}
BERT = {'Authorization': 'Basic YmVydDpzZXNhbWU='}
ADMIN = {'Authorization': 'Basic YWRtaW46c2VjcmV0'}
WRONG = {'Authorization': 'Basic YW5uYTp3cm9uZw=='}
UPLOAD = (b'--edge\r\nContent-Disposition: form-data; name="id"\r\n\r\n1\r\n'
          b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
          b'Content-Type: application/x-own\r\n\r\n\0\1\2\xff\r\n--edge--\r\n')
SHARED = ('/app/wiki', '/app/wiki/FrontPage', '/app/wiki/FrontPage?rev=1',
          '/app/wiki/FrontPage?rev=9', '/app/wiki/FrontPage?rev=x', '/app/wiki/lower',
          '/app/wiki/FrontPage?action=history', '/app/wiki/FrontPage?action=diff',
          '/app/wiki/SecondPage?action=diff', '/app/wiki/SecondPage', '/app/wiki/NoPage',
          '/app/wiki/FrontPage?action=edit', '/app/wiki/FrontPage?action=none', '/app/wiki/-/none',
          '/app/wiki/-/list', '/app/wiki/-/search?q=second', '/app/wiki/-/search?q=x',
          '/app/wiki/-/file/note.txt', '/app/wiki/-/file/none', '/app/wiki/-/theme/other',
          '/app/wiki/-/theme/dark', '/app/wiki/-/broken', '/app/wiki/-/login', '/tracker/reset',
          '/tracker/tickets', '/tracker/index', '/tracker', '/tracker/version', '/tracker/limits',
          '/tracker/feed', '/tracker/moved', '/tracker/fails', '/tracker/agent', '/tracker/none',
          '/tracker/report/new', '/tracker/report/open', '/tracker/report/title',
          '/tracker/report/other', '/tracker/api', '/tracker/api/tickets', '/tracker/fields',
          '/tracker/api/none', '/tracker/new', '/tracker/closed', '/tracker/show')

# (method, target, body, fields): of Apache too, in their order
BOTH = [('GET', _target, None, {}) for _target in SHARED]
BOTH += [('GET', '/app/wiki/FrontPage', None, {'User-Agent': 'a robot'}),
         ('GET', '/app/wiki/FrontPage', None, {'If-None-Match': '"FrontPage-2"'}),
         ('HEAD', '/tracker/version', None, {}), ('GET', '/staff/', None, ANNA),
         ('GET', '/staff/', None, BERT), ('GET', '/staff/', None, WRONG),
         ('GET', '/staff/', None, {}), ('POST', '/shout/', b'a body', {}),
         ('GET', '/shout/', None, {})]
# And of ours alone
OURS = [
    ('POST', '/app/wiki/-/login', b'user=anna&password=wrong', FORM),
    ('POST', '/app/wiki/FrontPage?action=save', b'number=2&text=x', FORM),
    ('POST', '/app/wiki/-/login', b'user=anna&password=open', FORM),
    ('GET', '/app/wiki/-/whoami', None, {}), ('GET', '/app/wiki/FrontPage', None, {}),
    ('GET', '/app/wiki/FrontPage?action=edit', None, {}), ('GET', '/app/wiki/NewPage', None, {}),
    ('POST', '/app/wiki/NewPage?action=save', b'number=0&text=caf%C3%A9+of+FrontPage', FORM),
    ('GET', '/app/wiki/NewPage', None, {}),
    ('POST', '/app/wiki/NewPage?action=save', b'number=0&text=late', FORM),
    ('POST', '/app/wiki/NewPage?action=save', b'number=1&text=two%0Alines', FORM),
    ('GET', '/app/wiki/NewPage?action=history', None, {}),
    ('GET', '/app/wiki/NewPage?action=diff', None, {}),
    ('POST', '/app/wiki/NewPage?action=save', b'text=' + b'x' * 70000, FORM),
    ('POST', '/app/wiki/-/upload', UPLOAD, PARTS), ('POST', '/app/wiki/-/upload', b'a=b', FORM),
    ('GET', '/app/wiki/-/file/a.bin', None, {}), ('GET', '/app/wiki/-/list', None, {}),
    ('GET', '/app/wiki/-/search?q=lines', None, {}), ('GET', '/app/wiki/-/logout', None, {}),
    ('GET', '/app/wiki/-/whoami', None, {}),
    ('GET', '/tracker/show?id=1', None, {}), ('GET', '/tracker/show?id=99', None, {}),
    ('GET', '/tracker/plain?id=2&x=y', None, {}), ('GET', '/tracker/tickets?owner=anna', None, {}),
    ('GET', '/tracker/tickets?sort=summary', None, {}),
    ('GET', '/tracker/tickets?sort=x', None, {}),
    ('POST', '/tracker/new', b'summary=one+more&cc=a&cc=b', dict(FORM, **ANNA)),
    ('POST', '/tracker/new', b'summary=', dict(FORM, **ANNA)),
    ('POST', '/tracker/new', b'summary=x', dict(FORM, **WRONG)),
    ('GET', '/tracker/new', None, ANNA), ('GET', '/tracker/remember?name=carl', None, {}),
    ('POST', '/tracker/comment', b'id=1&text=a+%3Ccomment%3E', FORM),
    ('GET', '/tracker/plain?id=1', None, {}), ('GET', '/tracker/show?id=1', None, {}),
    ('POST', '/tracker/attach', UPLOAD, PARTS), ('POST', '/tracker/attach', b'id=1&file=x', FORM),
    ('GET', '/tracker/api/ticket?id=1', None, {}), ('GET', '/tracker/api/_secret', None, {}),
    ('GET', '/tracker/admin/close?id=1', None, {}),
    ('GET', '/tracker/admin/close?id=1', None, ANNA),
    ('GET', '/tracker/admin/close?id=1', None, ADMIN),
    ('GET', '/tracker/admin/state?id=2&state=open', None, ADMIN),
    ('GET', '/tracker/admin/state?id=2&state=x', None, ADMIN),
    ('GET', '/tracker/admin/log', None, ADMIN), ('GET', '/tracker/mine', None, ANNA),
    ('GET', '/tracker/mine', None, BERT), ('GET', '/tracker/inside', None, {}),
    ('GET', '/tracker/silent', None, {}), ('GET', '/tracker/fields?a=1&a=2&b=3', None, {}),
    ('GET', '/tracker/Ticket', None, {}), ('GET', '/tracker/json', None, {}),
    ('GET', '/tracker/_tickets', None, {}), ('GET', '/tracker/report/open/', None, {}),
]
# (method, target): why Apache's answer differs; doc/conformance/mod_python.md has them
DIFFERENT = {('GET', '/tracker/new'): 'a rule in a function is a fault of 3.5 with Python 3.11'}
COMPARED = ('location', 'x-page', 'x-wiki', 'etag')
RECORD = 'modpythonsites.json'


def run(stage):
    """The dialogue with both sites, here and in Apache."""
    peers = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'peers')
    conf, port = made(stage, peers)
    server = stage.start('carryall', 'modpython', '-f', conf, '-p', 'tcp:0:interface=127.0.0.1')
    ours = Browser(server.address())
    found = [ours.ask(*request) for request in BOTH + OURS]
    server.stop()
    with open(os.path.join(peers, RECORD), encoding='utf-8') as file:
        recorded = json.load(file)
    wrong = ['%s %s: %r here, %r on CPython' % (request[0], request[1], mine, theirs)
             for request, mine, theirs in zip(BOTH + OURS, found, recorded) if mine != theirs]
    stage.demand(not wrong and len(recorded) == len(found), '%d of %d answers differ:\n%s',
                 len(wrong), len(found), '\n'.join(wrong))
    shutil.rmtree(stage.path('sessions', 'mp_sess'))
    shutil.rmtree(stage.path('data'))
    seed(stage)
    os.chmod(stage.path('sessions'), 0o777)     # Apache's user makes its own
    if os.getuid() == 0:
        let_read(stage.folder)
    apache = stage.launch([shutil.which('setsid'), 'env', '-i',
                           'PATH=/usr/sbin:/usr/bin:/sbin:/bin', shutil.which('apache2'),
                           '-D', 'FOREGROUND', '-f', conf], foreign=True)
    wait_until_up(stage, port, 'apache2')
    theirs = Browser(('127.0.0.1', port))
    for request, mine in zip(BOTH, found):
        other = theirs.ask(*request)
        if (other != mine) != (request[:2] in DIFFERENT):
            wrong.append('%s %s: %r here, %r there' % (request[0], request[1], mine, other))
    apache.signal('TERM')
    apache.wait()
    stage.demand(not wrong, '%d of %d answers differ:\n%s', len(wrong), len(BOTH), '\n'.join(wrong))


def made(stage, peers):
    """Writes the sites; the configuration's path, and Apache's port."""
    for name in ('site/staff', 'site/shout', 'site/app', 'code', 'sessions'):
        os.makedirs(stage.path(name))
    for name in os.listdir(os.path.join(peers, 'modpythonwiki')):
        if not name.startswith('__'):
            shutil.copy(os.path.join(peers, 'modpythonwiki', name), stage.path('code'))
    shutil.copy(os.path.join(peers, 'modpythontracker', 'trackerfilters.py'), stage.path('code'))
    shutil.copy(os.path.join(peers, 'modpythontracker', 'tracker.py'), stage.path('site'))
    stage.write('site/app/wiki', b'')
    seed(stage)
    port = stage.free_port()
    modules = '\n'.join('LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so' % (name, name)
                        for name in MODULES)
    facts = {'folder': stage.folder, 'port': port, 'modules': modules,
             'user': 'User www-data\nGroup www-data' if os.getuid() == 0 else ''}
    return stage.write('httpd.conf', (CONFIG % facts).encode('ascii')), port


def seed(stage):
    """Writes the first pages of the wiki."""
    stage.write('data/files/note.txt', b'a note')
    stage.write('data/pages/FrontPage/1', b'anna\nThe first text.')
    stage.write('data/pages/FrontPage/2', b'bert\nThe first <text>.\nSee SecondPage, OtherPage.')
    stage.write('data/pages/SecondPage/1', b'anna\nThe second page.')


class Browser:
    """A client with cookies."""

    def __init__(self, address):
        self._address = address
        self._cookies = {}

    def ask(self, method, target, body, fields):
        """[status, type, fields, names of cookies, body]; no body of an error page."""
        connection = http.client.HTTPConnection(self._address[0], self._address[1], timeout=30)
        fields = dict(fields, Host='site.example:80')
        if self._cookies:
            fields['Cookie'] = '; '.join('%s=%s' % pair for pair in sorted(self._cookies.items()))
        try:
            connection.request(method, target, body, fields)
            response = connection.getresponse()
            data = response.read()
        except (http.client.HTTPException, ConnectionError):
            return ['no answer', None, [], [], None]
        finally:
            connection.close()
        names = []
        for line in response.headers.get_all('Set-Cookie') or ():
            name, _, value = line.partition(';')[0].partition('=')
            names.append(name)
            self._cookies[name] = value
            if 'expires=Thu, 01-Jan-1970' in line:
                del self._cookies[name]
        kept = [[name, response.headers[name]] for name in COMPARED if name in response.headers]
        if response.status >= 300 and 'x-page' not in response.headers:
            return [response.status, None, kept, names, None]
        return [response.status, response.headers.get('Content-Type'), kept, names,
                data.decode('latin-1')]
