# -*- coding: utf-8 -*-
# Copyright the carryall authors.  See LICENSE.
"""Scripts of CGI in this process (feature MPY-11)."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from carryall.services.modpython import cgireplacement, cgiscripts
from tests.services.modpython.sitekit import SiteKit

HEAD = '# -*- coding: utf-8 -*-\nfrom __future__ import print_function\nimport sys, os, cgi\n'
TYPE = 'print("Content-Type: text/plain\\n")\n'
FORM = HEAD + TYPE + '''
form = cgi.FieldStorage(keep_blank_values=1)
print(sorted(form.keys()), form.getvalue('a'), form.getfirst('a'), form.getlist('b'), len(form),
      'a' in form, form.getvalue('none', 'no'))
'''
FILES = HEAD + TYPE + '''
form = cgi.FieldStorage()
part = form['f']
print(part.filename, part.type, len(part.file.read()), part.value == b'\\0\\xff', form['t'].value)
'''
BOUNDARY = (b'--b\r\nContent-Disposition: form-data; name="t"\r\n\r\ntext\r\n'
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="x.bin"\r\n'
            b'Content-Type: application/x-own\r\n\r\n\0\xff\r\n--b--\r\n')


def made(tmpdir, script, more='', **files):
    named = dict((name.replace('_py', '.py'), text) for name, text in files.items())
    named['script.cgi'] = script
    return SiteKit(tmpdir.mkdir('site'), named, handler='mod_python.cgihandler', more=more)


def test_a_script_prints_its_page(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'print("Hello", os.environ["QUERY_STRING"], __name__)\n')
    answer = site.ask('/script.cgi?a=1')
    assert answer.body == b'Hello a=1 __main__\n'
    assert answer.fields['content-type'] == ['text/plain']
    assert answer.status == 200


def test_a_script_has_the_variables_of_cgi(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'for name in ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO",'
                '"GATEWAY_INTERFACE", "HTTP_X_OWN", "SERVER_PROTOCOL"):\n'
                '    print(os.environ[name])\n')
    assert site.ask('/script.cgi/more', x_own='yes').body.split() == [
        b'GET', b'/script.cgi', b'/more', b'Python-CGI/1.1', b'yes', b'HTTP/1.1']


def test_the_environment_is_that_of_the_script_alone(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'os.environ["OWN"] = "1"\nprint("HOME" in os.environ)\n')
    assert site.ask('/script.cgi').body == b'False\n'
    assert 'OWN' not in os.environ


def test_a_script_reads_its_body(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'print(repr(sys.stdin.readline()), len(sys.stdin.read()))\n')
    assert site.ask('/script.cgi', 'POST', b'one\nrest').body == b"'one\\n' 4\n"


def test_a_script_has_its_form(tmpdir):
    site = made(tmpdir, FORM)
    wanted = b"['a', 'b', 'c'] 1 1 ['2', '3'] 3 True no\n"
    assert site.ask('/script.cgi?a=1&b=2&b=3&c=').body == wanted
    assert site.ask('/script.cgi?b=3&c=', 'POST', b'a=1&b=2',
                    CONTENT_TYPE='application/x-www-form-urlencoded').body == wanted


def test_a_script_has_the_files_of_its_form(tmpdir):
    site = made(tmpdir, FILES)
    assert site.ask('/script.cgi', 'POST', BOUNDARY, CONTENT_TYPE='multipart/form-data; boundary=b'
                    ).body == b'x.bin application/x-own 2 True text\n'


def test_a_body_of_another_type_is_octets(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'form = cgi.FieldStorage()\n'
                'print(form.list, len(form.value), form.file.read(1) == b"{")\n')
    assert site.ask('/script.cgi', 'POST', b'{}', CONTENT_TYPE='application/json'
                    ).body == b'None 2 True\n'


def test_a_form_that_is_too_large_is_500(tmpdir, expect_log, monkeypatch):
    monkeypatch.setattr(cgireplacement, 'MAX_FIELDS', 2)
    expect_log('Max number of fields')
    assert made(tmpdir, FORM).ask('/script.cgi?a=1&b=2&c=3').status == 500


def test_a_body_that_is_too_large_is_500(tmpdir, expect_log, monkeypatch):
    monkeypatch.setattr(cgireplacement, 'MAX_BODY', 2)
    expect_log('the body is larger')
    site = made(tmpdir, HEAD + 'cgi.FieldStorage()\n')
    assert site.ask('/script.cgi', 'POST', b'long', CONTENT_TYPE='text/x').status == 500


def test_other_functions_of_cgi(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'print(cgi.escape("<&\\""), cgi.escape("\\"", 1))\n'
                'print(sorted(cgi.parse().items()), cgi.parse_header("a/b; C=\\"d\\""))\n'
                'print(cgi.parse_qs("a=1&a=2"), cgi.parse_qsl("a=&b=1"))\n'
                'cgi.print_form(cgi.FieldStorage())\ncgi.print_environ({"A": "<"})\n')
    lines = site.ask('/script.cgi?q=1').body.split(b'\n')
    assert lines[0] == b'&lt;&amp;" &quot;'
    assert lines[1] == b"[('q', ['1'])] ('a/b', {'c': 'd'})"
    assert lines[2] == b"{'a': ['1', '2']} [('b', '1')]"
    assert lines[4].startswith(b'<dt>q</dt>')
    assert lines[7] == b'<dt>A</dt><dd>&lt;</dd>'


@pytest.mark.parametrize('head, status, location', [
    ('Status: 404 Not Found\\nContent-Type: text/plain', 404, None),
    ('Location: http://other.example/', 302, ['http://other.example/']),
    ('Location: //other.example/', 302, ['//other.example/']),
    ('Status: 301\\nLocation: /x', 301, ['/x']),
    ('X-Own: 1\\r\\nContent-Type: text/x', 200, None),
])
def test_a_script_says_its_status(tmpdir, head, status, location):
    site = made(tmpdir, HEAD + 'sys.stdout.write("%s\\n\\nbody")\n' % head)
    answer = site.ask('/script.cgi')
    assert answer.status == status
    assert answer.fields.get('location') == location


def test_a_local_location_is_shown_inside(tmpdir):
    site = made(tmpdir, HEAD + 'print("Location: /other.cgi?x=1\\n")\n')
    site.root.join('other.cgi').write(HEAD + TYPE + 'print("other", os.environ["QUERY_STRING"])\n')
    assert site.ask('/script.cgi').body == b'other x=1\n'


@pytest.mark.parametrize('script, told', [
    ('pass', 'no header section'), (HEAD + 'print("no field\\n")', 'no header field'),
    ('1 // 0', 'ZeroDivisionError'), ('x = (', 'SyntaxError'),
])
def test_a_script_that_fails_is_500(tmpdir, script, told, expect_log):
    expect_log(told)
    assert made(tmpdir, script + '\n').ask('/script.cgi').status == 500


def test_an_endless_header_section_is_500(tmpdir, expect_log, monkeypatch):
    monkeypatch.setattr(cgiscripts, 'MAX_HEADER', 10)
    expect_log('longer than 10')
    assert made(tmpdir, HEAD + 'print("x" * 20)\n').ask('/script.cgi').status == 500


def test_a_script_may_end_itself(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'print("said")\nsys.exit(3)\n')
    assert site.ask('/script.cgi').body == b'said\n'


def test_a_traceback_is_shown_if_the_script_says_so(tmpdir, expect_log):
    expect_log('ZeroDivisionError')
    answer = made(tmpdir, 'import cgitb\ncgitb.enable()\n1 // 0\n').ask('/script.cgi')
    assert answer.status == 500
    assert b'ZeroDivisionError' in answer.body


def test_each_run_loads_its_modules(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'import near\nnear.seen.append(1)\nprint(len(near.seen))\n',
                near_py='seen = []\n')
    assert [site.ask('/script.cgi').body for _ in range(2)] == [b'1\n', b'1\n']


def test_a_script_opens_files_beside_it(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'with open("near.py") as f:\n    print(f.read())\n',
                near_py='text')
    assert site.ask('/script.cgi').body == b'text\n'


def test_the_streams_of_the_server_stay(tmpdir):
    site = made(tmpdir, HEAD + TYPE)
    usual = sys.stdout
    site.ask('/script.cgi')
    assert sys.stdout is usual or sys.stdout.usual_stream is usual


def test_a_missing_script_is_404(tmpdir):
    assert made(tmpdir, HEAD).ask('/other.cgi').status == 404


@pytest.mark.skipif(sys.version_info[0] == 2, reason='the streams of Python 3')
def test_octets_and_text_go_out_in_their_order(tmpdir):
    site = made(tmpdir, HEAD + TYPE + 'sys.stdout.write("caf\xe9 ")\n'
                'sys.stdout.buffer.write(b"\\xff")\nprint(len(sys.stdin.buffer.read()))\n')
    assert site.ask('/script.cgi', 'POST', b'\xff\xfe').body == b'caf\xc3\xa9 \xff2\n'
