# Copyright the carryall authors.  See LICENSE.
"""A wiki of mod_python: handlers, PSP templates, sessions, uploads.

    SetHandler mod_python
    PythonHandler wiki
    PythonOption wiki.data /var/lib/wiki

    GET  /wiki/Name                 a page            GET  /wiki/Name?action=edit     its form
    POST /wiki/Name?action=save     a new revision    GET  /wiki/Name?action=history  all of them
    GET  /wiki/Name?rev=2           a revision        GET  /wiki/Name?action=diff     its change
    GET  /wiki/-/list, /-/search?q= all pages         POST /wiki/-/upload             a file
    GET  /wiki/-/file/NAME          a file            POST /wiki/-/login, /-/logout   the session
"""
import os
import re

from mod_python import Cookie, Session, apache, psp, util

NAME = re.compile(r'^[A-Z][A-Za-z0-9]{1,40}$')
FILE = re.compile(r'^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$')
USERS = {'anna': 'open', 'bert': 'sesame'}
SECRET = 'of this wiki alone'
MAX_TEXT = 65536
MAX_UPLOAD = 1 << 20


def handler(req):
    """Answers a request by its path and its action."""
    store = _store(req)
    session = Session.Session(req, timeout=3600)
    session['hits'] = session.get('hits', 0) + 1
    session.save()
    path = (req.path_info or '/').strip('/')
    if path == '':
        util.redirect(req, req.uri.rstrip('/') + '/FrontPage')
    if path.startswith('-/'):
        return special(req, store, session, path[2:])
    if not NAME.match(path):
        return apache.HTTP_NOT_FOUND
    query = _query(req)
    action = query.get('action', 'view')
    if action not in ACTIONS:
        return apache.HTTP_BAD_REQUEST
    return ACTIONS[action](req, store, session, path, query)


def _store(req):
    """The pages, from a module beside this one."""
    pages = apache.import_module('wikipages', path=[os.path.dirname(__file__)])
    return pages.Store(req.get_options()['wiki.data'])


def _only_post(req):
    """Ends a handler for other methods."""
    if req.method != 'POST':
        req.allow_methods(['POST'])
        raise apache.SERVER_RETURN(apache.HTTP_METHOD_NOT_ALLOWED)


def _query(req):
    """The pairs of the query, the last of each name."""
    pairs = {}
    for part in (req.args or '').split('&'):
        name, _, value = part.partition('=')
        pairs[name] = value.replace('+', ' ')
    return pairs


def show(req, name, template, **values):
    """Fills a template."""
    req.content_type = 'text/html; charset=utf-8'
    req.headers_out['X-Page'] = name
    folder = os.path.dirname(__file__)
    page = psp.PSP(req, os.path.join(folder, template), vars=values)
    page.run({'title': name, 'base': _base(req)})
    return apache.OK


def _base(req):
    """The path of the wiki."""
    info = req.path_info or ''
    return req.uri[:len(req.uri) - len(info)]


def view(req, store, session, name, query):
    """A page, or one revision of it."""
    wanted = query.get('rev', '')
    if wanted and not wanted.isdigit():
        return apache.HTTP_BAD_REQUEST
    revision = store.read(name, int(wanted) if wanted else None)
    if revision is None:
        if wanted:
            return apache.HTTP_NOT_FOUND
        req.status = apache.HTTP_NOT_FOUND
        return show(req, name, 'missing.psp', user=session.get('user'))
    req.headers_out['ETag'] = '"%s-%d"' % (name, revision.number)
    if req.meets_conditions() == apache.HTTP_NOT_MODIFIED:
        return apache.HTTP_NOT_MODIFIED
    theme = Cookie.get_cookie(req, 'theme')
    return show(req, name, 'page.psp', revision=revision, user=session.get('user'),
                theme=theme.value if theme else 'plain', names=store.names())


def edit(req, store, session, name, _query):
    """The form of a page."""
    if 'user' not in session:
        return apache.HTTP_FORBIDDEN
    revision = store.read(name)
    return show(req, name, 'edit.psp', text=revision.text if revision else '',
                number=revision.number if revision else 0)


def save(req, store, session, name, query):
    """A new revision, unless another one came between."""
    _only_post(req)
    if 'user' not in session:
        return apache.HTTP_FORBIDDEN
    form = util.FieldStorage(req, keep_blank_values=1)
    text = _field(form, 'text')
    if text is None or len(text) > MAX_TEXT:
        raise apache.SERVER_RETURN(apache.HTTP_BAD_REQUEST)
    if not store.write(name, text, session['user'], int(_field(form, 'number') or '0')):
        return apache.HTTP_CONFLICT
    req.log_error('%s saved' % name, apache.APLOG_INFO)
    req.register_cleanup(store.count, name)
    util.redirect(req, _base(req) + '/' + name)


