# Copyright the carryall authors.  See LICENSE.
"""The parts of an application: options, endpoints, services, taps, and the registry of types."""
