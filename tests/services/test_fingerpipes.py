# Copyright the carryall authors.  See LICENSE.
"""A named pipe in the place of a file of the finger service is an error at once."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.future import Future
from carryall.core.testing import VirtualLoop
from carryall.services.finger import service as finger
from tests.support.pipes import make_pipe


@pytest.fixture
def pipe(tmpdir):
    """A named pipe to which no one writes."""
    return make_pipe(str(tmpdir), 'pipe')


def test_a_pipe_is_no_whois_record(tmpdir, pipe):
    assert finger._Records(str(tmpdir), None)._read(u'pipe') == u'No match for pipe.\n'


def test_a_query_has_a_deadline(monkeypatch, tmpdir):
    loop = VirtualLoop()
    monkeypatch.setattr(loop, 'run_in_thread', lambda *_: Future())
    service = finger.FingerService(finger.SCHEMA.parse(['--folder', str(tmpdir), '-p', '0']))
    service.start(loop)
    answer = service.answer(u'ann', False, '192.0.2.1')
    loop.advance(finger.TELL_SECONDS + 1)
    assert answer.exception() is not None
    service.stop(0.0)