def history(req, store, _session, name, _query):
    """The revisions of a page, as text."""
    revisions = store.revisions(name)
    if not revisions:
        return apache.HTTP_NOT_FOUND
    req.content_type = 'text/plain'
    for revision in revisions:
        req.write('%d %s %d\n' % (revision.number, revision.author,
                                 len(revision.text.split('\n'))), 0)
    return apache.OK


def diff(req, store, _session, name, _query):
    """The lines that the last revision has changed."""
    lines = store.difference(name)
    if lines is None:
        return apache.HTTP_NOT_FOUND
    req.content_type = 'text/plain'
    req.write(''.join(lines))
    return apache.OK


ACTIONS = {'view': view, 'edit': edit, 'save': save, 'history': history, 'diff': diff}


def special(req, store, session, path):
    """Everything that is no page."""
    name, _, rest = path.partition('/')
    if name not in SPECIAL:
        return apache.HTTP_NOT_FOUND
    return SPECIAL[name](req, store, session, rest)


def listing(req, store, session, _rest):
    """The names of all pages."""
    return show(req, 'All', 'list.psp', names=store.names(), files=store.files(), found=None)


def search(req, store, _session, _rest):
    """The pages that have a word."""
    word = _query(req).get('q', '')
    if len(word) < 2:
        req.status = apache.HTTP_BAD_REQUEST
        return show(req, 'Search', 'list.psp', names=[], files=[], found=0)
    names = store.search(word)
    return show(req, 'Search', 'list.psp', names=names, files=[], found=len(names))


def login(req, _store, session, _rest):
    """Checks a password, and remembers the name in a signed cookie."""
    _only_post(req)
    form = util.FieldStorage(req)
    user = _field(form, 'user')
    if USERS.get(user) != _field(form, 'password') or user is None:
        req.log_error('a login failed', apache.APLOG_INFO)
        return apache.HTTP_FORBIDDEN
    session['user'] = user
    session.save()
    Cookie.add_cookie(req, Cookie.SignedCookie('last', user, SECRET, path='/'))
    util.redirect(req, _base(req) + '/FrontPage')


def logout(req, _store, session, _rest):
    """Ends the session."""
    session.invalidate()
    req.content_type = 'text/plain'
    req.write('bye')
    return apache.OK


def whoami(req, _store, session, _rest):
    """The name in the session, and the one in the signed cookie."""
    known = Cookie.get_cookies(req, Cookie.SignedCookie, secret=SECRET,
                               mismatch=Cookie.Cookie.IGNORE)
    req.content_type = 'text/plain'
    req.write('%s %s %d' % (session.get('user', 'nobody'),
                            known['last'].value if 'last' in known else 'unknown',
                            session['hits']))
    return apache.OK


def upload(req, store, session, _rest):
    """Keeps a file of a form."""
    _only_post(req)
    if 'user' not in session:
        return apache.HTTP_FORBIDDEN
    form = util.FieldStorage(req)
    if 'file' not in form or not form['file'].filename:
        return apache.HTTP_BAD_REQUEST
    field = form['file']
    name = os.path.basename(field.filename)
    if not FILE.match(name):
        return apache.HTTP_BAD_REQUEST
    data = field.file.read(MAX_UPLOAD + 1)
    if len(data) > MAX_UPLOAD:
        return apache.HTTP_REQUEST_ENTITY_TOO_LARGE
    store.keep(name, data)
    req.status = apache.HTTP_CREATED
    req.content_type = 'text/plain'
    req.write('%s %d %s' % (name, len(data), field.type))
    return apache.OK


def download(req, store, _session, name):
    """A file."""
    path = store.path_of(name) if FILE.match(name) else None
    if path is None:
        return apache.HTTP_NOT_FOUND
    req.content_type = 'application/octet-stream'
    req.set_content_length(os.path.getsize(path))
    req.sendfile(path)
    return apache.OK


def theme(req, _store, _session, name):
    """Remembers a theme."""
    if name not in ('plain', 'dark'):
        return apache.HTTP_NOT_FOUND
    Cookie.add_cookie(req, 'theme', name, path='/')
    req.content_type = 'text/plain'
    req.write(name)
    return apache.OK


def broken(req, _store, _session, _rest):
    """A template that fails, and has an error page."""
    return show(req, 'Broken', 'broken.psp')


SPECIAL = {'list': listing, 'search': search, 'login': login, 'logout': logout, 'whoami': whoami,
           'upload': upload, 'file': download, 'theme': theme, 'broken': broken}


def _field(form, name):
    """The text of a field; None if it is missing."""
    value = form.getfirst(name)
    return None if value is None else str(value)


def headerparserhandler(req):
    """Refuses robots before anything is read."""
    if 'robot' in req.headers_in.get('User-Agent', ''):
        return apache.HTTP_FORBIDDEN
    return apache.OK


def fixuphandler(req):
    """Marks each response."""
    req.headers_out['X-Wiki'] = 'wiki'
    return apache.OK
