# Copyright the carryall authors.  See LICENSE.
"""xferlog."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.ftp import Account, TransferRecord
from carryall.services.ftp.transferlog import TransferLog, format_record

JULY = 1026072171.0         # 2002-07-07 20:02:51
ANNA = Account(u'anna', None)
NOBODY = Account(u'anonymous', None, anonymous=True, trace=u'me@here\nx')


def record(**given):
    values = dict(incoming=False, path=(b'pub', b'a'), octets=5, seconds=2.6, text=False,
                  complete=True, account=ANNA, host='192.0.2.1')
    values.update(given)
    return TransferRecord(**values)


@pytest.mark.parametrize('given, line', [
    ({}, b'Sun Jul  7 20:02:51 2002 3 192.0.2.1 5 /pub/a b _ o r anna ftp 0 * c\n'),
    ({'incoming': True, 'text': True, 'complete': False, 'seconds': 0.0},
     b'Sun Jul  7 20:02:51 2002 1 192.0.2.1 5 /pub/a a _ i r anna ftp 0 * i\n'),
    ({'account': NOBODY, 'path': (b'a b\n\x1b[2J\xff',)},
     b'Sun Jul  7 20:02:51 2002 3 192.0.2.1 5 /a_b__[2J\xff b _ o a me@here_x ftp 0 * c\n'),
    ({'account': None, 'host': ''},
     b'Sun Jul  7 20:02:51 2002 3 ? 5 /pub/a b _ o r ? ftp 0 * c\n')])
def test_a_record_has_the_xferlog_form(given, line):
    assert format_record(record(**given), JULY) == line, format_record(record(**given), JULY)


def test_the_log_file_is_appended_to(tmp_path):
    path = str(tmp_path / 'xferlog')
    log = TransferLog(path, lambda: JULY)
    log.transferred(record())
    os.rename(path, path + '.1')
    log.transferred(record())
    log.reopen()
    log.transferred(record(octets=7))
    log.close()
    assert (tmp_path / 'xferlog.1').read_bytes().count(b'\n') == 2 \
        and b' 7 /pub/a' in (tmp_path / 'xferlog').read_bytes(), 'lines'


def test_a_file_that_cannot_be(tmp_path, expect_log):
    with pytest.raises(UsageError):
        TransferLog(str(tmp_path / 'no' / 'where'), lambda: JULY)
    expect_log('cannot be written')
    log = TransferLog(str(tmp_path / 'xferlog'), lambda: JULY)
    log.close()
    log.transferred(record())           # the server goes on
