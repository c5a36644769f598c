# -*- coding: utf-8 -*-
# Copyright the carryall authors.  See LICENSE.
"""Pages of PSP (feature MPY-14)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.modpython import pagesource, psppages
from carryall.services.modpython.pagesource import PageFault, python_of
from tests.services.modpython.sitekit import SiteKit


class Request(object):
    """Keeps what is written."""

    def __init__(self):
        self.said = []

    def write(self, text, flush=1):
        assert isinstance(text, str)
        self.said.append(text)


def page(source, **names):
    """The text that a page writes."""
    names['req'] = Request()
    exec(compile(python_of(source).encode('utf-8'), 'page', 'exec'), names)
    return ''.join(names['req'].said)


@pytest.mark.parametrize('source, said', [
    (u'plain "text" \\n \'\'\' \\', 'plain "text" \\n \'\'\' \\'),
    (u'<%= 1 + 1 %>', '2'), (u'a<%-- <% never %> --%>b', 'ab'), (u'', ''),
    (u'<% x = 3 %><%= x %>', '3'), (u'a\r\nb', 'a\nb'),
    (u'<%\nfor n in range(3):\n%><%= n %>,<%\n# end\n%>end', '0,1,2,end'),
    (u'<%\nfor n in range(2):\n    # this indent stays\n%>x<%\n\n%>y', 'xxy'),
    (u'<% for n in range(2):\n%>x<% y = n %><%= y %><%\n#\n%>z', 'x0x1z'),
    (u'<%\nif 0:\n%>a<%\nelse:\n%>b<%\n#\n%>c', 'bc'),
    (u'<%\nif 1:\n    if 1:\n%>a<%\n    else:\n%>b<%\n#\n%>c', 'ac'),
    (u'<%\ndef f(n):\n    return n * 2\n\nx = f(3)\n%><%= x %>', '6'),
    (u'<%\nx = """\n  two\n"""\n%><%= x %>', '\n  two\n'),
    (u'<% if 1: %>a<%\n#\n%>b', None), (u'<%= "%d" % 3 %>', '3'),
    (u'<%\nif 1:   \n%>a<%\n#note:\n%>b', 'ab'),
    (u'<%\nfor a in "12":\n\tfor b in "34":\n%><%= a + b %> <%\n\tc = 1\n%>;<%\n#\n%>',
     '13 14 ;23 24 ;'),
])
def test_a_page_is_python(source, said):
    if said is None:
        with pytest.raises(SyntaxError):
            page(source)
    else:
        assert page(source) == said


@pytest.mark.parametrize('source', [u'a <% b', u'<%= 1', u'<%-- x %>', u'<%@ other %>',
                                    u'<%@ include file="x" %>'])
def test_a_page_that_is_none_is_a_fault(source):
    with pytest.raises(PageFault):
        python_of(source)


def test_a_fault_has_its_line():
    with pytest.raises(PageFault) as caught:
        python_of(u'one\ntwo\n<% three')
    assert 'line 3' in str(caught.value)


def test_pages_are_included(tmpdir):
    tmpdir.join('sub', 'in.psp').write('<i><%= 2 %><%@ include file="more.psp" %></i>', ensure=True)
    tmpdir.join('sub', 'more.psp').write('more')
    source = python_of(u'a<%@ include file="sub/in.psp" %>b', str(tmpdir))
    names = {'req': Request()}
    exec(compile(source, 'page', 'exec'), names)
    assert ''.join(names['req'].said) == 'a<i>2more</i>b'


def test_includes_have_an_end(tmpdir):
    tmpdir.join('self.psp').write('<%@ include file="self.psp" %>')
    with pytest.raises(PageFault):
        python_of(u'<%@ include file="self.psp" %>', str(tmpdir))


def test_includes_are_counted(tmpdir, monkeypatch):
    monkeypatch.setattr(pagesource, 'MAX_INCLUDES', 2)
    tmpdir.join('in.psp').write('x')
    with pytest.raises(PageFault):
        python_of(u'<%@ include file="in.psp" %>' * 3, str(tmpdir))


def made(tmpdir, files, more='', handler='mod_python.psp'):
    return SiteKit(tmpdir.mkdir('site'), files, handler=handler, more=more)


def test_a_file_is_a_page(tmpdir):
    site = made(tmpdir, {'a.psp': u'<%\nimport near\n%><p><%= near.word %> <%= req.args %></p>'
                                  u'<%= form.getfirst("x", "-") %>', 'near.py': 'word = "near"\n'})
    answer = site.ask('/a.psp?x=1')
    assert answer.body == b'<p>near x=1</p>1'
    assert answer.fields['content-type'] == ['text/html']
    assert site.ask('/none.psp').status == 404


def test_text_is_in_utf_8(tmpdir):
    site = made(tmpdir, {})
    site.root.join('a.psp').write_binary(u'caf\xe9 <%= escape("<\xe9") %>'.encode('utf-8'))
    assert site.ask('/a.psp').body == u'caf\xe9 &lt;\xe9'.encode('utf-8')


def test_a_session_is_made_and_kept(tmpdir):
    site = made(tmpdir, {'a.psp': '<%\nsession["n"] = session.get("n", 0) + 1\n%>'
                                  '<%= session["n"] %>'})
    cookie = site.ask('/a.psp').fields['set-cookie'][0].partition(';')[0]
    assert site.ask('/a.psp', cookie=cookie).body == b'2'


def test_a_page_without_the_name_has_no_session(tmpdir):
    site = made(tmpdir, {'a.psp': 'x'})
    assert 'set-cookie' not in site.ask('/a.psp').fields


def test_a_changed_page_is_read_again(tmpdir):
    site = made(tmpdir, {'a.psp': 'one'})
    assert site.ask('/a.psp').body == b'one'
    site.root.join('a.psp').write('other one')
    assert site.ask('/a.psp').body == b'other one'


def test_a_page_is_compiled_once(tmpdir, monkeypatch):
    site = made(tmpdir, {'a.psp': 'one'})
    site.ask('/a.psp')
    monkeypatch.setattr(psppages, 'python_of', lambda *args: pytest.fail('compiled again'))
    assert site.ask('/a.psp').body == b'one'


def test_kept_pages_are_counted(tmpdir, monkeypatch):
    monkeypatch.setattr(psppages, 'MAX_KEPT', 1)
    site = made(tmpdir, {'a.psp': 'one', 'b.psp': 'two'})
    assert [site.ask('/%s.psp' % name).body for name in 'aba'] == [b'one', b'two', b'one']


def test_an_error_page_is_shown(tmpdir):
    site = made(tmpdir, {'a.psp': 'begun<%\npsp.set_error_page("error.psp")\n1 // 0\n%>',
                         'error.psp': ' <%= exception[0].__name__ %>'})
    assert site.ask('/a.psp').body == b'begun ZeroDivisionError'


def test_an_error_without_a_page_is_500(tmpdir, expect_log):
    expect_log('ZeroDivisionError')
    assert made(tmpdir, {'a.psp': '<% 1 // 0 %>'}).ask('/a.psp').status == 500


def test_a_page_redirects_and_applies_a_form(tmpdir):
    site = made(tmpdir, {'a.psp': '<% psp.redirect("/b.psp") %>',
                         'b.psp': '<%\ndef f(x, req):\n    return x * 2\n#\n%>'
                                  '<%= psp.apply_data(f) %>'})
    assert site.ask('/a.psp').fields['location'] == ['/b.psp']
    assert site.ask('/b.psp?x=ab&y=1').body == b'abab'


def test_the_source_is_shown_with_debug_alone(tmpdir, expect_log):
    site = made(tmpdir, {'a.psp': '<b><%= 1 %></b>'}, more='PythonDebug On')
    answer = site.ask('/a.psp_').body
    assert b'&lt;b&gt;' in answer
    assert b'req.write(str(1), 0)' in answer
    site.root.join('.htaccess').write('PythonDebug Off\n')
    assert site.ask('/a.psp_').status == 404


TEMPLATE = '''
from mod_python import psp
def handler(req):
    req.content_type = 'text/html'
    psp.PSP(req, 'page.html', vars={'name': req.args}).run({'more': '!'})
    psp.PSP(req, string='<%= name %>', vars={'name': 'string'}).run()
    return 0
'''


def test_a_handler_fills_a_template(tmpdir):
    site = made(tmpdir, {'page.py': TEMPLATE, 'page.html': 'Hello, <%= name %><%= more %> '},
                handler='page')
    assert site.ask('/?you').body == b'Hello, you! string'


def test_a_published_page_is_shown(tmpdir):
    site = made(tmpdir, {'page.py': 'from mod_python import psp\n'
                                    'def show(req):\n    return psp.PSP(req, string="<b>x</b>")\n'},
                handler='mod_python.publisher')
    assert site.ask('/page/show').body == b'<b>x</b>'


def test_a_page_and_a_file_are_one_too_many():
    with pytest.raises(ValueError):
        psppages.PSP(None, 'a', 'b')


def test_source_is_made_python(tmpdir):
    path = tmpdir.join('a.psp')
    path.write('a<%= 1 %>')
    assert psppages.parse('a.psp', str(tmpdir)) == psppages.parsestring('a<%= 1 %>')
