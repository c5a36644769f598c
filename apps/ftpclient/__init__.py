# Copyright the carryall authors.  See LICENSE.
"""The FTP clients: transfers to and from files, folders that are listed and mirrored."""
from __future__ import absolute_import, division, print_function

from carryall.apps.ftpclient.errands import Errand, fetch, listing, mirror, send

__all__ = ['Errand', 'fetch', 'listing', 'mirror', 'send']
