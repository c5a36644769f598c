# Copyright the carryall authors.  See LICENSE.
"""Filters of mod_python (feature MPY-14)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.modpython import pagefilters
from tests.services.modpython.sitekit import SiteKit

SOURCE = '''
def handler(req):
    req.headers_out['Content-Length'] = '3'
    req.write('one ')
    req.write('two ')
    req.write(req.read())
    return 0
def outputfilter(filter):
    data = filter.read()
    while data:
        filter.write(data.upper())
        data = filter.read()
    if data is None:
        filter.write('END')
        filter.close()
inputfilter = outputfilter
def lines(filter):
    line = filter.readline()
    while line:
        filter.write(b'>' + line)
        line = filter.readline()
def only_first(filter):
    filter.pass_on()
    filter.disable()
def late(filter):
    filter.close()
    filter.write('x')
def own(req):
    req.register_output_filter('OWN', lines)
    req.add_output_filter('OWN')
    req.register_input_filter('IN', 'page::inputfilter')
    req.add_input_filter('in')
    req.write(req.read())
    return 0
def facts(filter):
    filter.pass_on()
    filter.write('%s %s %s %d;' % (filter.name, filter.handler, filter.req.uri, filter.is_input))
    filter.flush()
'''
CONFIG = 'PythonOutputFilter page SHOUT\nPythonInputFilter page SHOUT\n'


def made(tmpdir, more, handler='page'):
    return SiteKit(tmpdir.mkdir('site'), {'page.py': SOURCE}, handler=handler, more=more)


@pytest.mark.parametrize('more, target, body', [
    (CONFIG, '/', b'one two body\n'),
    (CONFIG + 'SetOutputFilter SHOUT', '/', b'ONE TWO BODY\nEND'),
    (CONFIG + 'SetInputFilter shout', '/', b'one two BODY\nEND'),
    (CONFIG + 'AddOutputFilter SHOUT .txt', '/x.txt', b'ONE TWO BODY\nEND'),
    (CONFIG + 'AddOutputFilter SHOUT .txt', '/x', b'one two body\n'),
    (CONFIG + 'PythonOutputFilter page::lines L\nSetOutputFilter SHOUT;L', '/',
     b'>ONE >TWO >BODY\n>END'),
    ('PythonOutputFilter page::only_first F\nSetOutputFilter F', '/', b'one two body\n'),
])
def test_octets_pass_filters(tmpdir, more, target, body):
    assert made(tmpdir, more).ask(target, 'POST', b'body\n').body == body


def test_the_length_of_the_handler_does_not_count_behind_a_filter(tmpdir):
    answer = made(tmpdir, CONFIG + 'SetOutputFilter SHOUT').ask('/')
    assert answer.body == b'ONE TWO END'
    assert 'content-length' not in answer.fields


def test_a_request_has_filters_of_its_own(tmpdir):
    assert made(tmpdir, '', 'page::own').ask('/', 'POST', b'a\nb').body == b'>A\n>BEND'


def test_a_filter_knows_its_place(tmpdir):
    site = made(tmpdir, 'PythonOutputFilter page::facts F\nSetOutputFilter F')
    assert site.ask('/u').body.startswith(b'one F page::facts /u 0;two ')


def test_an_unknown_filter_is_500(tmpdir, expect_log):
    expect_log('the filter DEFLATE is unknown')
    assert made(tmpdir, 'SetOutputFilter DEFLATE').ask('/').status == 500


def test_filters_are_counted(tmpdir, expect_log, monkeypatch):
    monkeypatch.setattr(pagefilters, 'MAX_FILTERS', 1)
    expect_log('one too many')
    assert made(tmpdir, CONFIG + 'SetOutputFilter SHOUT;SHOUT').ask('/').status == 500


def test_a_filter_does_not_write_behind_its_end(tmpdir, expect_log):
    expect_log('is closed')
    assert made(tmpdir, 'PythonOutputFilter page::late F\nSetOutputFilter F').ask('/').status == 500
