# Copyright the carryall authors.  See LICENSE.
"""The options of the web service (features WEB-01, WEB-04, WEB-19)."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.app.optionvalues import plain
from carryall.core.errors import UsageError
from carryall.services.web.options import SCHEMA, endpoints_of
from carryall.services.web.service import TYPE


def _endpoints(*words):
    return [endpoint.text() for endpoint in endpoints_of(SCHEMA.parse(words))]


@pytest.mark.parametrize('words, expected', [
    ([], [u'tcp:8080:interface=127.0.0.1']), (['-p', '0'], [u'tcp:0:interface=127.0.0.1']),
    (['--port=80'], [u'tcp:80:interface=127.0.0.1']),
    (['-p', 'tcp:80'], [u'tcp:80:interface=127.0.0.1']),
    (['-p', 'tcp:80:interface=0.0.0.0'], [u'tcp:80:interface=0.0.0.0']),
    (['--interface', '0.0.0.0'], [u'tcp:8080:interface=0.0.0.0']),
    (['--interface', '[::]', '-p81'], [u'tcp:81:interface=[::]']),
    (['--interface', 'localhost'], [u'tcp:8080:interface=127.0.0.1']),
    (['-p', 'unix:/run/w.sock'], [u'unix:/run/w.sock']),
    (['-p', '[::1]:80', '-p', '80'], [u'tcp:80:interface=[::1]', u'tcp:80:interface=127.0.0.1'])])
def test_the_default_endpoint_is_local(words, expected):
    """Loopback unless asked otherwise, by the endpoint or for all of them."""
    if words[-1:] == ['unix:/run/w.sock'] and os.sep != '/':
        expected = [u'unix:' + os.path.abspath(u'/run/w.sock')]
    assert _endpoints(*words) == expected, words
    assert TYPE.endpoints(SCHEMA.parse(words)) == expected, 'as the type says it'


def test_spellings_of_twisted_still_work():
    """The spellings of Twisted's manuals still work."""
    here = os.path.abspath(u'static')
    assert SCHEMA.parse(['--path', 'static']).path == here, 'path'
    assert SCHEMA.parse(['--static', 'static']).path == here, 'path'
    assert SCHEMA.parse(['--allow_ignore_ext']).allow_ignore_ext is True, 'underscores'
    assert (SCHEMA.parse(['--mime_type', '.x=text/x', '-m', 'text/html']).mime_type
            == [u'.x=text/x', u'text/html']), 'types'
    assert SCHEMA.parse(['-i', 'a', '--index', 'b']).index == [u'a', u'b'], 'index'
    assert SCHEMA.parse(['-l', 'a.log']).logfile == os.path.abspath(u'a.log'), 'log'
    assert SCHEMA.parse(['-p', '80']).path == os.path.abspath(u'.'), 'this folder'
    assert SCHEMA.parse([]).path is None, 'a page of widgets'
    assert SCHEMA.parse(['-t', '8081']).telnet == 8081, 'a console'
    assert SCHEMA.parse(['-n']).notracebacks is True, 'tracebacks'
    assert SCHEMA.parse(['--resource_script', 'x']).path is None, 'a script'
    assert SCHEMA.parse(['--class', 'twisted.web.test.Test']).path is None, 'a class'
    assert SCHEMA.parse(['--processor', '.x=a.B']).processor == [(u'.x', u'a.B')], 'a processor'


@pytest.mark.parametrize('words, instead', [
    (['--flashconduit', '843'], 'Flash'), (['-s', '8443'], '--https PORT')])
def test_seed_options_that_are_gone(words, instead):
    """Each says what to do instead."""
    with pytest.raises(UsageError) as caught:
        SCHEMA.parse(words)
    assert instead in caught.value.message
    assert 'no option' not in caught.value.message


@pytest.mark.parametrize('words', [
    ['-p', '65536'], ['-p', 'x'], ['-p', 'udp:80'], ['--interface', 'example.org'],
    ['--interface', '1.2.3'], ['--interface', '127.0.0.1:80'],
    ['-i', 'a/b'], ['-i', '..'], ['-i', ''], ['-m', 'x'], ['-m', '=text/html'],
    ['-m', '.=text/html'], ['-m', 'x=y'], ['--symlinks', 'maybe'],
    ['--log-format', 'xml'], ['--error-page', '200=x'], ['--error-page', '404'],
    ['--error-page', 'x=y'], ['--cache-control', 'x'],
    ['--max-connections', '0'], ['--max-per-address', '-1'], ['--telnet', '65536'],
    ['--telnet', 'x'], ['--telnet-password', 'x'], ['--class', 'a b'], ['--processor', 'a=b/c'],
    ['--processor', '.a'], ['--no-programs', '--processor', '.a=b:c'], ['--flashconduit'],
    ['--notracebacks', '--display-tracebacks'], ['--class', 'a.b', '--wsgi', 'a:b'],
    ['--class', 'a.b', '--path', 'x'], ['--resource-script', 'x', '--vhost', 'a=b'], ['folder']])
def test_wrong_words_are_refused_in_a_sentence(words):
    """One sentence, without a traceback; also for what is not there yet."""
    with pytest.raises(UsageError) as caught:
        SCHEMA.parse(words)
    assert caught.value.message, words
    assert u'\n' not in caught.value.message, words


WORDS = ['-p', '81', '-p', 'unix:/run/w', '--interface', '[::1]', '--path', 'x', '-i', 'a', '-m',
         'b=text/b;x="="', '-m', 'text/html;q=1', '--mime-types', 'm',
         '--ignore-ext', 'html', '--allow-ignore-ext', '--no-listing', '--dotfiles', '--symlinks',
         'owner', '--no-gzip', '--precompressed',
         '--cache-control', '*.css=max-age=60, public', '--download', '*.zip', '--error-page',
         '404=n.html', '-l', 'a.log', '--log-format', 'json',
         '--max-connections', '5', '--max-per-address', '2']


def test_the_values_of_a_tap_come_back():
    """Plain values, which are checked when they come back, and give the same command line."""
    values = SCHEMA.parse(WORDS)
    assert SCHEMA.complete(plain(values)) == values, 'complete'
    assert SCHEMA.parse(SCHEMA.words(values)) == values, 'words'
    assert SCHEMA.complete({}) == SCHEMA.parse([]), 'nothing'
    assert values.cache_control == [(u'*.css', u'max-age=60, public')], 'pairs'
    assert values.error_page == [(404, u'n.html')], 'pairs'


@pytest.mark.parametrize('key, value', [
    ('interface', u'x'), ('interface', u'[::1]'), ('interface', 1), ('index', [u'a/b']),
    ('mime_type', [u'x']), ('path', 1), ('gzip', 1), ('port', [u'80'])])
def test_bad_values_of_a_tap_are_refused(key, value):
    """A value that no command line gives."""
    with pytest.raises(UsageError):
        SCHEMA.complete({key: value})
