# Copyright the carryall authors.  See LICENSE.
"""FingerServer: finger for people that a test makes up.

Tests:    tests/house/testservers/test_fingerserver.py
"""
from __future__ import absolute_import, division, print_function

import io
import os
import shutil
import tempfile

from carryall.core.compat import text_type, to_bytes
from carryall.testservers.anyserver import TypeServer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

__all__ = ['FingerServer']


class FingerServer(TypeServer):
    """A finger server for people that the test makes up."""

    type_name = 'finger'
    name = 'finger_server'
    scheme = 'finger'
    options = {'words': None}

    def __init__(self, runner=None, **options):
        # type: (Any, **Any) -> None
        TypeServer.__init__(self, runner, **options)
        self._folder = None         # type: Optional[str]

    def words(self):
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix='carryall-people-')
        return TypeServer.words(self) + [u'--folder', text_type(self._folder), u'--list']

    def add(self, login, name=u'', plan=u'', project=u''):
        # type: (Any, Any, Any, Any) -> None
        """One more person."""
        self.number
        folder = os.path.join(str(self._folder), str(login))
        if not os.path.isdir(folder):
            os.mkdir(folder)
        for key, value in (('name', name), ('plan', plan), ('project', project)):
            if value:
                with io.open(os.path.join(folder, key), 'wb') as target:
                    target.write(to_bytes(value))

    def close(self):
        try:
            TypeServer.close(self)
        finally:
            folder, self._folder = self._folder, None
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
