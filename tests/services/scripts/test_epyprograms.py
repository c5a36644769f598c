# Copyright the carryall authors.  See LICENSE.
"""Scripts that write a page: .epy."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall import runtimes
from carryall.core.future import as_future, with_timeout
from carryall.core.testing import VirtualLoop
from tests.services.scripts.scriptkit import Folder

FORM = [(b'Content-Type', b'application/x-www-form-urlencoded')]


def test_a_script_writes_a_page(folder):
    folder.write('test.epy', b'request.write("<p>hello</p>")\n')
    response = folder.ask(b'/test.epy')
    assert (response.status, response.body) == (200, b'<p>hello</p>')
    assert response.headers.get(b'content-type') == b'text/html'


def test_a_script_knows_its_file(folder):
    folder.write('test.epy', b'request.write(__file__)\n')
    assert folder.ask(b'/test.epy').body == str(folder.path.join('test.epy')).encode('utf-8')


def test_a_script_runs_for_each_request(folder):
    folder.write('test.epy', b'registry.count = getattr(registry, "count", 0) + 1\n'
                             b'request.write("%d" % registry.count)\n')
    assert [folder.ask(b'/test.epy').body for _ in range(3)] == [b'1', b'2', b'3']


def test_the_names_of_one_run_are_not_those_of_the_next(folder):
    folder.write('test.epy', b'request.write("%s" % ("seen" in globals()))\nseen = 1\n')
    assert [folder.ask(b'/test.epy').body for _ in range(2)] == [b'False', b'False']


def test_a_changed_script_is_read_again(folder):
    folder.write('test.epy', b'request.write("old")\n')
    folder.ask(b'/test.epy')
    folder.write('test.epy', b'request.write("newer")\n')
    assert folder.ask(b'/test.epy').body == b'newer'


def test_a_script_has_the_path_behind_its_name(folder):
    folder.write('test.epy', b'request.write("|".join(\n'
                             b'    [part.decode("ascii") for part in request.postpath]))\n')
    assert folder.ask(b'/test.epy/a/b').body == b'a|b'


def test_a_script_has_the_arguments_of_query_and_form(folder):
    folder.write('test.epy', b'request.write(repr(sorted(request.args.items())))\n')
    found = folder.ask(b'/test.epy?a=1', b'POST', b'b=2', FORM)
    assert found.body == b"[('a', ['1']), ('b', ['2'])]"


def test_a_script_that_fails_is_500(folder, expect_log):
    records = expect_log('failed')
    folder.write('test.epy', b'request.write("begun")\nsecret = 1 // 0\n')
    response = folder.ask(b'/test.epy')
    assert (response.status, response.body) == (500, b'500 Internal Server Error\n')
    assert records[0].exc_info[0] is ZeroDivisionError


def test_a_script_that_is_no_python_is_500(folder, expect_log):
    expect_log('failed')
    folder.write('test.epy', b'request.write(\n')
    assert folder.ask(b'/test.epy').status == 500


def test_a_traceback_is_shown_if_that_is_asked_for(tmpdir, expect_log):
    expect_log('failed')
    folder = Folder(tmpdir, VirtualLoop(), '--display-tracebacks')
    folder.write('test.epy', b'raise ValueError("<b>")\n')
    body = folder.ask(b'/test.epy').body
    assert b'ValueError: &lt;b&gt;' in body
    folder.close()


def test_a_script_that_everybody_may_change_does_not_run(folder, expect_log):
    expect_log('everybody may change it')
    folder.write('test.epy', b'request.write("run")\n')
    folder.path.join('test.epy').chmod(0o666)
    folder.programs.known.clear()
    assert folder.ask(b'/test.epy').status == 403


@pytest.mark.parametrize('source, status, body', [
    (b'request.write("on a thread")\n', 200, b'on a thread'),
    (b'1 // 0\n', 500, b'500 Internal Server Error\n'),
    (b'import time\ntime.sleep(1.5)\n', 504, b'504 Gateway Timeout\n'),
])
def test_a_script_has_a_thread_and_a_time_if_that_is_asked_for(tmpdir, expect_log, source, status,
                                                               body):
    if status == 500:
        expect_log('failed')
    loop = runtimes.choose()
    folder = Folder(tmpdir, loop, '--script-seconds', '1')
    folder.write('test.epy', source)
    answer = as_future(folder.begin(b'/test.epy'))
    response = loop.run_until(with_timeout(loop, answer, 20.0))
    folder.close()
    loop.close()
    assert (response.status, response.body) == (status, body)
