# Copyright the carryall authors.  See LICENSE.
"""The queue on the disk."""
from __future__ import absolute_import, division, print_function

import os

from carryall.services.mail.queue import MailQueue
from tests.services.mail.test_envelope import envelope


def test_a_message_survives_a_restart(tmpdir):
    queue = MailQueue(str(tmpdir.join('q')))
    assert queue.recover() == []
    waiting, path = queue.put(envelope('1.a.h'), sync=True)
    assert os.path.exists(path)
    assert waiting.left == [0, 1]
    assert queue.message(waiting) == envelope().message
    waiting.left = [1]
    waiting.attempts = 3
    waiting.due = 99.5
    waiting.warned = True
    queue.save(waiting)
    queue.put(envelope('2.a.h'))
    first, second = MailQueue(queue.folder).recover()
    assert (first.name, first.left, first.attempts, first.due, first.warned) == ('1.a.h', [1], 3,
                                                                                 99.5, True)
    assert second.left == [0, 1]
    assert second.attempts == 0
    assert first.envelope.message == b''
    queue.remove(waiting)
    queue.remove(waiting)
    assert [one.name for one in MailQueue(queue.folder).recover()] == ['2.a.h']


def test_files_left_by_a_crash_are_recovered(tmpdir, expect_log):
    expect_log('cannot be read and stays')
    queue = MailQueue(str(tmpdir))
    queue.put(envelope('1.a.h'))
    for name, data in (('2.a.h.msg.new', b'half'), ('3.a.h.state', b'{}'),
                       ('1.a.h.state', b'{"left": [0, 7], broken'),
                       ('4.a.h.msg', b'not a envelope'),
                       ('note', b'?')):
        tmpdir.join(name).write_binary(data)
    assert [(one.name, one.left) for one in queue.recover()] == [('1.a.h', [0, 1])]
    assert sorted(os.listdir(str(tmpdir))) == ['1.a.h.msg', '1.a.h.state', '4.a.h.msg', 'note']
