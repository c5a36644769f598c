# Copyright the carryall authors.  See LICENSE.
"""Small files are read up to their bound, or refused in a sentence."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import CarryallError, UsageError
from carryall.core.files.smallfile import read_small, read_small_text


def test_a_file_of_the_bound_is_read(tmpdir):
    """Octet for octet."""
    path = tmpdir.join('x')
    path.write_binary(b'a\r\n\xff')
    assert read_small(str(path), 4) == b'a\r\n\xff'


def test_one_octet_more_is_refused(tmpdir):
    """The sentence says how many there may be."""
    path = tmpdir.join('x')
    path.write_binary(b'12345')
    with pytest.raises(UsageError) as caught:
        read_small(str(path), 4)
    assert caught.value.message == u'%s has more than 4 bytes' % path


def test_a_missing_file_is_told(tmpdir):
    """With the system's reason."""
    with pytest.raises(UsageError) as caught:
        read_small(str(tmpdir.join('none')))
    assert caught.value.message.startswith(u'%s cannot be read: ' % tmpdir.join('none'))
    assert 'Errno' not in caught.value.message


def test_a_folder_is_refused(tmpdir):
    """It is no regular file."""
    with pytest.raises(UsageError):
        read_small(str(tmpdir))


def test_text_is_utf_8(tmpdir):
    """Anything else is refused."""
    path = tmpdir.join('x')
    path.write_binary(u'gr\xfc\xdfe\n'.encode('utf-8'))
    assert read_small_text(str(path)) == u'gr\xfc\xdfe\n'
    path.write_binary(b'\xff')
    with pytest.raises(UsageError) as caught:
        read_small_text(str(path))
    assert caught.value.message == u'%s is not UTF-8' % path


def test_the_caller_names_the_file_and_the_error(tmpdir):
    """A password file has an error of its own."""
    with pytest.raises(CarryallError) as caught:
        read_small(str(tmpdir.join('none')), 1, u'the password file', CarryallError)
    assert type(caught.value) is CarryallError
    assert caught.value.message.startswith(u'the password file %s cannot be read: ' % tmpdir.join(
        'none'))
