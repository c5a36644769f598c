# Copyright the carryall authors.  See LICENSE.
"""The Python console: an interpreter that serves over Telnet (and later over what else carries
text).

    outputs      print() of each session goes to its own client
    interpreter  source in, values and output out, in a thread that Ctrl-C can interrupt
    completion   what the Tab key knows
    explorer     the read-only shell
    editor       the line that is being typed
    session      one client: login, prompt, line, output
    service      the service type ``telnet``
"""
