# Copyright the carryall authors.  See LICENSE.
"""The publisher of 2.7.8 (features MPY-05, MPY-07, MPY-08)."""
from __future__ import absolute_import, division, print_function

import base64

import pytest

from carryall.core.compat import native
from tests.services.modpython.sitekit import SiteKit

SOURCE = '''
import os
from collections import OrderedDict
from os import environ, getcwd
from subprocess import call
import logging
logger = logging.getLogger('x')
table = OrderedDict()
text = 'constant <b>bold</b></b>'
number = 3
_hidden = 'no'
zero = 0

def hello(req, to='world'):
    return 'Hello, %s!' % to

def nothing(req):
    return ''

def echo(a, b='2', **more):
    return repr((a, b, sorted(more.items())))

def names(req, who):
    return repr(who)

def writes(req):
    req.write('written')

def whole_form(req):
    return ' '.join('%s=%s' % item for item in req.form.items())

def size(req, upload):
    return '%s %s %d' % (upload.filename, upload.type, len(upload.read()))

class Pages(object):
    title = 'a title'
    _secret = 'no'
    def show(self, req):
        return 'shown by ' + self.__class__.__name__
    def __call__(self, x='none'):
        return 'called with ' + x

pages = Pages()
'''


@pytest.fixture
def site(tmpdir):
    return SiteKit(tmpdir.mkdir('site'), {'pub.py': SOURCE}, handler='mod_python.publisher')


@pytest.mark.parametrize('target, body, kind', [
    ('/pub/hello', b'Hello, world!', 'text/plain'),
    ('/pub.py/hello?to=all', b'Hello, all!', 'text/plain'),
    ('/pub/hello?to=all&other=dropped', b'Hello, all!', 'text/plain'),
    ('/pub/hello?req=x', b'Hello, world!', 'text/plain'),
    ('/pub/text', b'constant <b>bold</b></b>', 'text/html'),
    ('/pub/number', b'3', 'text/plain'),
    ('/pub/pages/show', b'shown by Pages', 'text/plain'),
    ('/pub/pages', b'called with none', 'text/plain'),
    ('/pub/pages?x=1&self=2', b'called with 1', 'text/plain'),
    ('/pub/pages/title', b'a title', 'text/plain'),
    ('/pub/echo?a=1&c=3', b"('1', '2', [('c', '3')])", 'text/plain'),
    ('/pub/names?who=a&who=b', b"['a', 'b']", 'text/plain'),
    ('/pub/whole_form?a=1&b=', b'a=1 b=', 'text/plain'),
    ('/pub/writes', b'written', 'text/html'),
])
def test_objects_are_published(site, target, body, kind):
    answer = site.ask(target)
    assert (answer.status, answer.body) == (200, body)
    assert answer.fields['content-type'] == [kind]


def test_a_class_is_its_text(site):
    assert site.ask('/pub/Pages').body.startswith(b'<class ')


@pytest.mark.parametrize('target', [
    '/pub', '/pub/', '/', '/none/hello', '/pub/none', '/pub/_hidden', '/pub/os', '/pub/os/system',
    '/pub/hello/__globals__', '/pub/hello/func_globals', '/pub/hello/__name__', '/pub/text/upper',
    '/pub/pages/_secret', '/pub/pages/__class__', '/pub/pages/show/im_func', '/pub/number/real',
    '/pub/environ', '/pub/environ/clear', '/pub/getcwd', '/pub/call?args=true', '/pub/logger',
    '/pub/logger/setLevel?level=0', '/pub/OrderedDict', '/pub/table/clear', '/_pub/hello',
    '/pub/' + '/'.join(['pages'] * 60),
])
def test_nothing_else_is_published(site, target):
    assert site.ask(target).status == 404


@pytest.mark.parametrize('target', ['/pub/nothing', '/pub/echo'])
def test_a_false_result_and_missing_arguments_are_500(site, target, expect_log):
    expect_log('pub')
    assert site.ask(target).status == 500


@pytest.mark.parametrize('method', ['PUT', 'DELETE'])
def test_other_methods_are_refused(site, method):
    answer = site.ask('/pub/hello', method)
    assert answer.status == 405
    assert answer.fields['allow'] == ['GET, POST, HEAD']


def test_a_head_request_has_no_body(site):
    answer = site.ask('/pub/hello', 'HEAD')
    assert (answer.status, answer.body) == (200, b'')


def test_fields_of_a_form_are_arguments(site):
    answer = site.ask('/pub/echo?a=q', 'POST', b'a=1%2B&b=x+y',
                      CONTENT_TYPE='application/x-www-form-urlencoded')
    assert answer.body == b"(['q', '1+'], 'x y', [])"


def test_a_file_of_a_form_is_an_object(site):
    body = (b'--x\r\nContent-Disposition: form-data; name="upload"; filename="a.bin"\r\n'
            b'Content-Type: image/png\r\n\r\n0123456789\r\n--x--\r\n')
    answer = site.ask('/pub/size', 'POST', body, CONTENT_TYPE='multipart/form-data; boundary=x')
    assert answer.body == b'a.bin image/png 10'


@pytest.mark.parametrize('body, kind, status', [
    (b'{}', 'application/json', 501),
    (b'--y', 'multipart/form-data; boundary=x', 400),
    (b'&'.join([b'a=1'] * 2000), 'application/x-www-form-urlencoded', 413),
])
def test_bodies_that_are_no_form_are_refused(site, body, kind, status):
    assert site.ask('/pub/whole_form', 'POST', body, CONTENT_TYPE=kind).status == status


