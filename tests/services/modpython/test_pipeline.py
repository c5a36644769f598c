# Copyright the carryall authors.  See LICENSE.
"""The phases of a request, and what their results mean (feature MPY-01, MPY-03, MPY-04)."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.compat import ON_JYTHON
from carryall.services.modpython.directives import native_text
from tests.services.modpython.sitekit import SiteKit

HEAD = 'from mod_python import apache\n'


def _site(tmpdir, source, **more):
    return SiteKit(tmpdir.mkdir('site'), {'page.py': HEAD + source}, **more)


def test_a_handler_writes_a_page(tmpdir):
    site = _site(tmpdir, 'def handler(req):\n'
                         '    req.content_type = "text/plain"\n'
                         '    req.write("Hello World!")\n'
                         '    return apache.OK\n')
    answer = site.ask('/any/path')
    assert answer.status == 200
    assert answer.body == b'Hello World!'
    assert answer.fields['content-type'] == ['text/plain']
    assert answer.fields['content-length'] == ['12']


@pytest.mark.parametrize('code, status', [
    ('return apache.OK', 200), ('return apache.DONE', 200), ('return apache.DECLINED', 404),
    ('return apache.HTTP_FORBIDDEN', 403), ('return apache.HTTP_GONE', 410),
    ('return "text"', 500), ('return None', 500), ('return True', 500), ('return 999', 500),
    ('raise apache.SERVER_RETURN(apache.HTTP_CONFLICT)', 409),
    ('raise apache.SERVER_RETURN(apache.DONE, 202)', 202),
    ('raise apache.SERVER_RETURN((apache.DONE, 202))', 202),
    ('raise apache.SERVER_RETURN("x")', 500), ('raise apache.SERVER_RETURN()', 500),
    ('raise ValueError("no")', 500), ('raise SystemExit(3)', 500), ('1 // 0', 500),
])
def test_results_of_a_handler_mean_statuses(tmpdir, expect_log, code, status):
    if status == 500:
        expect_log('page' if '999' not in code else '999 is unknown')
    site = _site(tmpdir, 'def handler(req):\n    %s\n' % code)
    assert site.ask('/missing').status == status


def test_phases_run_in_the_order_of_apache(tmpdir):
    names = ['HeaderParser', 'Init', 'Access', 'Authen', 'Authz', 'Type', 'Fixup', 'Log', 'Cleanup']
    source = 'seen = []\ndef handler(req):\n    req.write(" ".join(seen))\n    return apache.OK\n'
    for name in names:
        source += 'def %shandler(req):\n    seen.append(req.phase)\n    return apache.OK\n' % (
            name.lower())
    more = 'Require valid-user\nAuthType Basic\nAuthName x\n' + ''.join(
        'Python%sHandler page\n' % name for name in names)
    site = _site(tmpdir, source, more=more)
    assert site.ask('/').body.decode() == ' '.join('Python%sHandler' % name for name in names[:7])
    assert site.ask('/').body.decode().split()[7:9] == ['PythonLogHandler', 'PythonCleanupHandler']


def test_a_phase_stops_at_the_first_that_is_not_ok(tmpdir):
    site = _site(tmpdir, 'def a(req):\n    req.write("a")\n    return apache.OK\n'
                         'def b(req):\n    req.write("b")\n    return apache.DONE\n'
                         'def c(req):\n    req.write("c")\n    return apache.OK\n',
                 handler='page::a page::b page::c')
    assert site.ask('/').body == b'ab'


def test_a_handler_may_be_a_method_of_a_class(tmpdir):
    site = _site(tmpdir, 'class Pages(object):\n'
                         '    def __init__(self, req):\n        self.req = req\n'
                         '    def show(self, req):\n'
                         '        req.write("%s" % (self.req is req))\n        return apache.OK\n',
                 handler='page::Pages.show')
    assert site.ask('/').body == b'True'


def test_handlers_are_added_while_a_phase_runs(tmpdir):
    site = _site(tmpdir, 'def handler(req):\n'
                         '    req.write("1")\n'
                         '    req.add_handler("PythonHandler", "page::second")\n'
                         '    req.add_handler("PythonHandler", third)\n'
                         '    return apache.OK\n'
                         'def second(req):\n    req.write("2")\n    return apache.OK\n'
                         'def third(req):\n    req.write("3")\n    return apache.OK\n')
    assert site.ask('/').body == b'123'


def test_a_phase_without_end_is_ended(tmpdir):
    site = _site(tmpdir, 'def handler(req):\n    req.add_handler("PythonHandler", handler)\n'
                         '    return apache.OK\n')
    assert site.ask('/').status == 200


def test_cleanups_run_in_their_order_behind_the_response(tmpdir, expect_log):
    expect_log('a cleanup failed')
    site = _site(tmpdir, 'done = []\n'
                         'def handler(req):\n'
                         '    req.write(repr(done))\n'
                         '    req.register_cleanup(done.append, 1)\n'
                         '    req.register_cleanup(lambda data: 1 // 0)\n'
                         '    req.register_cleanup(done.append, 2)\n'
                         '    return apache.OK\n'
                         'def cleanuphandler(req):\n    done.append(0)\n    return apache.OK\n',
                 more='PythonCleanupHandler page')
    assert site.ask('/').body == b'[]'
    assert site.ask('/').body == b'[0, 1, 2]'


def test_a_redirect_inside_shows_another_page(tmpdir):
    site = _site(tmpdir, 'def handler(req):\n'
                         '    if req.uri == "/old":\n        req.internal_redirect("/new?a=1")\n'
                         '    req.write("%s %s %s" % (req.uri, req.args, req.prev.uri))\n'
                         '    return apache.OK\n')
    assert site.ask('/old').body == b'/new a=1 /old'


def test_redirects_without_end_are_ended(tmpdir):
    site = _site(tmpdir, 'def handler(req):\n    req.internal_redirect("/x")\n')
    assert site.ask('/x').status == 500


@pytest.mark.parametrize('target, status, body', [
    ('/file.txt', 200, b'text'), ('/sub/', 200, b'index'), ('/sub', 301, None),
    ('/none', 404, None), ('/file.txt/more', 404, None), ('/.htpasswd', 403, None),
    ('/sub/../file.txt', 200, b'text'), ('/../../etc/passwd', 404, None),
])
def test_files_are_served_without_a_handler(tmpdir, target, status, body):
    site = SiteKit(tmpdir.mkdir('site'), {'file.txt': 'text', 'sub/index.html': 'index',
                                          '.htpasswd': 'x'},
                   config=u'DocumentRoot %(root)s\n')
    answer = site.ask(target)
    assert answer.status == status
    if body is not None:
        assert answer.body == body


@pytest.mark.parametrize('target, path, status', [
    ('/sub%2Ffile.txt', '/sub/file.txt', 404), ('/sub/file.txt?a=%2F', '/sub/file.txt', 200),
    ('/nul%00', '/nul\0', 400)])
def test_encoded_slashes_and_nul_are_refused(tmpdir, target, path, status):
    site = SiteKit(tmpdir.mkdir('site'), {'sub/file.txt': 'text'},
                   config=u'DocumentRoot %(root)s\n')
    assert site.ask(target, path=path).status == status


@pytest.mark.skipif(ON_JYTHON, reason='its str paths have a character for each octet')
def test_files_with_names_in_utf8_are_served(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'x': ''}, config=u'DocumentRoot %(root)s\n')
    with open(os.path.join(str(site.root), native_text(u'caf\xe9.txt')), 'wb') as file:
        file.write(b'coffee')
    assert site.ask('/caf%C3%A9.txt', path='/caf\xc3\xa9.txt').body == b'coffee'


def test_a_file_that_has_not_changed_is_not_sent(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'file.txt': 'text'}, config=u'DocumentRoot %(root)s\n')
    first = site.ask('/file.txt')
    again = site.ask('/file.txt', if_none_match=first.fields['etag'][0])
    assert (again.status, again.body) == (304, b'')


def test_a_traceback_is_shown_with_debug_alone(tmpdir, expect_log):
    expect_log('page')
    source = 'def handler(req):\n    raise ValueError("<secret>")\n'
    hidden = _site(tmpdir, source)
    assert b'secret' not in hidden.ask('/').body
    shown = SiteKit(tmpdir.mkdir('other').mkdir('site'), {'page.py': HEAD + source},
                    more='PythonDebug On')
    answer = shown.ask('/')
    assert answer.status == 500
    assert b'ValueError: &lt;secret&gt;' in answer.body


def test_basic_accounts_of_a_file_let_in(tmpdir):
    accounts = tmpdir.join('accounts')
    accounts.write('anna:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n'
                   'otto:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00\n')
    site = _site(tmpdir, 'def handler(req):\n    req.write(req.user)\n    return apache.OK\n',
                 more='AuthType Basic\nAuthName "the site"\nAuthUserFile %s\nRequire user anna otto'
                      % accounts)
    answer = site.ask('/')
    assert answer.status == 401
    assert answer.fields['www-authenticate'] == ['Basic realm="the site"']
    assert site.ask('/', authorization='Basic YW5uYTpzZWNyZXQ=').body == b'anna'
    assert site.ask('/', authorization='Basic YW5uYTp3cm9uZw==').status == 401
    assert site.ask('/', authorization='Basic ???').status == 401


def test_output_that_is_flushed_is_sent_at_once(tmpdir, expect_log):
    expect_log('409 behind the beginning')
    site = _site(tmpdir, 'def handler(req):\n'
                         '    req.write("1")\n    req.flush()\n    req.write("2")\n'
                         '    return apache.HTTP_CONFLICT\n')
    answer = site.ask('/')
    assert (answer.status, answer.body) == (200, b'12')
    assert 'content-length' not in answer.fields


def test_the_body_is_read_by_lines_and_pieces(tmpdir):
    site = _site(tmpdir, 'def handler(req):\n'
                         '    for data in (req.read(2), req.readline(), req.readline(3),\n'
                         '                 req.readline(), repr(req.readlines()), req.read()):\n'
                         '        req.write(data)\n'
                         '        req.write("|")\n'
                         '    return apache.OK\n')
    body = site.ask('/', 'POST', b'first\nsecond\nthird\nlast').body
    assert body.replace(b"b'", b"'") == b"fi|rst\n|sec|ond\n|['third\\n', 'last']||"


SUBREQUEST = '''
from mod_python import apache
def handler(req):
    if req.main is not None:
        req.headers_out['X-Lost'] = '1'
        req.write('[%s of %s %s]' % (req.uri, req.main.uri, req.args))
        return apache.OK
    req.content_type = 'text/plain'
    found = req.lookup_uri(req.args or '/inner?x=1')
    req.write('%d %s ' % (found.status, found.uri))
    found.run_content()
    req.write(' end')
    return apache.OK
'''


def test_a_sub_request_is_part_of_the_response(tmpdir):
    answer = SiteKit(tmpdir.mkdir('site'), {'page.py': SUBREQUEST}).ask('/outer')
    assert answer.body == b'200 /inner [/inner of /outer x=1] end'
    assert answer.fields['content-type'] == ['text/plain']
    assert 'x-lost' not in answer.fields


def test_a_sub_request_has_its_own_rules(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'page.py': SUBREQUEST, 'a/.htaccess':
                                          'Require all denied\n'})
    assert site.ask('/outer?/a/x').body == b'403 /a/x  end'


def test_sub_requests_are_counted(tmpdir, expect_log):
    expect_log('more than 100 sub-requests')
    site = SiteKit(tmpdir.mkdir('site'), {'page.py': '''
def handler(req):
    for _ in range(101):
        req.lookup_uri('/x')
    return 0
'''})
    assert site.ask('/').status == 500
