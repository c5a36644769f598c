# Copyright the carryall authors.  See LICENSE.
"""What an application is made of: options, endpoints, services, taps, and the registry of types."""
