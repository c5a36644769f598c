# Copyright the carryall authors.  See LICENSE.
"""Tests of the project itself: its layout, its checks, its runner, its packaging."""
