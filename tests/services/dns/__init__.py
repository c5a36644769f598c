# Copyright the carryall authors.  See LICENSE.
