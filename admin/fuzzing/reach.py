# Copyright the carryall authors.  See LICENSE.
"""Which code a call reaches: pairs of lines that follow each other,
in the files that are watched."""
import os
import sys

from admin.suite import ROOT


class Reach:
    """Args:     watched: beginnings of paths below the checkout."""

    def __init__(self, watched):
        self._watched = tuple(os.path.join(ROOT, *each.split('/')) for each in watched)
        self._codes = {}            # code -> whether it is watched
        self._found = set()

    def of(self, call, *args):
        """(what it returned, the set of what it reached); it raises what the call raises."""
        self._found = set()
        sys.settrace(self._enter)
        try:
            result = call(*args)
        finally:
            sys.settrace(None)
        return result, self._found

    def _enter(self, frame, _event, _arg):
        code = frame.f_code
        wanted = self._codes.get(code)
        if wanted is None:
            wanted = os.path.realpath(code.co_filename).startswith(self._watched)
            self._codes[code] = wanted
        if not wanted:
            return None
        found = self._found
        last = [0]

        def line(frame, event, _arg):
            if event == 'line':
                now = frame.f_lineno
                found.add((code, last[0], now))
                last[0] = now
            return line

        return line
