# Copyright the carryall authors.  See LICENSE.
"""What runs on a JVM alone: channels of java.nio, streams of java.net.  Imported on Jython only."""
