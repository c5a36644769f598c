# Copyright the carryall authors.  See LICENSE.
"""A check for every client command: a file of ``--trust`` that is missing is told at once."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.runtimes import tls as providers

__all__ = ['WITH_TLS', 'complains_of_a_missing_file']

WITH_TLS = pytest.mark.skipif(providers.available() is not True, reason=str(providers.available()))


def complains_of_a_missing_file(folder, main, words):
    """If the command refuses its words because the file of ``--trust``, FILE, is missing."""
    path = str(folder.join('nope'))
    with pytest.raises(UsageError) as caught:
        main([path if word == 'FILE' else word for word in words])
    return 'nope' in caught.value.message