def test_index_is_published_if_the_option_says_so(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'index.py': 'def index():\n    return "front"\n',
                                          'pub.py': 'def index():\n    return "pub"\n'},
                   handler='mod_python.publisher', more='PythonOption publisher.index On')
    assert site.ask('/').body == b'front'
    assert site.ask('/pub').body == b'pub'


GUARDED = '''
__auth_realm__ = 'module'
def __auth__(req, user, password):
    return password == 'open'
__access__ = ['anna', 'otto']

def page(req):
    return 'page for ' + req.user

def inner(req):
    __auth_realm__ = 'inner'
    __auth__ = {'anna': 'open'}
    def __access__(req, user):
        return user == 'anna'
    return 'inner'

class Box(object):
    __access__ = 0
    def page(self):
        return 'never'
box = Box()
'''


@pytest.mark.parametrize('target, login, status', [
    ('/pub/page', None, 401), ('/pub/page', 'anna:wrong', 401), ('/pub/page', 'anna:open', 200),
    ('/pub/page', 'eve:open', 403), ('/pub/inner', 'anna:open', 200),
    ('/pub/inner', 'otto:open', 401), ('/pub/box/page', 'anna:open', 403),
    ('/pub/none', None, 401), ('/pub/page', 'no colon', 400),
])
def test_pages_are_guarded(tmpdir, target, login, status):
    site = SiteKit(tmpdir.mkdir('site'), {'pub.py': GUARDED}, handler='mod_python.publisher')
    fields = {}
    if login is not None:
        fields['authorization'] = 'Basic ' + native(base64.b64encode(login.encode()))
    answer = site.ask(target, **fields)
    assert answer.status == status
    if status == 401:
        realm = 'inner' if target == '/pub/inner' else 'module'
        assert answer.fields['www-authenticate'] == ['Basic realm="%s"' % realm]


ANNA = 'Basic ' + native(base64.b64encode(b'anna:open'))


def test_a_page_stays_guarded_if_its_file_has_changed_since_it_was_loaded(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'pub.py': GUARDED_INSIDE}, 'mod_python.publisher',
                   'PythonAutoReload Off')
    assert site.ask('/pub/page').status == 401
    site.root.join('pub.py').write('# another line\n\n' + GUARDED_INSIDE)
    assert site.ask('/pub/page').status == 401
    assert site.ask('/pub/page', authorization=ANNA).status == 200


@pytest.mark.parametrize('change', ['x = 1\n', 'def page(:\n', None])
def test_no_user_comes_in_if_the_source_tells_no_rules(tmpdir, change, expect_log):
    expect_log('cannot be read')
    # A text of its own: the rules of equal code are known
    source = GUARDED_INSIDE.replace("'page'", repr(str(tmpdir)))
    site = SiteKit(tmpdir.mkdir('site'), {'pub.py': source,
                                          'other.py': 'from pub import page\n'},
                   'mod_python.publisher')
    assert site.ask('/other/none').status == 404
    if change is None:
        site.root.join('pub.py').remove()
    else:
        site.root.join('pub.py').write(change)
    assert site.ask('/other/page', authorization=ANNA).status == 401


GUARDED_INSIDE = '''
def page(req):
    __auth__ = {'anna': 'open'}
    return 'page'
'''


@pytest.mark.parametrize('rule', ["__auth__ = __access__ = {'anna': 'open'}",
                                  "if req: __auth__ = {'anna': 'open'}",
                                  "__auth__ = dict(anna='open')",
                                  "__auth__, other = {'anna': 'open'}, 1"])
def test_a_rule_that_cannot_be_read_lets_no_user_in(tmpdir, rule, expect_log):
    if 'dict' not in rule:
        expect_log('cannot be read')
    source = 'def page(req):\n    %s\n    return "page"\n' % rule
    site = SiteKit(tmpdir.mkdir('site'), {'pub.py': source}, 'mod_python.publisher')
    assert site.ask('/pub/page', authorization=ANNA).status == 401


def test_an_object_that_is_called_has_the_rules_of_its_call(tmpdir):
    source = ('class Page(object):\n    def __call__(self, req):\n'
              '        __auth__ = {"anna": "open"}\n        return "called"\npage = Page()\n')
    site = SiteKit(tmpdir.mkdir('site'), {'pub.py': source}, 'mod_python.publisher')
    assert site.ask('/pub/page').status == 401
    assert site.ask('/pub/page', authorization=ANNA).body == b'called'


def test_a_published_module_is_loaded_again_when_it_changes(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'pub.py': 'def page():\n    return "1"\n'},
                   handler='mod_python.publisher')
    assert site.ask('/pub/page').body == b'1'
    site.root.join('pub.py').write('def page():\n    return "second"\n')
    assert site.ask('/pub/page').body == b'second'


def test_a_module_keeps_its_data_between_hits(tmpdir):
    site = SiteKit(tmpdir.mkdir('site'), {'pub.py': 'hits = []\ndef page():\n    hits.append(1)\n'
                                                    '    return "%d" % len(hits)\n'},
                   handler='mod_python.publisher')
    assert [site.ask('/pub/page').body for _ in range(3)] == [b'1', b'2', b'3']
