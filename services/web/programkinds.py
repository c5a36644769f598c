# Copyright the carryall authors.  See LICENSE.
"""Modules with the kinds of programs that the web server runs.

Written by ``admin/manifests`` from the manifests; ``admin/check catalogue`` compares.

Tests:    tests/services/web/test_programs.py
"""
from __future__ import absolute_import, division, print_function

from carryall.services.cgi import cgiprograms
from carryall.services.fastcgi import phpprograms
from carryall.services.scgi import scgiprograms
from carryall.services.uwsgi import uwsgiprograms
from carryall.services.modpython import pypprograms
from carryall.services.scripts import epyprograms
from carryall.services.scripts import rpyprograms
from carryall.services.scripts import trpprograms
from carryall.services.scripts import wsgiprograms
from carryall.services.scripts import asgiprograms
from carryall.services.scripts import fileclasses

__all__ = ['KINDS']

KINDS = (
    cgiprograms,
    phpprograms,
    scgiprograms,
    uwsgiprograms,
    pypprograms,
    epyprograms,
    rpyprograms,
    trpprograms,
    wsgiprograms,
    asgiprograms,
    fileclasses,
)         # type: Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
