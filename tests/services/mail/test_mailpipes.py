# Copyright the carryall authors.  See LICENSE.
"""A named pipe in the place of a file of the mail service is an error at once."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.services.mail.aliases import Aliases
from carryall.services.mail.mx import system_servers
from tests.support.pipes import make_pipe


@pytest.fixture
def pipe(tmpdir):
    """A named pipe to which no one writes."""
    return make_pipe(str(tmpdir), 'pipe')


def test_a_pipe_is_no_file_of_aliases(pipe):
    with pytest.raises(UsageError):
        Aliases(pipe).load()


def test_a_pipe_is_no_list_that_aliases_include(tmpdir, pipe):
    aliases = tmpdir.join('aliases')
    aliases.write(b'choir: :include:pipe\n', 'wb')
    with pytest.raises(UsageError):
        Aliases(str(aliases)).load()


def test_a_pipe_names_no_servers_of_the_system(pipe):
    assert system_servers(pipe) == []
