# Copyright the carryall authors.  See LICENSE.
"""The manifests of a checkout, and what is generated from them."""
