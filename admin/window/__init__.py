# Copyright the carryall authors.  See LICENSE.
"""``admin/runtests --window``: a run of the tests, shown while it goes on.

A child process runs the tests and writes events (admin/suite/events.py).  This package runs on
CPython, PyPy and Jython, so it keeps to the common subset of Python 2.7 and 3.

model       what the events say so far; pure
texts       the words that all views show; pure
children    the child processes: started, read without blocking, ended by their pids
session     the model and the children: run, rerun, stop, close
looks       colours, fonts and keys of the two windows
tkview      the window of Tk, on CPython and PyPy
swingview   the window of Swing, on Jython
textview    the terminal, also for screen readers
main        the choice of a view
"""
