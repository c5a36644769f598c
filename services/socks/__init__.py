# Copyright the carryall authors.  See LICENSE.
"""The service type ``socks``."""
from __future__ import absolute_import, division, print_function

import warnings

from carryall.app.proxies import PASSWORD_VARIABLE
from carryall.app.proxies import environment_password as next_proxy_password
from carryall.services.socks.options import LISTENING, RuleText
from carryall.services.socks.service import TYPE, SOCKSService

__all__ = ['PASSWORD_VARIABLE', 'RuleText', 'SOCKSService', 'TYPE', 'endpoints_of',
           'next_proxy_password']


def endpoints_of(options, name='port'):
    # type: (Any, str) -> List[Any]
    """Deprecated: `endpoints` of ListeningOptions (app/listeningoptions.py)."""
    warnings.warn('endpoints_of is ListeningOptions.endpoints now', DeprecationWarning, 2)
    return [LISTENING.endpoint(getattr(options, name), options)]


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List
