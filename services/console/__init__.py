# Copyright the carryall authors.  See LICENSE.
"""The Python console: an interpreter that serves over Telnet.

    outputs          sends the output of print() in each session to its own client
    interpreter      runs source in a thread that Ctrl-C can interrupt
    namecompletion   finds the candidates for the Tab key
    explorer         the read-only shell
    editor           edits the line that is typed
    session          one client: login, prompt, line, output
    service          the service type ``telnet``
"""
