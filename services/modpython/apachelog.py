# Copyright the carryall authors.  See LICENSE.
"""The log of handlers, with Apache's levels.

Tests:    tests/services/modpython/test_apacherequest.py
"""
from __future__ import absolute_import, division, print_function

import logging

from carryall.core.logs import get_logger
from carryall.services.modpython.apacheconstants import CONSTANTS

__all__ = ['log_error']

ERROR = CONSTANTS['APLOG_ERR']
# Apache's level, 0 to 7 -> ours
LEVELS = (logging.CRITICAL, logging.CRITICAL, logging.CRITICAL, logging.ERROR, logging.WARNING,
          logging.INFO, logging.INFO, logging.DEBUG)

log = get_logger('modpython')


def log_error(message, level=ERROR, server=None):
    # type: (str, int, Any) -> None
    """Writes *message*; *level* is one of APLOG_EMERG to APLOG_DEBUG, with APLOG_NOERRNO or not."""
    log.log(LEVELS[level & 7], '%s', message)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
