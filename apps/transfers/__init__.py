# Copyright the carryall authors.  See LICENSE.
"""Parts of programs that fetch files: files that appear when they are complete, and progress."""
from __future__ import absolute_import, division, print_function

from carryall.apps.transfers.partfile import MAX_TAG, PartFile
from carryall.apps.transfers.progress import Progress

__all__ = ['MAX_TAG', 'PartFile', 'Progress']
