# Copyright the carryall authors.  See LICENSE.
"""Modules of other packages that add to this service.

Written by ``admin/manifests`` from the manifests; ``admin/check catalogue`` compares.

Tests:    tests/house/test_manifests.py
"""
from __future__ import absolute_import, division, print_function

from carryall.services.console import webconsole
from carryall.services.distrib import weboptions
from carryall.services.resources import rootoptions

__all__ = ['ADDITIONS']

ADDITIONS = (webconsole, weboptions, rootoptions,)         # type: Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
