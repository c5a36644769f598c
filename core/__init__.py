# Copyright the carryall authors.  See LICENSE.
"""The contracts that every part of carryall is written against, in pure Python.

Nothing here touches the operating system: no sockets, threads, signals or clocks.  What a module
needs of the machine is handed in as a loop (see ``carryall.core.net.loop``), and
``carryall.runtimes`` supplies the loops.
"""
