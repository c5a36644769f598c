# Copyright the carryall authors.  See LICENSE.
"""Acceptance: real processes, foreign clients, every runtime; ``admin/accepttests`` runs it.

    stage.py    what a case works with: a scratch folder, processes with deadlines, foreign programs
    runner.py   finds the cases, runs each on each runtime, shows progress and the matrix
    cases/      one small file a case: its name, the rows of the feature table it proves,
                the programs it needs
    peers/      small programs that a case starts on other runtimes
"""
