# Copyright the carryall authors.  See LICENSE.
"""Modules for the JVM alone: channels of java.nio, streams of java.net.

Imported on Jython only.
"""
