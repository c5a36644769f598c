# Copyright the carryall authors.  See LICENSE.
"""Resources: trees of objects that answer requests, beside the plain callable.

    from carryall.services.resources import Resource

Objects with the names of Twisted's resources work in the same places.
"""
from __future__ import absolute_import, division, print_function

from carryall.services.resources.pagerequest import NOT_DONE_YET, PageRequest
from carryall.services.resources.resourcetree import (ErrorPage, Page, Redirect, Resource, adapted,
                                                      render_at)

__all__ = ['ErrorPage', 'NOT_DONE_YET', 'Page', 'PageRequest', 'Redirect', 'Resource', 'adapted',
           'render_at']
