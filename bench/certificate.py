# Copyright the carryall authors.  See LICENSE.
"""The certificate that every side of a bench over TLS has."""
from __future__ import absolute_import, division, print_function

import io
import os
import time

from bench import process
from carryall.core.tls.authority import self_signed

PATH = os.path.join(process.BUILD, 'bench-files', 'localhost.pem')
OLD_SECONDS = 30 * 86400


def path():
    """The path of a PEM with certificate and key for localhost, made if there is none,
    or an old one."""
    if not os.path.exists(PATH) or os.path.getmtime(PATH) < time.time() - OLD_SECONDS:
        if not os.path.isdir(os.path.dirname(PATH)):
            os.makedirs(os.path.dirname(PATH))
        made = self_signed([u'localhost', u'127.0.0.1'], time.time())
        with io.open(PATH, 'wb') as target:
            target.write(made.certificate + made.key)
    return PATH
